import type { CodeEntry, CodeSystem } from './code-system.js';

export interface RelationshipEntry extends CodeEntry {
  /** `parent`: a guardian by law unless the record says otherwise; `family`: another relative; `none`: not of the family. */
  readonly kin: 'parent' | 'family' | 'none';
}

type Extra = Pick<CodeEntry, 'aliases' | 'maps'>;
const relation = (
  kin: RelationshipEntry['kin'],
  code: string,
  zh: string,
  en: string,
  aliases: readonly string[] = [],
  roleCode?: string,
) => {
  const extra: Extra = roleCode === undefined ? { aliases } : { aliases, maps: { 'v3-RoleCode': roleCode } };
  return { code, zh, en, kin, ...extra };
};

/** The relationship of another person to the child. */
export const RELATIONSHIPS: CodeSystem<RelationshipEntry> = {
  id: 'gbt-4761',
  version: '2008',
  source: 'GB/T 4761-2008 两位码（57、58 为继或养父母；97、99 未与标准原文核对），local: 为本项目补充',
  entries: [
    relation('parent', '50', '父母', 'parent', [], 'PRN'),
    relation('parent', '51', '父亲', 'father', ['父', '爸爸', '爸', '生父'], 'FTH'),
    relation('parent', '52', '母亲', 'mother', ['母', '妈妈', '妈', '生母'], 'MTH'),
    relation('parent', '57', '继父或养父', 'stepfather or adoptive father', ['继父', '养父', 'stepfather', 'adoptive father'], 'STPFTH'),
    relation(
      'parent',
      '58',
      '继母或养母',
      'stepmother or adoptive mother',
      ['继母', '养母', '后妈', 'stepmother', 'adoptive mother'],
      'STPMTH',
    ),
    relation('family', '60', '祖父母或外祖父母', 'grandparent', ['grandparents'], 'GRPRN'),
    relation('family', '61', '祖父', 'paternal grandfather', ['爷爷'], 'PGRFTH'),
    relation('family', '62', '祖母', 'paternal grandmother', ['奶奶'], 'PGRMTH'),
    relation('family', '63', '外祖父', 'maternal grandfather', ['外公', '姥爷'], 'MGRFTH'),
    relation('family', '64', '外祖母', 'maternal grandmother', ['外婆', '姥姥'], 'MGRMTH'),
    relation('family', '70', '兄弟姐妹', 'sibling', [], 'SIB'),
    relation('family', '71', '兄', 'elder brother', ['哥哥', '兄长'], 'BRO'),
    relation('family', '72', '嫂', 'elder brother’s wife', ['嫂子'], 'SISINLAW'),
    relation('family', '73', '弟', 'younger brother', ['弟弟'], 'BRO'),
    relation('family', '74', '弟媳', 'younger brother’s wife', [], 'SISINLAW'),
    relation('family', '75', '姐姐', 'elder sister', ['姐'], 'SIS'),
    relation('family', '76', '姐夫', 'elder sister’s husband', [], 'BROINLAW'),
    relation('family', '77', '妹妹', 'younger sister', ['妹'], 'SIS'),
    relation('family', '78', '妹夫', 'younger sister’s husband', [], 'BROINLAW'),
    relation('family', '81', '伯父', 'father’s elder brother', ['大伯'], 'UNCLE'),
    relation('family', '82', '伯母', 'father’s elder brother’s wife', ['大妈'], 'AUNT'),
    relation('family', '83', '叔父', 'father’s younger brother', ['叔叔', '叔'], 'UNCLE'),
    relation('family', '84', '婶母', 'father’s younger brother’s wife', ['婶婶', '婶'], 'AUNT'),
    relation('family', '85', '舅父', 'mother’s brother', ['舅舅', '舅'], 'UNCLE'),
    relation('family', '86', '舅母', 'mother’s brother’s wife', ['舅妈'], 'AUNT'),
    relation('family', '87', '姨父', 'mother’s sister’s husband', ['姨夫'], 'UNCLE'),
    relation('family', '88', '姨母', 'mother’s sister', ['姨妈', '小姨'], 'AUNT'),
    relation('family', '89', '姑父', 'father’s sister’s husband', ['姑丈', '姑夫'], 'UNCLE'),
    relation('family', '90', '姑母', 'father’s sister', ['姑姑', '姑妈'], 'AUNT'),
    relation('family', '91', '堂兄弟、堂姐妹', 'cousin on the father’s side', ['堂哥', '堂弟', '堂姐', '堂妹', '堂兄'], 'COUSN'),
    relation('family', '92', '表兄弟、表姐妹', 'cousin', ['表哥', '表弟', '表姐', '表妹', '表兄'], 'COUSN'),
    relation('family', '97', '其他亲属', 'other relative', ['亲属', '亲戚'], 'FAMMEMB'),
    relation('none', '99', '非亲属', 'not related', ['无关系', '非家属']),
    relation('parent', 'local:guardian', '监护人', 'guardian', ['法定监护人']),
    relation('none', 'local:boyfriend', '男友', 'boyfriend', ['男朋友'], 'SIGOTHR'),
    relation('none', 'local:friend', '朋友', 'friend', ['同学', 'classmate'], 'FRND'),
    relation('none', 'local:netizen', '网友', 'met online', []),
    relation('none', 'local:teacher', '老师', 'teacher', ['教师', '教练', 'coach']),
    relation('none', 'local:neighbour', '邻居', 'neighbour', ['neighbor'], 'NBOR'),
    relation('none', 'local:employer', '雇主', 'employer', ['老板']),
    relation('none', 'local:self-claimed', '自称亲属', 'claims to be a relative', ['自称家长', '自称监护人', '自称男友']),
  ],
};
