import type { HisMapping, RowFile } from '@zhida/his';
import { readMapping } from '@zhida/his';
import { expect } from 'vitest';

/** A hospital that does not exist: visits, their patients, diagnoses and results in tables of their own. Nobody in them exists. */
export const MAPPING = `
version: 1
zone: Asia/Shanghai
set:
  facility.code: '91350100M000100Y43'
  facility.name: 云溪县人民医院
tables:
  visits:
    file: mz_ghxx*
    visit: 就诊号
    fields:
      visitNumber: 就诊号
      patient.id: 病人ID
      period.start: 就诊时间
      class: { column: 就诊类型, map: { 门诊: outpatient, 急诊: emergency, 住院: inpatient }, otherwise: other }
      companion: { column: 陪同, map: { 无: null } }
      companion.relationship: { column: 陪同, map: { 无: null } }
    facts:
      - list: notes
        fields: { section: { value: chief-complaint }, text: 主诉, at: 就诊时间 }
  patients:
    from: { table: visits, column: 病人ID, key: ID }
    fields:
      patient.name: 姓名
      patient.sex: 性别
      patient.birthDate: 出生日期
      patient.phone: 电话
    facts:
      - list: identifiers
        fields: { system: { value: cn-resident-id }, value: 身份证号 }
  departments:
    from: { table: visits, column: 科室代码, key: 代码 }
    fields: { department.code: 代码, department.name: 名称 }
  diagnoses:
    visit: 就诊号
    when: { 作废: ['0', ''] }
    facts:
      - list: conditions
        fields:
          code: 诊断编码
          system: { value: icd-10-cn }
          text: 诊断名称
          role: { column: 主诊断, map: { 是: main, 否: other } }
  requests:
    visit: 就诊号
    facts:
      - list: orders
        fields: { text: 项目, at: 申请时间 }
  results:
    from: { table: requests, column: 申请单号, key: 申请单号 }
    facts:
      - list: observations
        fields:
          name: 项目
          value: 结果
          unit: 单位
          status: { column: 状态, map: { 已审: final, 初步: preliminary }, otherwise: entered-in-error }
          at: { column: 报告时间, time: dd/MM/yyyy HH:mm }
`;

export const FILES: Readonly<Record<string, string>> = {
  'mz_ghxx_0503.csv': [
    '就诊号,病人ID,就诊时间,就诊类型,科室代码,陪同,主诉,未用',
    'V1,P1,2026-05-03 21:10:05,急诊,0301,母亲,"摔伤1天，家长称""自己跌倒""",x',
    'V2,P2,2026/5/3 9:05,门诊,0302,无,咳嗽3天,x',
    'V0,P1,2026-01-03 09:00,门诊,0302,父亲,发热,x',
  ].join('\r\n'),
  'patients.csv': [
    'ID,姓名,性别,出生日期,电话,身份证号',
    'P1,云小溪,女,2013/4/5,00000000001,11010519491231002X',
    'P2,山小石,1,20190203,,',
    'P9,无就诊,男,20100101,,',
  ].join('\n'),
  'departments.csv': '代码,名称\n0301,急诊科\n0302,儿科\n0303,妇科\n',
  'diagnoses.csv': '就诊号,诊断编码,诊断名称,主诊断,作废\nV1,S00.400,左耳廓挫伤,是,0\nV1,T74.100,躯体虐待,否,1\nV1,S20.200,背部挫伤,否,0\n',
  'requests.csv': '申请单号,就诊号,项目,申请时间\nR1,V1,血常规,2026-05-03 21:20:00\n',
  'results.csv':
    '申请单号,项目,结果,单位,状态,报告时间\nR1,血红蛋白,98,g/L,已审,03/05/2026 22:00\nR1,尿HCG,阴性,,初步,03/05/2026 22:01\nR1,编号,007,,作废,03/05/2026 22:02\n',
};

export function files(texts: Readonly<Record<string, string | Uint8Array>> = FILES): RowFile[] {
  return Object.entries(texts).map(([name, text]) => ({ name, bytes: typeof text === 'string' ? Buffer.from(text, 'utf8') : text }));
}

/** A mapping that has to be right. */
export function mappingOf(text: string = MAPPING): HisMapping {
  const { mapping, problems } = readMapping(text);
  expect(problems).toEqual([]);
  return mapping as HisMapping;
}
