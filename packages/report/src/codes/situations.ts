import type { CodeEntry, CodeSystem } from './code-system.js';

/** What a recipient learns who may know the kind of harm and no more. */
export type HarmGroup = 'sexual' | 'violence' | 'neglect' | 'other';

export interface SituationEntry extends CodeEntry {
  readonly group: HarmGroup;
  /** The situation itself puts the child's guardianship in question. */
  readonly guardianship: boolean;
}
export interface HarmEntry extends CodeEntry {
  readonly group: HarmGroup;
}

const at = (item: number, group: HarmGroup, guardianship: boolean, zh: string, en: string): SituationEntry => ({
  code: `opinion-2020:4.${item}`,
  zh,
  en,
  group,
  guardianship,
  aliases: [`4.${item}`],
});

/** Article 4 of 高检发〔2020〕9号, in short words; the article's own sentences belong to the legal pack. */
export const SITUATIONS: CodeSystem<SituationEntry> = {
  id: 'opinion-2020',
  version: '2020-05-07',
  source: '关于建立侵害未成年人案件强制报告制度的意见（试行）第四条（一）至（九）项',
  entries: [
    at(1, 'sexual', false, '生殖器官或隐私部位疑似非正常损伤', 'suspected unusual injury of genitals or private parts'),
    at(2, 'sexual', false, '不满十四周岁女性疑似遭受性侵害、怀孕、流产', 'girl under 14: suspected sexual harm, pregnancy or abortion'),
    at(
      3,
      'sexual',
      false,
      '十四周岁以上女性未成年人疑似遭受性侵害所致怀孕、流产',
      'girl of 14 to 17: pregnancy or abortion, sexual harm suspected',
    ),
    at(4, 'violence', false, '多处损伤、严重营养不良、意识不清', 'several injuries, severe malnutrition or clouded consciousness'),
    at(
      5,
      'other',
      false,
      '自杀、自残、工伤、中毒等非正常原因伤残或死亡',
      'disabled or dead from suicide, self-harm, work, poisoning or another unnatural cause',
    ),
    at(6, 'neglect', true, '被遗弃或长期无人照料', 'abandoned or long without care'),
    at(7, 'other', true, '来源不明、失踪或被拐卖、收买', 'of unknown origin, missing, trafficked or bought'),
    at(8, 'other', true, '被组织乞讨', 'made to beg'),
    at(9, 'other', false, '其他严重侵害或正在面临危险', 'other grave harm, or danger at hand'),
  ],
};

/** Situations that a jurisdiction adds; this one is named by the rule for guardianship concern. */
export const LOCAL_SITUATIONS: CodeSystem<SituationEntry> = {
  id: 'local-situations',
  version: '1',
  source: 'zhida',
  entries: [
    {
      code: 'local:newborn-relinquished',
      zh: '新生儿被放弃抚养或拟送养',
      en: 'newborn given up',
      group: 'neglect',
      guardianship: true,
      aliases: ['newborn-relinquished', '放弃新生儿'],
    },
  ],
};

const harm = (code: string, group: HarmGroup, zh: string, en: string): HarmEntry => ({ code, zh, en, group });

export const HARM_TYPES: CodeSystem<HarmEntry> = {
  id: 'zhida-harm-types',
  version: '1',
  source: 'zhida',
  entries: [
    harm('physical', 'violence', '身体', 'physical'),
    harm('sexual', 'sexual', '性侵害', 'sexual'),
    harm('neglect', 'neglect', '忽视', 'neglect'),
    harm('emotional', 'other', '精神', 'emotional'),
    harm('abandonment', 'neglect', '遗弃', 'abandonment'),
    harm('trafficking', 'other', '拐卖', 'trafficking'),
    harm('begging', 'other', '乞讨', 'begging'),
    harm('self-harm', 'other', '自伤', 'self-harm'),
    harm('poisoning', 'other', '中毒', 'poisoning'),
    harm('drugging', 'violence', '被麻醉或下药', 'drugging'),
    harm('bullying', 'violence', '欺凌', 'bullying'),
    harm('labour', 'other', '童工或工伤', 'labour'),
  ],
};
