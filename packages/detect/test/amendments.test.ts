import { describe, expect, it } from 'vitest';
import { NOW, detector } from './support.js';

/** What practising users changed of the catalogue: each row is one amendment, by the level of a child it is about. */
interface Row {
  readonly why: string;
  readonly level: 'red' | 'orange' | 'quiet' | 'prompt';
  readonly birthDate: string;
  readonly sex?: 'female' | 'male';
  readonly section?: string;
  readonly text?: string;
  readonly more?: object;
}

const ROWS: readonly Row[] = [
  // too loud
  {
    why: 'a template’s 否认外伤史 does not make a fracture inconsistent',
    level: 'quiet',
    birthDate: '2019-03-01',
    section: 'past-history',
    text: '否认手术、外伤史',
    more: { conditions: [{ code: 'S52.500', text: '桡骨远端骨折' }] },
  },
  {
    why: 'one day and a village clinic before is a normal referral',
    level: 'quiet',
    birthDate: '2019-03-01',
    text: '1天前摔伤右前臂，卫生院已固定，今转来',
  },
  {
    why: 'a classmate who pushes once is orange at most',
    level: 'orange',
    birthDate: '2016-03-01',
    text: '课间被同学踢伤左小腿，局部青紫',
  },
  { why: 'sport is no assault', level: 'quiet', birthDate: '2014-03-01', text: '体育课踢足球时被同学踢到小腿，局部青紫' },
  {
    why: 'Z04.8 is any other observation',
    level: 'quiet',
    birthDate: '2014-03-01',
    more: { conditions: [{ code: 'Z04.800', text: '其他特指原因的检查和观察' }] },
  },
  {
    why: 'an HPV vaccine is none of our business',
    level: 'quiet',
    birthDate: '2013-03-01',
    text: '接种HPV疫苗第1针，无不适',
    more: { conditions: [{ code: 'Z29.100' }] },
  },
  { why: 'emergency contraception under 14', level: 'prompt', birthDate: '2013-03-01', text: '要求紧急避孕药' },
  {
    why: 'an insect bite coded S20 is no bruise',
    level: 'quiet',
    birthDate: '2024-03-01',
    text: '背部虫咬皮疹',
    more: { conditions: [{ code: 'S20.400' }] },
  },
  {
    why: 'superficial cutting is orange',
    level: 'orange',
    birthDate: '2011-03-01',
    text: '左前臂美工刀自行划伤，浅表平行划痕十余条，情绪低落',
  },
  { why: 'a suicide attempt that needed treatment is red', level: 'red', birthDate: '2011-03-01', text: '服农药自杀，洗胃、血液灌流' },
  { why: 'ideation alone is a badge', level: 'quiet', birthDate: '2011-03-01', text: '有轻生念头，无计划' },
  {
    why: 'an old hymenal notch at 16 is a template',
    level: 'quiet',
    birthDate: '2009-12-01',
    section: 'physical-exam',
    text: '处女膜陈旧性裂伤',
  },
  {
    why: 'a hair tourniquet',
    level: 'quiet',
    birthDate: '2025-12-01',
    sex: 'male',
    section: 'physical-exam',
    text: '阴茎毛发缠绕致绞窄，已剪除',
  },
  {
    why: 'vertical HIV in follow-up',
    level: 'quiet',
    birthDate: '2018-03-01',
    text: 'HIV母婴传播随访，母亲HIV阳性，规律服药',
    more: { observations: [{ name: 'HIV抗体', value: '阳性' }] },
  },
  { why: 'warts are orange at three', level: 'orange', birthDate: '2023-03-01', text: '肛周尖锐湿疣' },
  {
    why: 'gonorrhoea at 13 needs no prepuberty',
    level: 'red',
    birthDate: '2013-03-01',
    more: { observations: [{ name: '淋球菌培养', value: '阳性' }] },
  },
  { why: 'a stimulation test is no pregnancy', level: 'quiet', birthDate: '2014-03-01', text: 'hCG激发试验阳性' },
  {
    why: 'a diazepam given by 120 is no drugging',
    level: 'quiet',
    birthDate: '2022-03-01',
    text: '120院前予地西泮静推，尿地西泮阳性，热性惊厥',
  },
  {
    why: 'a fluid collection after meningitis is no subdural bleed',
    level: 'quiet',
    birthDate: '2026-01-01',
    section: 'imaging',
    text: '化脓性脑膜炎后双侧硬膜下积液',
  },
  { why: 'unverified papers alone', level: 'quiet', birthDate: '2019-03-01', more: { patient: { identityVerified: false } } },
  // too quiet
  { why: 'pregnant with marked disability, to 18', level: 'red', birthDate: '2009-12-01', text: '中度智力障碍，孕20周' },
  { why: 'pregnant at 16', level: 'orange', birthDate: '2010-01-01', text: '停经50天，B超宫内早孕' },
  { why: 'a husband beside a girl of 16', level: 'orange', birthDate: '2010-01-01', more: { companion: { relationship: '丈夫' } } },
  { why: 'a bride-price at 13', level: 'red', birthDate: '2013-01-01', text: '父母收了彩礼，下月嫁人' },
  { why: 'a newborn whose mother is 13', level: 'red', birthDate: '2026-06-15', text: '新生儿，母亲13岁，孕38周顺产' },
  {
    why: 'a newborn whose mother was under 14 when it began',
    level: 'red',
    birthDate: '2026-06-15',
    text: '新生儿，孕39周顺产，母亲生于2011-10-30',
  },
  { why: 'the same by month', level: 'red', birthDate: '2026-06-15', text: '新生儿，孕39周，产妇2012年3月出生' },
  { why: 'the age of an older sibling', level: 'quiet', birthDate: '2026-06-15', text: '新生儿，孕39周，母29岁（第一胎，已13岁）' },
  { why: 'the birth of an older sibling', level: 'quiet', birthDate: '2026-06-15', text: '新生儿，母29岁，长女2013-05-06出生' },
  { why: 'a newborn whose mother is 16', level: 'orange', birthDate: '2026-06-15', text: '新生儿，母亲16岁8月，孕38周顺产' },
  { why: 'paid company', level: 'red', birthDate: '2010-01-01', text: '在KTV有偿陪侍' },
  { why: 'an abuse years ago of a child still a child', level: 'red', birthDate: '2011-01-01', text: '8岁时被邻居性侵' },
  { why: '性生活史 positive at 12', level: 'red', birthDate: '2014-01-01', text: '性生活史(+)' },
  { why: 'a forearm fracture at five months', level: 'orange', birthDate: '2026-01-10', text: '右尺骨骨折，不会翻身' },
  {
    why: 'a bruise on a child of seven months who cannot move',
    level: 'orange',
    birthDate: '2025-11-01',
    section: 'physical-exam',
    text: '左上臂青紫一处，尚不会爬',
  },
  { why: 'dead on arrival, nothing else written', level: 'red', birthDate: '2023-01-01', text: '来院已死亡，死因不明' },
  { why: 'home words for hitting', level: 'red', birthDate: '2016-01-01', text: '爸爸拿衣架抽，罚跪一夜，背部多处青紫' },
  { why: 'a boy touched by his coach', level: 'red', birthDate: '2014-01-01', sex: 'male', text: '教练摸他小鸡鸡' },
  { why: 'a boy of whom a slip of the pen writes she', level: 'red', birthDate: '2014-01-01', sex: 'male', text: '娃儿说老汉儿喝酒后捶她' },
  { why: 'threatened with nude pictures', level: 'prompt', birthDate: '2011-01-01', text: '被人以裸照威胁，要求转账' },
  { why: 'post-partum and no baby on record', level: 'red', birthDate: '2010-01-01', section: 'physical-exam', text: '恶露，乳房泌乳' },
  {
    why: 'three injury visits in a year, none witnessed',
    level: 'orange',
    birthDate: '2020-01-01',
    text: '右前臂骨折，自诉摔',
    more: {
      history: [
        { start: '2025-11-01T10:00:00+08:00', summary: '左肱骨骨折' },
        { start: '2026-02-01T10:00:00+08:00', summary: '头皮裂伤' },
      ],
    },
  },
  {
    why: 'an abortion at thirteen, which only the code of a procedure at an earlier visit tells',
    level: 'red',
    birthDate: '2012-12-20',
    text: '月经推后50天，尿HCG阴性',
    more: { history: [{ start: '2026-03-16T08:10:00+08:00', procedures: [{ code: '69.0101', system: 'icd-9-cm-3' }] }] },
  },
  {
    why: 'the same, told by the words of the procedure',
    level: 'red',
    birthDate: '2012-12-20',
    text: '月经推后50天，尿HCG阴性',
    more: { history: [{ start: '2026-03-16T08:10:00+08:00', procedures: [{ text: '人工流产负压吸引术' }] }] },
  },
];

describe('the amendments by practising users', () => {
  it.each(ROWS)('$why: $level', ({ level, birthDate, sex = 'female', section = 'present-illness', text, more = {} }) => {
    const { patient = {}, ...rest } = more as { patient?: object };
    const assessment = detector.assess(
      {
        id: 'V1',
        period: { start: '2026-06-15T10:00:00+08:00' },
        patient: { id: 'P1', sex, birthDate, ...patient },
        ...(text === undefined ? {} : { notes: [{ section, text }] }),
        ...rest,
      },
      { now: NOW },
    );
    const levels = { red: ['red'], orange: ['orange'], prompt: ['red', 'orange'], quiet: ['none', 'yellow'] }[level];
    expect(levels, JSON.stringify(assessment.indications.map(({ ruleId, level: got }) => [ruleId, got]))).toContain(assessment.level);
  });
});
