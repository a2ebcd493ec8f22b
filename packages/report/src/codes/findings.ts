import type { CodeEntry, CodeSystem } from './code-system.js';

const list = (rows: readonly (readonly [code: string, zh: string, en: string])[]): CodeEntry[] =>
  rows.map(([code, zh, en]) => ({ code, zh, en }));
const own = (id: string, rows: readonly (readonly [code: string, zh: string, en: string])[], source = 'zhida'): CodeSystem => ({
  id,
  version: '1',
  source,
  entries: list(rows),
});

/** Regions that matter for sentinel injuries (TEN-4-FACESp) and those of the ICD-10 S block. */
export const INJURY_SITES = own(
  'zhida-injury-sites',
  [
    ['head', '头部', 'head'],
    ['face', '面部', 'face'],
    ['cheek', '面颊', 'cheek'],
    ['eyelid', '眼睑', 'eyelid'],
    ['eye', '眼', 'eye'],
    ['ear', '耳', 'ear'],
    ['jaw-angle', '下颌角', 'angle of jaw'],
    ['mouth', '口腔', 'mouth'],
    ['frenulum', '系带', 'frenulum'],
    ['neck', '颈部', 'neck'],
    ['chest', '胸部', 'chest'],
    ['back', '背部', 'back'],
    ['abdomen', '腹部', 'abdomen'],
    ['buttock', '臀部', 'buttock'],
    ['genital', '外生殖器', 'genitals'],
    ['anal', '肛周', 'anal region'],
    ['shoulder', '肩部', 'shoulder'],
    ['upper-arm', '上臂', 'upper arm'],
    ['forearm', '前臂', 'forearm'],
    ['hand', '手', 'hand'],
    ['hip', '髋部', 'hip'],
    ['thigh', '大腿', 'thigh'],
    ['lower-leg', '小腿', 'lower leg'],
    ['foot', '足', 'foot'],
    ['multiple', '多处', 'multiple'],
  ],
  'TEN-4-FACESp 与 ICD-10 S00–S99 的部位',
);

export const INJURY_SIDES = own('zhida-injury-sides', [
  ['left', '左', 'left'],
  ['right', '右', 'right'],
  ['both', '双侧', 'both'],
  ['midline', '正中', 'midline'],
]);

export const INJURY_KINDS = own('zhida-injury-kinds', [
  ['bruise', '瘀斑', 'bruise'],
  ['abrasion', '擦伤', 'abrasion'],
  ['laceration', '裂伤', 'laceration'],
  ['stab', '刺伤', 'stab wound'],
  ['burn', '烧伤', 'burn'],
  ['scald', '烫伤', 'scald'],
  ['bite', '咬伤', 'bite'],
  ['fracture', '骨折', 'fracture'],
  ['dislocation', '脱位', 'dislocation'],
  ['intracranial', '颅内损伤', 'intracranial injury'],
  ['haemorrhage', '出血', 'haemorrhage'],
  ['scar', '瘢痕', 'scar'],
  ['other', '其他', 'other'],
]);

export const INJURY_PATTERNS = own('zhida-injury-patterns', [
  ['none', '无特殊形状', 'no pattern'],
  ['hand-mark', '手印', 'hand mark'],
  ['loop-or-cord', '绳索或环状', 'loop or cord'],
  ['belt', '条带状', 'belt'],
  ['cigarette', '烟头烫痕', 'cigarette'],
  ['glove-or-stocking', '手套袜套样', 'glove or stocking'],
  ['bite-mark', '咬痕', 'bite mark'],
  ['ligature', '勒痕', 'ligature'],
  ['different-ages', '新旧不一', 'of different ages'],
]);

/** Kinds of evidence a hospital keeps; to be compared with the record sheet of GA/T 1194-2014 before a county relies on it. */
export const EVIDENCE_KINDS = own(
  'zhida-evidence-kinds',
  [
    ['conception-tissue', '流产物（胚胎、绒毛）', 'products of conception'],
    ['swab', '拭子', 'swab'],
    ['blood', '血液', 'blood'],
    ['urine', '尿液', 'urine'],
    ['gastric-content', '胃内容物', 'gastric content'],
    ['hair-or-nail', '毛发或指甲', 'hair or nails'],
    ['clothing', '衣物', 'clothing'],
    ['foreign-body', '异物', 'foreign body'],
    ['object', '物品', 'object'],
    ['container-or-remains', '药瓶或残留物', 'container or remains'],
    ['photograph', '照片', 'photograph'],
    ['imaging', '影像资料', 'imaging'],
    ['surveillance-video', '监控录像', 'surveillance video'],
    ['medical-record', '病历资料', 'medical record'],
    ['communication', '聊天或通话记录', 'messages or calls'],
    ['other', '其他', 'other'],
  ],
  '参照 GA/T 1194-2014，未逐条核对',
);

export const NEEDS = own('zhida-needs', [
  ['temporary-guardianship', '临时监护', 'temporary guardianship'],
  ['shelter', '临时庇护', 'shelter'],
  ['medical-cost-aid', '医疗费用救助', 'aid with medical costs'],
  ['consent-gap', '无监护人签字', 'nobody can consent'],
  ['psychological', '心理支持', 'psychological support'],
  ['interpreter', '翻译（方言、民族语言、手语）', 'interpreter'],
  ['female-officer', '女性工作人员', 'female officer'],
  ['education-support', '学业支持', 'support with schooling'],
]);

export const APPROACHES = own('zhida-approaches', [
  ['plain-clothes', '便衣', 'plain clothes'],
  ['female-officer', '女警', 'female officer'],
  ['via-duty-office', '先联系总值班', 'call the duty office first'],
  ['do-not-mention-hospital', '不提医院', 'do not mention the hospital'],
]);

/** Whose people may have an interest of their own in the case. The first eight are kinds of recipients. */
export const CONFLICTS = own('zhida-conflicts', [
  ['police', '公安机关人员', 'police'],
  ['civil-affairs', '民政部门人员', 'civil affairs'],
  ['procuratorate', '检察机关人员', 'procuratorate'],
  ['health-commission', '卫生健康部门人员', 'health commission'],
  ['education', '学校或教育部门人员', 'education'],
  ['womens-federation', '妇联人员', 'women’s federation'],
  ['social-work-station', '社工站人员', 'social work station'],
  ['comprehensive-governance-centre', '综治中心人员', 'comprehensive governance centre'],
  ['facility', '本院人员', 'this hospital'],
]);
