import { snapshotsFromDocuments } from '@zhida/his/cda';
import { describe, expect, test } from 'vitest';
import { COMPLAINT, DOCUMENTS, documentOf, entry, only, read, section, told } from './documents.js';

const textsOf = (name: string): string => DOCUMENTS[name] ?? '';
const S = '/ClinicalDocument/component/structuredBody/component';

describe('documents of WS/T 500', () => {
  test('an outpatient record and the report of its test tell one visit', () => {
    const reading = read(textsOf('outpatient-record'), textsOf('test-report'));
    expect(told(reading)).toEqual(['VALUE_UNREAD document[1]/ClinicalDocument/confidentialityCode']);
    expect(reading.unreadable).toBe(0);
    const by = { at: '2026-05-08T21:04:00+08:00', author: '李医生' };
    const report = { at: '2026-05-08T22:00:00+08:00', author: '王技师' };
    expect(only(reading)).toEqual({
      schemaVersion: '1',
      id: 'outpatient-V2001',
      // Its first document, and the second version of the other.
      revision: 3,
      facility: { code: '12440299MADEM0118M', name: '云溪县人民医院' },
      department: { code: '0301', name: '急诊科' },
      visitNumber: 'V2001',
      event: { kind: 'result', at: report.at },
      class: 'emergency',
      period: { start: by.at },
      patient: {
        id: 'P7001',
        name: '林小满',
        sex: 'female',
        birthDate: '2013-03-18',
        statedAge: '13岁',
        identifiers: [{ system: 'mrn', value: 'P7001' }],
        phone: '00000000001',
      },
      notes: [
        { section: 'chief-complaint', text: '停经2月', ...by },
        // Once, as the narrative has it, and without what the narrative itself struck out.
        { section: 'present-illness', text: '停经2月，伴恶心呕吐1周。\n否认发热、腹痛。', ...by },
        { section: 'physical-exam', text: '腹软，无压痛。', ...by },
        { section: 'laboratory', text: '盆腔超声：宫内早孕，约8周', ...by },
        { section: 'laboratory', text: '检验报告结果：血HCG明显升高。', ...report },
      ],
      conditions: [
        { code: 'Z32.100', system: 'icd-10-cn', text: '早期妊娠', role: 'main' },
        { code: 'K37.x00', system: 'icd-10-cn', text: '阑尾炎', role: 'other', certainty: 'ruled-out' },
      ],
      observations: [
        { code: 'DE02.10.023.00', system: '2.16.156.10011.2.2.1', name: '过敏史标志', value: false, at: by.at },
        { code: 'DE04.10.188.00', system: '2.16.156.10011.2.2.1', name: '体重', value: 41.5, unit: 'kg', at: by.at },
        { name: '盆腔超声', value: '宫内早孕，约8周', at: by.at },
        { code: 'DE06.00.196.00', system: '2.16.156.10011.2.2.1', name: '初诊标志代码', value: '初诊', at: by.at },
        {
          name: '血人绒毛膜促性腺激素',
          value: 56200,
          unit: 'mIU/mL',
          interpretation: '异常',
          specimen: '血清',
          at: '2026-05-08T21:35:00+08:00',
        },
        { code: '2106-3', system: 'loinc', name: '尿HCG', value: '阳性', at: report.at },
        {
          code: '718-7',
          system: 'loinc',
          name: '血红蛋白',
          value: 12,
          unit: 'g/L',
          interpretation: '低',
          status: 'entered-in-error',
          at: '2026-05-08T21:35:00+08:00',
        },
        { code: '5196-1', system: 'loinc', name: '乙肝表面抗原', value: null, at: report.at },
      ],
      orders: [{ text: '盆腔超声', at: '2026-05-08T21:10:00+08:00' }],
      feedsPresent: ['notes', 'conditions', 'observations', 'orders'],
    });
  });

  test('an admission record and a front page tell one stay: people, place, way of leaving, external cause', () => {
    const reading = read(textsOf('admission-record'), textsOf('front-page'));
    expect(told(reading)).toEqual([
      `VALUE_UNREAD document[0]${S}[4]/section/entry/observation`,
      `CONTENT_NOT_TEXT document[0]${S}[5]/section/text/renderMultiMedia`,
      `CONTENT_NOT_TEXT document[0]${S}[5]/section/entry/observationMedia`,
      `VALUE_UNREAD document[0]${S}[7]/section/entry[2]/substanceAdministration/@negationInd`,
    ]);
    const snapshot = only(reading);
    expect(snapshot).toMatchObject({
      id: 'inpatient-ZY3002',
      revision: 2,
      facility: { code: '12440299MADEM0118M', name: '云溪县人民医院' },
      department: { code: '0401', name: '儿科' },
      location: '儿科一病区 12床',
      class: 'inpatient',
      arrival: 'referral',
      disposition: 'against-advice',
      period: { start: '2026-06-11T09:50:00+08:00', end: '2026-06-18T16:00:00+08:00' },
      event: { kind: 'discharge' },
      patient: {
        id: 'B8002',
        birthDate: '2023-04-02',
        statedAge: '3岁2月',
        maritalStatus: '未婚',
        ethnicity: '汉族',
        nationality: '中国',
        school: '清水镇中心幼儿园',
        address: { text: '示例省示例市云溪县清水镇桥头村18号' },
        registeredAddress: { text: '示例省云溪县' },
      },
      companion: { relationship: '继父或养父', name: '周某' },
      guardians: [{ relationship: '母亲', name: '吴某', phone: '00000000002' }],
    });
    expect(snapshot.conditions).toEqual([
      { code: 'S42.300', system: 'icd-10-cn', text: '左肱骨骨折？', role: 'admission' },
      { code: 'Y07.900', system: 'icd-10-cn', text: '被家人殴打', role: 'external-cause' },
      { code: 'S42.300', system: 'icd-10-cn', text: '左肱骨骨折', role: 'main' },
    ]);
    expect(snapshot.procedures).toEqual([
      { code: '79.0100', system: 'icd-9-cm-3', text: '肱骨骨折闭合复位术', at: '2026-06-11T14:00:00+08:00' },
    ]);
    expect(snapshot.medications).toEqual([{ text: '对乙酰氨基酚混悬液', code: 'N02BE01', status: 'ordered' }]);
    expect(snapshot.notes?.map(({ section: heading, text }) => [heading, text])).toEqual([
      ['chief-complaint', '左上臂肿痛1天'],
      ['present-illness', '经过 家属称1天前自行跌倒，未见他人在场。\n处理 未就诊。'],
      ['past-history', '疾病史(含外伤)：半年前右前臂骨折。'],
      ['past-history', '过敏史：无'],
      // A relative’s illness is no diagnosis of the patient’s.
      ['family-history', '成骨不全'],
      ['physical-exam', '左上臂肿胀；背部见多处新旧不一的瘀斑。'],
    ]);
  });

  test('earlier visits of the same patient are the history of later ones', () => {
    const later = textsOf('front-page').replaceAll('ZY3002', 'ZY3003').replaceAll('202606', '202607').replace('D20260618001', 'D3');
    const { snapshots } = read(textsOf('admission-record'), textsOf('front-page'), later);
    expect(snapshots.map(({ id, history }) => [id, history?.map((past) => past.id)])).toEqual([
      ['inpatient-ZY3002', undefined],
      ['inpatient-ZY3003', ['inpatient-ZY3002']],
    ]);
  });
});

describe('versions', () => {
  const version = (id: string, complaint: string, more: string): string =>
    documentOf(section('10154-3', `<text>${complaint}</text>`), { head: more }).replace('extension="D1"', `extension="${id}"`);
  const set = '<setId root="1.2.3" extension="S1"/>';
  const notes = (...texts: readonly string[]): string[] | undefined => only(read(...texts)).notes?.map(({ text }) => text);

  test('of one set the highest version counts, in whichever order they come, and of equals the last', () => {
    const first = version('D1', '腹痛', `${set}<versionNumber value="1"/>`);
    const second = version('D2', '停经', `${set}<versionNumber value="2"/>`);
    expect(notes(first, second)).toEqual(['停经']);
    expect(notes(second, first)).toEqual(['停经']);
    expect(only(read(first, second)).revision).toBe(2);
    expect(notes(second, second.replace('停经', '停经2月'))).toEqual(['停经2月']);
  });

  test('a replacement that names its parent stands in its place, and has a higher revision without saying so', () => {
    const parent =
      '<relatedDocument typeCode="RPLC"><parentDocument><id root="2.16.156.10011.1.1" extension="D1"/></parentDocument></relatedDocument>';
    const replacement = version('D2', '停经', parent);
    expect(notes(version('D1', '腹痛', ''), replacement)).toEqual(['停经']);
    expect(only(read(replacement)).revision).toBe(2);
    // An addendum is not a replacement.
    expect(notes(version('D1', '腹痛', ''), version('D2', '停经', parent.replace('RPLC', 'APND')))).toEqual(['腹痛', '停经']);
  });

  test('a document that is withdrawn leaves the visit and nothing of itself', () => {
    const withdrawn = version('D1', '停经', `<statusCode code="nullified"/>${set}<versionNumber value="2"/>`);
    const reading = read(version('D1', '停经', `${set}<versionNumber value="1"/>`), withdrawn);
    expect(only(reading)).toMatchObject({ id: 'outpatient-V1', revision: 2 });
    expect(only(reading).notes).toBeUndefined();
    expect(told(reading)).toEqual(['VALUE_UNREAD document[1]/ClinicalDocument/statusCode']);
  });
});

describe('entries', () => {
  const factsOf = (body: string) => only(read(documentOf(body)));

  test('what is denied, planned, of a relative or not known is not taken for a finding', () => {
    const subject = '<subject><relatedSubject classCode="PRS"><code code="MTH"/></relatedSubject></subject>';
    const body = section(
      '29545-1',
      entry('DE04.10.001.00', '瘀斑', '<value xsi:type="ST">背部瘀斑</value>', 'negationInd="true"') +
        entry('DE04.10.002.00', '体温', '<value xsi:type="PQ" nullFlavor="UNK"/>') +
        `<entry><observation moodCode="RQO"><code code="US" displayName="盆腔超声"/><statusCode code="cancelled"/></observation></entry>` +
        `<entry><observation moodCode="EVN"><code code="2106-3" codeSystem="2.16.840.1.113883.6.1" displayName="尿HCG"/><value xsi:type="ST">阳性</value>${subject}</observation></entry>`,
    );
    const reading = read(documentOf(body));
    const { notes, observations, orders } = only(reading);
    expect(notes).toBeUndefined();
    expect(observations).toMatchObject([{ name: '体温', value: null }]);
    expect(orders).toEqual([{ code: 'US', text: '盆腔超声', status: 'cancelled' }]);
    expect(told(reading)).toEqual([
      `VALUE_UNREAD document[0]${S}/section/entry/observation/@negationInd`,
      `VALUE_UNREAD document[0]${S}/section/entry[4]/observation/subject`,
    ]);
  });

  test('values: numbers, bounds, ratios, words of a code, times, flags; a number in a text stays a text', () => {
    const values = [
      '<value xsi:type="PQ" value="12.5" unit="g/L"/>',
      '<value xsi:type="INT" value="3"/>',
      '<value xsi:type="IVL_PQ"><low value="1000" unit="mIU/mL"/></value>',
      '<value xsi:type="IVL_PQ"><low value="1"/><high value="2"/></value>',
      '<value xsi:type="RTO"><numerator value="1"/><denominator value="16"/></value>',
      '<value xsi:type="CD" code="10828004" codeSystem="2.16.840.1.113883.6.96"><originalText>阳性</originalText></value>',
      '<value xsi:type="TS" value="202605"/>',
      '<value xsi:type="TS" value="20260503"/>',
      '<value xsi:type="BL" value="true"/>',
      '<value xsi:type="CD" code="007"/>',
      '<value>0012</value>',
    ];
    const body = section(
      '30954-2',
      values.map((value) => `<entry><observation><code code="X" displayName="项"/>${value}</observation></entry>`).join(''),
    );
    const reading = read(documentOf(body));
    expect(only(reading).observations?.map(({ value, unit }) => (unit === undefined ? value : [value, unit]))).toEqual([
      [12.5, 'g/L'],
      3,
      ['>=1000', 'mIU/mL'],
      '1–2',
      '1/16',
      '阳性',
      '2026-05-03T00:00:00+08:00',
      true,
      '007',
      '0012',
    ]);
    expect(told(reading)).toEqual([`TIME_UNREADABLE document[0]${S}/section/entry[7]/observation/value`]);
  });

  test('a text, an act or a way of leaving that is withdrawn is passed over, with all below it', () => {
    const withdrawn = (act: string, inside: string): string =>
      `<entry><${act} moodCode="EVN"><statusCode code="nullified"/>${inside}</${act}></entry>`;
    const element = (number: string): string => `<code code="${number}" codeSystem="2.16.156.10011.2.2.1" displayName="项"/>`;
    const below = `<entryRelationship><observation>${element('DE02.10.026.00')}<value xsi:type="ST">下面的</value></observation></entryRelationship>`;
    const body = section(
      '11348-0',
      withdrawn('observation', `${element('DE02.10.099.00')}<value xsi:type="ST">被打</value>${below}`) +
        withdrawn('observation', `${element('DE05.10.031.00')}<value xsi:type="BL" value="true"/>${below}`) +
        withdrawn('act', `<text>被打</text>${below}`) +
        withdrawn('procedure', `<code code="69.0100" codeSystem="2.16.156.10011.2.3.3.12"/><text>术中</text>${below}`) +
        withdrawn('observation', `${element('DE06.00.223.00')}<value xsi:type="CD" code="4"/>`),
    );
    const { notes, observations, procedures, disposition } = factsOf(body);
    expect([notes, disposition]).toEqual([undefined, undefined]);
    expect(observations).toMatchObject([{ code: 'DE05.10.031.00', status: 'entered-in-error' }]);
    expect(procedures).toEqual([{ code: '69.0100', system: 'icd-9-cm-3', status: 'entered-in-error' }]);
  });

  test('a vaccine is no medicine', () => {
    const given =
      '<entry><substanceAdministration><consumable><manufacturedProduct><manufacturedMaterial><name>乙肝疫苗</name></manufacturedMaterial></manufacturedProduct></consumable></substanceAdministration></entry>';
    expect(factsOf(section('11369-6', given)).medications).toBeUndefined();
    expect(factsOf(section('10160-0', given)).medications).toEqual([{ text: '乙肝疫苗' }]);
  });

  test('a diagnosis of another classification, and one that is uncertain', () => {
    const observation = (more: string): string => `<entry><observation><code code="ASSERTION"/>${more}</observation></entry>`;
    const translated =
      '<value xsi:type="CD" code="X1" codeSystem="1.2.3" displayName="本地"><translation code="T74.1" codeSystem="2.16.840.1.113883.6.3"/></value>';
    const { conditions } = factsOf(
      section(
        '29548-5',
        observation(translated) +
          observation('<uncertaintyCode code="U"/><value xsi:type="CD" code="S06.500" codeSystemName="ICD-10" displayName="硬膜下血肿"/>'),
      ),
    );
    expect(conditions).toEqual([
      { code: 'T74.1', system: 'icd-10', text: '本地', role: 'main' },
      { code: 'S06.500', system: 'icd-10-cn', text: '硬膜下血肿', role: 'other', certainty: 'suspected' },
    ]);
  });

  test('a disease and its syndrome, names and codes one after the other in one organizer, are two diagnoses', () => {
    const part = (number: string, value: string): string =>
      `<component><observation><code code="${number}" codeSystem="2.16.156.10011.2.2.1"/>${value}</observation></component>`;
    const name = (text: string): string => part('DE05.10.172.00', `<value xsi:type="ST">${text}</value>`);
    const code = (text: string): string => part('DE05.10.130.00', `<value xsi:type="CD" code="${text}"/>`);
    const { conditions } = factsOf(
      section('29548-5', `<entry><organizer>${name('泄泻')}${code('BNP110')}${name('脾虚')}${code('ZYV010')}</organizer></entry>`),
    );
    expect(conditions).toEqual([
      { code: 'BNP110', text: '泄泻', role: 'main' },
      { code: 'ZYV010', text: '脾虚', role: 'other' },
    ]);
  });

  test('a body that is text, in base64 too, is one note; a PDF is named', () => {
    const body = (text: string): string =>
      documentOf('').replace(/<structuredBody>.*<\/structuredBody>/, `<nonXMLBody>${text}</nonXMLBody>`);
    const gb = Buffer.from([0xcd, 0xa3, 0xbe, 0xad]).toString('base64');
    expect(only(read(body('<text mediaType="text/plain">停经2月</text>'))).notes).toMatchObject([{ section: 'other', text: '停经2月' }]);
    expect(only(read(body(`<text mediaType="text/plain" representation="B64">${gb}</text>`))).notes).toMatchObject([{ text: '停经' }]);
    const pdf = read(body('<text mediaType="application/pdf" representation="B64">JVBERi0=</text>'));
    expect(only(pdf).notes).toBeUndefined();
    expect(told(pdf)).toEqual(['CONTENT_NOT_TEXT document[0]/ClinicalDocument/component/nonXMLBody/text']);
  });
});

describe('which visit', () => {
  test('numbers of stays and of outpatient visits are counted apart, the class decides where both are there', () => {
    const both = (type: string): string =>
      documentOf('').replace(
        '</patientRole>',
        `<id root="2.16.156.10011.1.12" extension="V1"/><patientType><patienttypeCode code="${type}"/></patientType></patientRole>`,
      );
    expect(only(read(both('1')))).toMatchObject({ id: 'outpatient-V1', visitNumber: 'V1', class: 'outpatient' });
    expect(only(read(both('3')))).toMatchObject({ id: 'inpatient-V1', visitNumber: 'V1', class: 'inpatient' });
  });

  test('two hospitals count alike; a document that names none is of the one the other names', () => {
    const of = (code: string): string =>
      documentOf(COMPLAINT).replace(
        '<component>',
        `<custodian><assignedCustodian><representedCustodianOrganization><id extension="${code}"/></representedCustodianOrganization></assignedCustodian></custodian><component>`,
      );
    expect(read(of('A'), of('B'), documentOf('')).snapshots).toHaveLength(2);
    expect(read(documentOf(''), of('B')).snapshots).toHaveLength(1);
  });

  test('a document of no visit and no name is refused, and the others are read', () => {
    const nameless = documentOf('').replace('extension="V1"', 'extension="NA"').replace('extension="D1"', '');
    const reading = read(nameless, documentOf(COMPLAINT));
    expect(told(reading)).toEqual(['FIELD_MISSING document[0]/ClinicalDocument/recordTarget/patientRole/id']);
    expect([reading.snapshots.length, reading.unreadable]).toEqual([1, 1]);
  });

  test('an envelope of several documents, whatever it is called', () => {
    const wrapped = `<Batch13800000000><x>${[documentOf(COMPLAINT), documentOf('').replace('"V1"', '"V2"').replace('"D1"', '"D2"')].map((text) => text.replace(/^<\?.*\?>/, '')).join('')}</x></Batch13800000000>`;
    const reading = read(wrapped);
    expect(reading.snapshots.map(({ id }) => id)).toEqual(['outpatient-V1', 'outpatient-V2']);
  });

  test('a time without an offset is read in the zone that is given', () => {
    const { snapshots } = snapshotsFromDocuments([{ bytes: Buffer.from(documentOf(COMPLAINT)) }], { zone: 'UTC' });
    expect(snapshots[0]?.period).toEqual({ start: '2026-05-08T21:04:00+00:00' });
  });
});
