import { type Rule, legalPack, nationalRulePack } from '../src/index.js';

export const GUIDE_LANGUAGES = ['zh', 'en'] as const;
type Language = (typeof GUIDE_LANGUAGES)[number];

const ITEMS = '一二三四五六七八九';
const WORDS = {
  zh: {
    title: '规则一览',
    head: (count: number) => [
      `规则包 \`${nationalRulePack.id}\` ${nationalRulePack.version}，共 ${count} 条。本页由 \`pnpm gen:rules\` 按规则包生成，请勿手改。`,
      '每条规则给出的只是疑似线索：是否报告由医务人员决定。规则与文字尚未经临床与法律专家评审。',
      '',
      '“依据”中的“意见 4.N”指《关于建立侵害未成年人案件强制报告制度的意见（试行）》（高检发〔2020〕9号）第四条第 N 项；带“*”的条文尚未核对原文，不会在临床界面显示。',
      '本院怎样加自己的词、调整级别，见[写一条规则](write-a-rule.zh-CN.md)。',
    ],
    columns: ['规则', '线索', '级别', '法定', '依据', '来源'],
    levels: { red: '红', orange: '橙', yellow: '黄', none: '–' },
    statutory: '是',
    item: (situation: number) => `意见 4.${situation}（${ITEMS.charAt(situation - 1)}）`,
    separator: '；',
  },
  en: {
    title: 'The rules',
    head: (count: number) => [
      `Rule pack \`${nationalRulePack.id}\` ${nationalRulePack.version}, ${count} rules. \`pnpm gen:rules\` writes this page from the pack.`,
      'A rule gives a reason to look (疑似线索); whether to report, a clinician decides. Neither rules nor wording have been reviewed by clinical and legal experts.',
      '',
      'Red asks to report at once, orange to answer a few questions, yellow is a quiet badge. A *statutory* red is never lowered. *Opinion 4.N* is item N of article 4 of the',
      'Opinion 高检发〔2020〕9号 ([the law](law.md)); a text with `*` has not been compared with the original and is shown to no clinician.',
      '[Write a rule](write-a-rule.md) says how a hospital adds words and moves levels.',
    ],
    columns: ['rule', 'reason to look', 'level', 'statutory', 'law', 'source'],
    levels: { red: 'red', orange: 'orange', yellow: 'yellow', none: '–' },
    statutory: 'yes',
    item: (situation: number) => `Opinion 4.${situation}`,
    separator: '; ',
  },
} as const;

/** Where the guide of a language lies. */
export function guideFile(language: Language): URL {
  return new URL(`../../../docs/guides/rules${language === 'zh' ? '.zh-CN' : ''}.md`, import.meta.url);
}

/** The guide to the rules as the pack has them: each rule on one line with its law and its source. */
export function ruleGuide(language: Language): string {
  const { title, head, columns } = WORDS[language];
  const rules = [...nationalRulePack.rules].sort((a, b) => (a.id < b.id ? -1 : 1));
  return [
    `# ${title}`,
    '',
    ...head(rules.length),
    '',
    `| ${columns.join(' | ')} |`,
    `|${columns.map(() => '---|').join('')}`,
    ...rules.map((rule) => line(rule, language)),
    '',
  ].join('\n');
}

function line({ id, summary, levels, statutory, situations, legalBasis, source }: Rule, language: Language): string {
  const words = WORDS[language];
  const level = [...new Set(levels.map((choice) => words.levels[choice.level]))].join('/');
  const items = [...new Set(situations.map(({ situation }) => words.item(situation)))];
  const law = [...items, ...legalBasis.map(sentenceName)].join(words.separator);
  return `| ${[id, summary[language], level, statutory ? words.statutory : '', law, source].map(cell).join(' | ')} |`;
}

/** The law and article a sentence stands in. */
function sentenceName(id: string): string {
  const sentence = legalPack.sentences[id];
  if (sentence === undefined) return id;
  return `${sentence.source.title} ${sentence.source.article}${sentence.verified ? '' : '*'}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
