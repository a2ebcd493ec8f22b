import type { EncounterSnapshot } from '@zhida/core';
import { type Assessment, createDetector } from '@zhida/detect';
import { snapshotsFromBundle } from '@zhida/fhir';
import { readMapping, snapshotsFromFiles } from '@zhida/his';
import { snapshotsFromDocuments } from '@zhida/his/cda';
import { snapshotsFromMessages } from '@zhida/hl7v2';
import { nationalRulePack } from '@zhida/packs';
import { expect, test } from 'vitest';

/**
 * One invented visit of an invented girl, told as twelve HL7 v2 messages, as one FHIR bundle, as three CDA documents and as one set of rows.
 * Whatever the hospital sends, the doctor sees the same: the four Assessments are equal but for what is listed here.
 */
const CANNOT_CARRY = {
  encounterId:
    'HL7 v2 counts visits per patient, so the id is made of both numbers; FHIR has the Encounter’s id, rows the visit number, CDA says whether that is of a stay',
  revision: 'twelve messages are twelve revisions, three documents three; a bundle and rows say how things are now',
} as const satisfies Partial<Record<keyof Assessment, string>>;

const detector = createDetector({ pack: nationalRulePack });
const NOW = Date.parse('2026-05-03T21:00:00+08:00');

function judged(snapshots: readonly EncounterSnapshot[]): Partial<Assessment> {
  expect(snapshots).toHaveLength(1);
  const assessment: Record<string, unknown> = { ...detector.assess(snapshots[0], { now: NOW }) };
  for (const field of Object.keys(CANNOT_CARRY)) delete assessment[field];
  return assessment;
}

const COMPLAINT = '下腹痛2天，停经8周';
const EXAMINATION = '右上臂内侧见4处类圆形瘀斑，直径约1.5cm，颜色不一。';
const PRESENT_ILLNESS = '患儿自述近半年多次与网上认识的成年男子发生性关系，末次为10天前。';
const REPORT = '子宫前位，宫腔内见孕囊，大小约2.1cm，可见胎心搏动。超声提示：宫内早孕，约8周。';

/** A segment from its fields by number. */
function segment(type: string, fields: Readonly<Record<number, string>>): string {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [type, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
}

const patient = segment('PID', { 3: 'P1001^^^YUNXI^MR', 5: '云^小溪', 7: '20130405', 8: 'F', 13: '00000000001' });
const visit = { 2: 'E', 10: 'EM^急诊科', 19: 'V20260503001', 44: '20260503210000' };

let sent = 0;
function message(time: string, type: string, ...segments: readonly string[]): string {
  sent += 1;
  const header = segment('MSH', {
    1: '^~\\&',
    2: 'HIS',
    3: 'YUNXI',
    4: 'ZHIDA',
    6: time,
    8: type,
    9: `M${sent}`,
    10: 'P',
    11: '2.4',
    17: 'UNICODE UTF-8',
  });
  return [header, segment('EVN', { 2: time }), patient, segment('PV1', visit), ...segments].join('\r');
}
const order = (number: string, what: string, time: string): string[] => [
  segment('ORC', { 1: 'NW', 2: number, 9: time }),
  segment('OBR', { 2: number, 4: what, 7: time }),
];
const finding = (number: string, service: string, code: string, text: string, time: string): string[] => [
  segment('OBR', { 2: number, 4: code, 7: time, 24: service, 25: 'F' }),
  segment('OBX', { 2: 'TX', 3: code, 5: text, 11: 'F', 14: time }),
];
const test2106 = (status: string): string[] => [
  segment('OBR', { 2: 'R1', 4: 'U1^尿检', 7: '20260503213000', 24: 'LAB', 25: status }),
  segment('OBX', { 2: 'ST', 3: '2106-3^尿HCG^LN', 5: '阳性', 11: status, 14: '20260503213000' }),
];
const pregnancy = segment('DG1', { 1: '1', 3: 'Z32.100^早孕^ICD10CN', 6: 'F', 15: '1' });

const MESSAGES = [
  message('20260503210000', 'ADT^A04', segment('NK1', { 2: '云^某', 3: 'MTH^母亲', 5: '00000000002' })),
  message('20260503210200', 'ADT^A08', segment('PV2', { 3: `^${COMPLAINT}` })),
  message('20260503211000', 'ORM^O01', ...order('R1', 'U1^尿检', '20260503211000')),
  message('20260503213500', 'ORU^R01', ...test2106('P')),
  message('20260503213900', 'ORU^R01', ...test2106('F')),
  message('20260503214000', 'ORU^R01', ...finding('E1', '', '29545-1^体格检查^LN', EXAMINATION, '20260503213300')),
  message('20260503214100', 'ORM^O01', ...order('R2', 'US^盆腔超声', '20260503214100')),
  message(
    '20260503214500',
    'MDM^T02',
    segment('TXA', { 2: 'HP', 4: '20260503214000', 12: 'D1', 17: 'AU' }),
    segment('OBX', { 2: 'TX', 3: '10164-2^现病史^LN', 5: PRESENT_ILLNESS, 11: 'F' }),
  ),
  message('20260503215500', 'ORU^R01', ...finding('R2', 'RAD', 'US^盆腔超声', REPORT, '20260503215000')),
  message('20260503215600', 'ADT^A08', pregnancy),
  message('20260503215800', 'ADT^A08', pregnancy, segment('DG1', { 1: '2', 3: 'R10.400^腹痛^ICD10CN', 6: 'F', 15: '2' })),
  message('20260503220500', 'ADT^A03', pregnancy).replace(
    segment('PV1', visit),
    segment('PV1', { ...visit, 36: '4', 45: '20260503220500' }),
  ),
];

const subject = { reference: 'Patient/P1001' };
const encounter = { reference: 'Encounter/e1' };
const icd = 'http://hl7.org/fhir/sid/icd-10-cn';
const document = (loinc: string, date: string, text: string): object => ({
  resourceType: 'DocumentReference',
  status: 'current',
  type: { coding: [{ system: 'http://loinc.org', code: loinc }] },
  subject,
  date,
  context: { encounter: [encounter] },
  content: [{ attachment: { contentType: 'text/plain;charset=utf-8', data: Buffer.from(text).toString('base64') } }],
});
const condition = (id: string, code: string, text: string): object => ({
  resourceType: 'Condition',
  id,
  subject,
  encounter,
  verificationStatus: { coding: [{ code: 'confirmed' }] },
  code: { text, coding: [{ system: icd, code }] },
});

const RESOURCES: readonly object[] = [
  {
    resourceType: 'Patient',
    id: 'P1001',
    name: [{ family: '云', given: ['小溪'] }],
    gender: 'female',
    birthDate: '2013-04-05',
    telecom: [{ system: 'phone', value: '00000000001' }],
    identifier: [{ type: { coding: [{ code: 'MR' }] }, value: 'P1001' }],
  },
  { resourceType: 'Organization', id: 'o1', identifier: [{ value: 'YUNXI' }] },
  {
    resourceType: 'RelatedPerson',
    patient: subject,
    relationship: [{ text: '母亲' }],
    name: [{ text: '云某' }],
    telecom: [{ system: 'phone', value: '00000000002' }],
  },
  {
    resourceType: 'Encounter',
    id: 'e1',
    status: 'finished',
    class: { code: 'EMER' },
    serviceType: { coding: [{ code: 'EM' }], text: '急诊科' },
    identifier: [{ value: 'V20260503001' }],
    subject,
    serviceProvider: { reference: 'Organization/o1' },
    period: { start: '2026-05-03T21:00:00+08:00', end: '2026-05-03T22:05:00+08:00' },
    reasonCode: [{ text: COMPLAINT }],
    diagnosis: [
      { condition: { reference: 'Condition/c1' }, rank: 1 },
      { condition: { reference: 'Condition/c2' }, rank: 2 },
    ],
    hospitalization: { dischargeDisposition: { coding: [{ code: 'aadvice' }] } },
  },
  {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject,
    encounter,
    code: { text: '尿检' },
    authoredOn: '2026-05-03T21:10:00+08:00',
  },
  {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    subject,
    encounter,
    code: { text: '盆腔超声' },
    authoredOn: '2026-05-03T21:41:00+08:00',
  },
  {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '2106-3' }], text: '尿HCG' },
    subject,
    encounter,
    effectiveDateTime: '2026-05-03T21:30:00+08:00',
    valueString: '阳性',
  },
  document('29545-1', '2026-05-03T21:33:00+08:00', EXAMINATION),
  document('10164-2', '2026-05-03T21:40:00+08:00', PRESENT_ILLNESS),
  document('18748-4', '2026-05-03T21:50:00+08:00', REPORT),
  condition('c1', 'Z32.100', '早孕'),
  condition('c2', 'R10.400', '腹痛'),
];

/** A CDA document of the visit: WS/T 500 has a kind for each. */
function cda(kind: string, id: string, at: string, sections: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<id root="2.16.156.10011.1.1" extension="${id}"/><code code="${kind}" codeSystem="2.16.156.10011.2.4"/>
<recordTarget><patientRole><id root="2.16.156.10011.1.11" extension="V20260503001"/><id root="2.16.156.10011.1.13" extension="P1001"/>
<patientType><patienttypeCode code="2"/></patientType><telecom value="00000000001"/>
<patient><name>云小溪</name><administrativeGenderCode code="2" codeSystem="2.16.156.10011.2.3.3.4"/><birthTime value="20130405"/></patient>
<providerOrganization><id root="2.16.156.10011.1.26" extension="EM"/><name>急诊科</name></providerOrganization></patientRole></recordTarget>
<author><time value="${at}"/></author>
<custodian><assignedCustodian><representedCustodianOrganization><id root="2.16.156.10011.1.5" extension="YUNXI"/></representedCustodianOrganization></assignedCustodian></custodian>
<participant typeCode="NOT"><associatedEntity classCode="ECON"><code code="52" codeSystem="2.16.156.10011.2.3.3.8" displayName="母亲"/>
<telecom value="00000000002"/><associatedPerson><name>云某</name></associatedPerson></associatedEntity></participant>
<componentOf><encompassingEncounter><effectiveTime><low value="20260503210000"/><high value="20260503220500"/></effectiveTime>
<dischargeDispositionCode code="4" codeSystem="2.16.156.10011.2.3.1.265"/></encompassingEncounter></componentOf>
<component><structuredBody>${sections}</structuredBody></component></ClinicalDocument>`;
}
const section = (loinc: string, inside: string): string =>
  `<component><section><code code="${loinc}" codeSystem="2.16.840.1.113883.6.1"/>${inside}</section></component>`;
const observation = (element: string, name: string, value: string, more = ''): string =>
  `<observation><code code="${element}" codeSystem="2.16.156.10011.2.2.1" displayName="${name}"/>${value}${more}</observation>`;
const entry = (element: string, name: string, text: string): string =>
  `<text/><entry>${observation(element, name, `<value xsi:type="ST">${text}</value>`)}</entry>`;
const diagnosis = (code: string, name: string): string =>
  `<entry>${observation('DE05.01.024.00', '诊断代码', `<value xsi:type="CD" code="${code}" codeSystem="2.16.156.10011.2.3.3.11" displayName="${name}"/>`)}</entry>`;
const requested = (what: string, at: string): string => {
  const author = `<author><time value="${at}"/></author>`;
  const content = observation('DE06.00.288.00', '医嘱项目内容', `<value xsi:type="ST">${what}</value>`, author);
  return `<entry><organizer><component>${content}</component></organizer></entry>`;
};

const DOCUMENTS = [
  cda(
    'C0002',
    'D1',
    '20260503214000',
    section('10154-3', entry('DE04.01.119.00', '主诉', COMPLAINT)) +
      section('29545-1', `<author><time value="20260503213300"/></author>${entry('DE04.10.258.00', '体格检查', EXAMINATION)}`) +
      section('10164-2', `<text><paragraph>${PRESENT_ILLNESS}</paragraph></text>`) +
      section('29548-5', diagnosis('Z32.100', '早孕') + diagnosis('R10.400', '腹痛')) +
      section('46209-3', requested('尿检', '20260503211000') + requested('盆腔超声', '20260503214100')),
  ),
  cda(
    'C0007',
    'D2',
    '20260503214500',
    section(
      '30954-2',
      `<entry><observation><code code="2106-3" codeSystem="2.16.840.1.113883.6.1" displayName="尿HCG"/><statusCode code="completed"/><effectiveTime value="20260503213000"/><value xsi:type="ST">阳性</value></observation></entry>`,
    ),
  ),
  cda(
    'C0006',
    'D3',
    '20260503215000',
    section('18748-4', entry('DE04.50.131.00', '检查报告', REPORT).replace(' displayName="检查报告"', '')),
  ),
];

const MAPPING = `
version: 1
set: { facility.code: YUNXI }
tables:
  visits:
    visit: 就诊号
    fields:
      visitNumber: 就诊号
      patient.id: 病人号
      class: { column: 类型, map: { 急: emergency, 门: outpatient } }
      department.name: 科室
      period.start: 就诊时间
      period.end: 离院时间
      disposition: { column: 离院方式, map: { 非医嘱离院: against-advice } }
    facts:
      - { list: notes, fields: { section: { value: chief-complaint }, text: 主诉 } }
  patients:
    from: { table: visits, column: 病人号, key: 病人号 }
    fields: { patient.name: 姓名, patient.sex: 性别, patient.birthDate: 出生日期, patient.phone: 电话 }
    facts:
      - { list: guardians, fields: { relationship: 家属关系, name: 家属, phone: 家属电话 } }
  records:
    visit: 就诊号
    facts:
      - list: notes
        fields:
          section: { column: 类别, map: { 查体: physical-exam, 现病史: present-illness, 超声: imaging } }
          text: 内容
          at: 时间
  requests:
    visit: 就诊号
    facts:
      - { list: orders, fields: { text: 项目, at: 时间 } }
  results:
    visit: 就诊号
    facts:
      - { list: observations, fields: { code: 代码, system: { value: loinc }, name: 项目, value: 结果, status: { value: final }, at: 时间 } }
  diagnoses:
    visit: 就诊号
    facts:
      - list: conditions
        fields:
          code: 编码
          system: { value: icd-10-cn }
          text: 名称
          role: { column: 主次, map: { 主: main, 次: other } }
          certainty: { value: confirmed }
`;
const V = 'V20260503001';
const FILES: Readonly<Record<string, string>> = {
  visits: `就诊号,病人号,类型,科室,就诊时间,离院时间,离院方式,主诉\n${V},P1001,急,急诊科,2026-05-03 21:00:00,2026-05-03 22:05:00,非医嘱离院,${COMPLAINT}\n`,
  patients: '病人号,姓名,性别,出生日期,电话,家属,家属关系,家属电话\nP1001,云小溪,女,2013-04-05,00000000001,云某,母亲,00000000002\n',
  records: `就诊号,类别,时间,内容\n${V},查体,2026-05-03 21:33:00,${EXAMINATION}\n${V},现病史,2026-05-03 21:40:00,${PRESENT_ILLNESS}\n${V},超声,2026-05-03 21:50:00,${REPORT}\n`,
  requests: `就诊号,项目,时间\n${V},尿检,2026-05-03 21:10:00\n${V},盆腔超声,2026-05-03 21:41:00\n`,
  results: `就诊号,代码,项目,结果,时间\n${V},2106-3,尿HCG,阳性,2026-05-03 21:30:00\n`,
  diagnoses: `就诊号,编码,名称,主次\n${V},Z32.100,早孕,主\n${V},R10.400,腹痛,次\n`,
};

test('twelve HL7 v2 messages, one FHIR bundle, three CDA documents and one set of rows of one visit give the same Assessment', () => {
  const { mapping } = readMapping(MAPPING);
  if (mapping === undefined) throw new TypeError('the mapping is wrong');
  const messages = snapshotsFromMessages(Buffer.from(MESSAGES.map((text) => `${text}\r`).join('\r'), 'utf8'));
  const bundle = snapshotsFromBundle({ resourceType: 'Bundle', type: 'collection', entry: RESOURCES.map((resource) => ({ resource })) });
  const rows = snapshotsFromFiles(
    Object.entries(FILES).map(([name, text]) => ({ name: `${name}.csv`, bytes: Buffer.from(text, 'utf8') })),
    mapping,
  );

  expect(MESSAGES).toHaveLength(12);
  expect([messages.messages, messages.unreadable]).toEqual([12, 0]);
  expect(messages.snapshots.map(({ revision }) => revision)).toEqual([12]);
  const documents = snapshotsFromDocuments(DOCUMENTS.map((text) => ({ bytes: Buffer.from(text, 'utf8') })));
  expect(documents.snapshots.map(({ revision }) => revision)).toEqual([3]);
  expect([bundle.issues, rows.issues, documents.issues]).toEqual([[], [], []]);

  const told = judged(messages.snapshots);
  expect(told).toMatchObject({ level: 'red', minor: 'yes', age: { years: 13 } });
  // Words, codes and results of every message that had a reason in it are among the evidence.
  expect((told.indications ?? []).length).toBeGreaterThan(1);
  expect(judged(bundle.snapshots)).toEqual(told);
  expect(judged(rows.snapshots)).toEqual(told);
  expect(judged(documents.snapshots)).toEqual(told);
});
