import type { CodeEntry, CodeSystem } from './code-system.js';

const entry = (code: string, zh: string, en: string, maps?: Readonly<Record<string, string>>): CodeEntry =>
  maps === undefined ? { code, zh, en } : { code, zh, en, maps };

export const SEX: CodeSystem = {
  id: 'zhida-sex',
  version: '1',
  source: 'GB/T 2261.1-2003 (0 未知, 1 男, 2 女, 9 未说明) 与 FHIR AdministrativeGender 对照',
  entries: [
    { ...entry('male', '男', 'male', { 'gbt-2261.1': '1' }), aliases: ['男性', '1'] },
    { ...entry('female', '女', 'female', { 'gbt-2261.1': '2' }), aliases: ['女性', '2'] },
    { ...entry('other', '未说明', 'other', { 'gbt-2261.1': '9' }), aliases: ['9'] },
    { ...entry('unknown', '未知', 'unknown', { 'gbt-2261.1': '0' }), aliases: ['0', '不详'] },
  ],
};

/** Kinds of personal identifiers; the numbers are those of CV02.01.101. */
export const IDENTIFIER_TYPES: CodeSystem = {
  id: 'cv02.01.101',
  version: 'WS/T 364.3-2023',
  source: 'CV02.01.101 身份证件类别；居民身份证在线上用 cn-resident-id',
  entries: [
    { ...entry('cn-resident-id', '居民身份证', 'resident identity card', { 'cv02.01.101': '01' }), aliases: ['01', '身份证'] },
    { ...entry('02', '居民户口簿', 'household register'), aliases: ['户口簿'] },
    entry('03', '护照', 'passport'),
    entry('04', '军官证', 'military officer card'),
    entry('05', '驾驶证', 'driving licence'),
    entry('06', '港澳居民来往内地通行证', 'Hong Kong or Macao travel permit'),
    entry('07', '台湾居民来往大陆通行证', 'Taiwan travel permit'),
    entry('99', '其他法定有效证件', 'other'),
  ],
};

const PEOPLES =
  '汉族 蒙古族 回族 藏族 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 傣族 黎族 傈僳族 佤族 畲族 高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯族 阿昌族 普米族 塔吉克族 怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 塔塔尔族 独龙族 鄂伦春族 赫哲族 门巴族 珞巴族 基诺族';
const PEOPLES_LATIN =
  'Han Mongol Hui Zang Uygur Miao Yi Zhuang Buyei Chosen Man Dong Yao Bai Tujia Hani Kazak Dai Li Lisu Va She Gaoshan Lahu Sui Dongxiang Naxi Jingpo Kirgiz Tu Daur Mulao Qiang Blang Salar Maonan Gelao Xibe Achang Pumi Tajik Nu Uzbek Russ Ewenki Deang Bonan Yugur Gin Tatar Derung Oroqen Hezhen Monba Lhoba Jino';

/** The 56 peoples in the order of GB/T 3304, whose number is the place in the list. */
export const ETHNICITY: CodeSystem = {
  id: 'gbt-3304',
  version: '1991',
  source: 'GB/T 3304-1991 数字代码；名称按次序',
  entries: PEOPLES.split(' ').map((zh, index) => ({
    code: String(index + 1).padStart(2, '0'),
    zh,
    en: PEOPLES_LATIN.split(' ')[index] ?? zh,
    aliases: [zh.slice(0, -1)],
  })),
};
