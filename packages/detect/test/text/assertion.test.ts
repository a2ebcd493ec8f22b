import { describe, expect, it } from 'vitest';
import { assessNote, ruleIds } from '../support.js';

const heard = (text: string, section?: string): boolean => ruleIds(assessNote(text, section === undefined ? {} : { section })).length > 0;

describe('denied, and therefore quiet', () => {
  it.each([
    '否认虐待。',
    '否认外伤、手术、虐待及输血史',
    '否认：虐待、性侵害',
    '否认外伤史，虐待史，输血史',
    '无 虐待',
    '未发现虐待迹象',
    '虐待(-)，性侵（－）',
    '虐待史：无',
    '虐待可能性小',
    '多学科讨论：虐待已排除',
    '不支持虐待',
    '虐待：有□ 无☑',
    '家庭暴力 □有 ☑无；虐待 □有 ☑无',
    '□虐待 □忽视 ☑无',
    '流调：发热□ 咳☑ 外伤□ 虐待/暴力□ 自杀意念□',
    '有无虐待？无',
    'No child abuse.',
    'Denies bullying, child abuse or neglect.',
    'Negative for child abuse',
    'Child abuse: mother and patient deny',
    'Child abuse was ruled out.',
    'NAI unlikely',
    '虐待：( )有 ( √ )无',
    '虐待：○有 ●无',
    '虐待 N',
    '虐待：未填',
    '疑似虐待：1.是 2.否 【2】',
    '虐待（1无 2有）：1',
    '条目“父母虐待我”选“从无”',
    '受虐待情况：不详',
    '虐待可能性极小',
    '曾疑虐待，经多学科评估已排除',
    '体罚 从不√ 偶尔 经常',
    '未见可疑虐待征象',
    '否认疑似性侵害',
    '没有怀疑被虐待',
    'Denies alleged sexual assault.',
    'Denies any suspected sexual abuse.',
  ])('%s', (text) => expect(heard(text)).toBe(false));
});

describe('not negation at all, and therefore heard', () => {
  it.each([
    '无明显诱因出现哭闹，疑似虐待',
    '外伤史：无 疑似虐待',
    '无疑是虐待',
    '无外伤考虑虐待',
    '不能否认疑似虐待',
    'She did not deny the sexual abuse.',
    '虐待不除外',
    '不能排除虐待',
    '建议排除虐待',
    '无人照料，被虐待',
    '否认发热，近1月被虐待',
    '否认外伤，但有虐待',
    '未成年人被虐待',
    '虐待？',
    '虐待待排',
    '有无虐待 ☑有 □无',
    '虐待：是',
    '☑虐待 □忽视',
    '虐待：( √ )有 ( )无',
    '虐待：●有 ○无',
    '虐待（1无 2有）：2',
    '孩子说“爸爸虐待我”，没有哭',
    'No fever, has been abused by his uncle.',
    'No rash but child abuse suspected',
    'Cannot exclude child abuse.',
    'Not only neglect: child abuse.',
    '宣教时患儿诉被虐待',
    'NAI cannot be excluded',
    'Took 20 paracetamol to die',
    'Cut her wrists',
    'Abuse: yes',
    'Forced to beg',
    'Denies falling; says dad pushed him',
    // A term may end in a comma (打，): what is denied behind it is something else.
    '放学后被父亲毒打，胸片未见骨折',
    '被继父用皮带抽打，X线未见骨折',
    '昨晚被父亲殴打，头颅CT未见异常',
    '吞安眠药自杀，心电图未见异常',
  ])('%s', (text) => expect(heard(text)).toBe(true));
});

describe('somebody else’s, a question, or teaching', () => {
  it.each([
    ['母亲幼时曾被虐待', 'present-illness'],
    ['母亲有受虐史', 'past-history'],
    ['儿童虐待、性侵', 'family-history'],
    ['Mother was abused as a child.', 'social'],
    ['预防虐待知识讲座', 'other'],
    ['宣传页内容：发现虐待、性侵害、怀孕应当依法强制报告', 'plan'],
    ['如有虐待，请拨打电话', 'plan'],
    ['是否被虐待', 'other'],
    ['被虐待了吗？', 'other'],
    ['Return if child abuse recurs', 'plan'],
    ['母亲怀孕7月', 'present-illness'],
    ['其母孕32周', 'present-illness'],
    ['个人史：G1P1，孕39周足月顺产', 'other'],
    ['Her older brother was abused by their uncle.', 'present-illness'],
    ['同桌被他爸爸虐待', 'present-illness'],
    ['Mum mentions she herself was abused at nine.', 'social'],
    ['Maternal aunt sexually abused in childhood.', 'social'],
    ['这类皮疹易误诊为虐待', 'assessment'],
    ['是否被父亲殴打？', 'present-illness'],
    ['有无性生活？', 'present-illness'],
    ['老师有没有体罚你？', 'present-illness'],
    ['如被殴打，可报警', 'plan'],
    ['如患儿再被殴打，可报警', 'plan'],
    ['告知家长不要殴打孩子', 'plan'],
    ['父亲既往被人打伤', 'present-illness'],
    ['Grandfather hit by a stranger', 'present-illness'],
    ['Her mother was physically abused', 'present-illness'],
    ['患儿把同学打伤', 'present-illness'],
    ['在校殴打低年级学生', 'present-illness'],
    ['患儿殴打弟弟后手痛', 'present-illness'],
    ['患儿打人后手痛', 'present-illness'],
    ['She hit her brother', 'present-illness'],
  ])('%s', (text, section) => expect(heard(text, section)).toBe(false));

  it.each([
    ['母亲诉患儿被虐待', 'present-illness'],
    ['继父虐待患儿', 'present-illness'],
    ['继母多次虐待', 'social'],
    ['奶奶发现孙女怀孕', 'chief-complaint'],
    ['父母离异，怀孕8周', 'present-illness'],
    ['与男友发生性关系', 'present-illness'],
    ['Mother says she was abused by the stepfather.', 'present-illness'],
    ['是否被打？患儿点头，说是爸爸打的', 'present-illness'],
    ['是不是他强奸我的时候传的？', 'nursing'],
    ['患儿打了弟弟，被父亲用木棍殴打', 'present-illness'],
    ['患儿被同学打伤', 'present-illness'],
    ['如患儿所述被继父猥亵', 'present-illness'],
    ['父亲常管教她，比如被父亲殴打', 'present-illness'],
    ['告知家长不要责骂，昨被同学殴打', 'present-illness'],
    ['在校遭殴打，同学告知老师', 'present-illness'],
    ['父亲把患儿打伤', 'present-illness'],
    ['父亲殴打弟弟和患儿', 'present-illness'],
    ['父亲酗酒，常殴打弟弟', 'present-illness'],
    ['Her father kicked her, her brother saw it', 'present-illness'],
  ])('but the child’s own: %s', (text, section) => expect(heard(text, section)).toBe(true));
});

describe('words inside other words', () => {
  it.each([
    '流感肆虐',
    '肿瘤浸润性侵及周围',
    '男性交通事故',
    '人流量大，车流产生',
    '大家暴饮暴食',
    '回家暴露于冷空气',
    '应激性生活事件',
    '强迫性行为',
    '避孕药治疗',
    '孕酮1.2ng/ml',
    'therapist scraped the grape',
  ])('%s', (text) => expect(heard(text)).toBe(false));
});

describe('written in traditional characters', () => {
  it.each([
    ['沒人管，鎖在屋裡，餓了三天', '没人管，锁在屋里，饿了三天'],
    ['遭繼父毆打，頭髮被扯', '遭继父殴打，头发被扯'],
    ['長期無人照顧，餵食不足，瘦得皮包骨', '长期无人照顾，喂食不足，瘦得皮包骨'],
  ])('%s says what it says in simplified ones, and where', (text, simplified) => {
    const seen = (note: string): unknown[] =>
      assessNote(note).indications.map(({ ruleId, level, evidence }) => [ruleId, level, evidence.map(({ start, end }) => [start, end])]);
    expect(seen(text)).toEqual(seen(simplified));
    expect(seen(text)).not.toEqual([]);
  });

  it.each(['沒有被打', '否認虐待、性侵', '如被毆打，請報警'])('%s stays quiet', (text) => expect(heard(text)).toBe(false));
});

describe('mistyped', () => {
  it.each(['被继父偎亵', '遭父亲虐带', '在校被霸陵', '遭性清害', '被父亲欧打', '割碗自刹'])('%s is heard', (text) =>
    expect(heard(text)).toBe(true),
  );

  it.each(['活血化瘀清热', '急性清创缝合', '腰带状疱疹', '急性浸润', '来自沙漠地区', '否认虐带'])('%s is something else', (text) =>
    expect(heard(text)).toBe(false),
  );
});
