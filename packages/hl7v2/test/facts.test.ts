import type { EncounterSnapshot } from '@zhida/core';
import { applyMessage, readMessage } from '@zhida/hl7v2';
import { describe, expect, test } from 'vitest';
import { CHILD, VISIT, message, msh, row } from './messages.js';

function read(...segments: readonly string[]): { snapshot: EncounterSnapshot; issues: string[] } {
  const { message: parsed, issues } = readMessage(message(...segments));
  const change = parsed === undefined ? undefined : applyMessage([], parsed).changes[0];
  if (change === undefined) throw new TypeError('no visit');
  return { snapshot: change.snapshot, issues: issues.map(({ code, at }) => `${code} ${at}`) };
}

function snapshotOf(...segments: readonly string[]): EncounterSnapshot {
  return read(...segments).snapshot;
}

const LAB = [
  msh('ORU^R01'),
  CHILD,
  VISIT,
  'ORC|RE|O1|F1',
  row('OBR', { 2: 'O1', 3: 'F1', 4: 'U1^尿检^L', 7: '20260503213000', 16: 'D77^李', 24: 'LAB', 25: 'F' }),
];

function valueOf(type: string, value: string): unknown {
  return snapshotOf(...LAB, row('OBX', { 2: type, 3: 'X^项目^L', 5: value, 11: 'F' })).observations?.[0]?.value;
}

describe('results', () => {
  test('an OBX is an observation with what its OBR lends it', () => {
    const snapshot = snapshotOf(
      ...LAB,
      row('OBX', {
        1: '1',
        2: 'CWE',
        3: '2106-3^绒毛膜促性腺激素^LN',
        5: 'POS^阳性^L',
        8: 'A',
        11: 'F',
        14: '20260503214000',
        15: '^检验科',
      }),
      row('OBX', { 1: '2', 2: 'NM', 3: 'WBC^白细胞^L', 5: '9.80', 6: '10*9/L', 8: 'N~H', 11: 'P' }),
    );
    expect(snapshot.observations).toEqual([
      {
        code: '2106-3',
        system: 'loinc',
        name: '绒毛膜促性腺激素',
        value: '阳性',
        interpretation: 'A',
        performer: '检验科',
        status: 'final',
        at: '2026-05-03T21:40:00+08:00',
      },
      {
        code: 'WBC',
        system: 'L',
        name: '白细胞',
        value: 9.8,
        unit: '10*9/L',
        interpretation: 'N,H',
        status: 'preliminary',
        at: '2026-05-03T21:30:00+08:00',
      },
    ]);
    expect(snapshot.event).toEqual({ kind: 'result', at: '2026-05-03T21:30:00+08:00', staffId: 'D77', role: 'doctor' });
    expect(snapshot.feedsPresent).toEqual(['observations']);
  });

  test.each([
    ['NM', '98.00', 98],
    ['NM', '-1.5', -1.5],
    ['NM', '<0.1', '<0.1'],
    ['NM', '', undefined],
    ['SN', '^100', 100],
    ['SN', '=^100', 100],
    ['SN', '>^1000', '>1000'],
    ['SN', '^1^:^128', '1:128'],
    ['SN', '^2^-^5', '2-5'],
    ['ST', '阳性(+)', '阳性(+)'],
    ['', '阳性', '阳性'],
    ['ST', 'a^b&c', 'a^b&c'],
    ['ST', 'a~b', 'a; b'],
    ['CE', 'POS^阳性^L', '阳性'],
    ['CWE', 'POS', 'POS'],
    ['CNE', '^阳性', '阳性'],
    ['CWE', 'POS^^L^^^^^^弱阳性', '弱阳性'],
    ['TX', '阴性', '阴性'],
    ['TX', '第一行~第二行', '第一行\n第二行'],
    ['FT', '一\\.br\\二\\.sp2\\三', '一\n二\n\n三'],
    ['TS', '20260503', '2026-05-03T00:00:00+08:00'],
    ['NM', '""', null],
    ['ED', '^TEXT^PLAIN^Base64^5peg5byC5bi4', '无异常'],
    ['ED', '^TEXT^^A^plain words', 'plain words'],
  ])('a %s of %s is %j', (type, value, expected) => {
    expect(valueOf(type, value)).toEqual(expected);
  });

  test('an ED cut inside a character is read as the UTF-8 it was, and named', () => {
    const cut = Buffer.from('患儿自述被父亲用皮带打').subarray(0, -1).toString('base64');
    const { snapshot, issues } = read(...LAB, row('OBX', { 2: 'ED', 3: 'X^报告^L', 5: `^TEXT^PLAIN^Base64^${cut}`, 11: 'F' }));
    expect(snapshot.observations?.[0]?.value).toBe('患儿自述被父亲用皮带\uFFFD');
    expect(issues).toEqual(['TEXT_NOT_WELL_FORMED OBX[1]-5']);
  });

  test.each(['^AP^PDF^Base64^JVBERi0xLjQ=', '^TEXT^HTML^Base64^PHA+PC9wPg==', '^TEXT^PLAIN^Base64^!!!', '^IM^JPEG^Base64^/9j/4AA='])(
    'an ED that is no text (%s) is named and not read',
    (value) => {
      const { snapshot, issues } = read(...LAB, row('OBX', { 2: 'ED', 3: 'X^报告^L', 5: value, 11: 'F' }));
      expect(issues).toEqual(['CONTENT_NOT_TEXT OBX[1]-5']);
      expect(snapshot.observations?.[0]).not.toHaveProperty('value');
    },
  );

  test.each([
    ['\\F\\\\S\\\\T\\\\R\\\\E\\', '|^&~\\'],
    ['\\H\\重要\\N\\', '重要'],
    ['\\XE59089\\', '吉'],
    ['a\\X0D0A\\b', 'a\nb'],
    ['C:\\temp\\x', 'C:\\temp\\x'],
    ['一半\\', '一半\\'],
    ['\\Zlocal\\', '\\Zlocal\\'],
    ['\\E\\.br\\E\\', '\\.br\\'],
  ])('escapes in %s are resolved to %s', (written, expected) => {
    expect(valueOf('ST', written)).toBe(expected);
  });

  test.each([
    ['F', 'final'],
    ['P', 'preliminary'],
    ['C', 'final'],
    ['D', 'entered-in-error'],
    ['W', 'entered-in-error'],
    ['X', 'entered-in-error'],
    ['', 'final'],
  ])('status %s is %s', (code, status) => {
    expect(snapshotOf(...LAB, row('OBX', { 2: 'ST', 3: 'X^项目', 5: '1', 11: code })).observations?.[0]?.status).toBe(status);
  });

  test('a text broken into several OBX is one text, values of one name stay several', () => {
    const lines = ['TX', 'TX', 'FT'].map((type, index) => row('OBX', { 2: type, 3: 'RPT^报告^L', 4: '1', 5: `第${index + 1}段`, 11: 'F' }));
    const values = ['36.5', '38.6'].map((value) => row('OBX', { 2: 'NM', 3: 'T^体温^L', 5: value, 11: 'F' }));
    expect(snapshotOf(...LAB, ...lines, ...values).observations?.map(({ value }) => value)).toEqual(['第1段\n第2段\n第3段', 36.5, 38.6]);
  });

  test('a scan’s report is a note under imaging; a short finding and a test with CT in its name stay results', () => {
    const scan = row('OBR', { 3: 'F2', 4: '^头颅CT平扫', 7: '20260503220000', 25: 'F' });
    const text = '左侧额颞部硬膜下见新月形高密度影，邻近脑组织受压。';
    const report = snapshotOf(msh('ORU^R01'), CHILD, VISIT, scan, row('OBX', { 2: 'FT', 3: '^检查所见', 5: text, 11: 'F' }));
    expect(report.notes).toEqual([{ section: 'imaging', text, at: '2026-05-03T22:00:00+08:00' }]);
    expect(report).not.toHaveProperty('observations');
    const short = snapshotOf(msh('ORU^R01'), CHILD, VISIT, scan, row('OBX', { 2: 'FT', 3: '^检查所见', 5: '未见异常', 11: 'F' }));
    expect(short.observations).toMatchObject([{ name: '检查所见', value: '未见异常' }]);
    const test = row('OBR', { 3: 'F3', 4: '^沙眼衣原体(CT)核酸检测', 25: 'F' });
    const result = snapshotOf(
      msh('ORU^R01'),
      CHILD,
      VISIT,
      test,
      row('OBX', { 2: 'TX', 3: 'CT-DNA^衣原体', 5: '阳性，建议结合临床表现综合判断，必要时复查一次', 11: 'F' }),
    );
    expect(result.observations).toMatchObject([{ name: '衣原体' }]);
  });

  test('words of the chart are notes, however short, in any message', () => {
    const snapshot = snapshotOf(
      msh('ADT^A08'),
      CHILD,
      VISIT,
      row('OBX', { 2: 'TX', 3: '10154-3^Chief complaint^LN', 5: '腹痛', 11: 'F', 14: '20260503211000' }),
      row('OBX', { 2: 'ST', 3: '^现病史', 5: '半天前摔倒', 11: 'F' }),
      row('OBX', { 2: 'NM', 3: '29463-7^体重^LN', 5: '20', 6: 'kg', 11: 'F' }),
    );
    expect(snapshot.notes).toEqual([
      { section: 'chief-complaint', text: '腹痛', at: '2026-05-03T21:10:00+08:00' },
      { section: 'present-illness', text: '半天前摔倒' },
    ]);
    expect(snapshot.observations).toMatchObject([{ code: '29463-7', value: 20 }]);
  });

  test('a comment belongs to what it follows; several in a row are one', () => {
    const snapshot = snapshotOf(
      ...LAB,
      'NTE|1||标本轻度溶血',
      row('OBX', { 2: 'ST', 3: 'A^甲', 5: '1', 11: 'F' }),
      'NTE|1||已复查',
      'NTE|2||已电话通知~张演示医生',
      row('OBX', { 2: 'ST', 3: 'B^乙', 5: '2', 11: 'F' }),
    );
    expect(snapshot.notes).toEqual([
      { section: 'laboratory', text: '标本轻度溶血' },
      { section: 'laboratory', text: '已复查\n已电话通知\n张演示医生' },
    ]);
  });
});

describe('diagnoses and procedures', () => {
  test('DG1 tells code, text, role and certainty', () => {
    const snapshot = snapshotOf(
      msh('ADT^A08'),
      CHILD,
      VISIT,
      'DG1|1||S06.500^创伤性硬膜下出血^ICD10||20260503|A',
      'DG1|2||S00.1^眼睑挫伤^I10|||W|||||||||1',
      'DG1|3||Y07.9^^I10|||F',
      'DG1|4|I10|R10.4|腹痛||F',
      'DG1|5|||仅有文字的诊断',
      'DG1|6',
    );
    expect(snapshot.conditions).toEqual([
      { code: 'S06.500', system: 'icd-10', text: '创伤性硬膜下出血', role: 'admission', certainty: 'suspected' },
      { code: 'S00.1', system: 'icd-10', text: '眼睑挫伤', role: 'main', certainty: 'suspected' },
      { code: 'Y07.9', system: 'icd-10', role: 'external-cause', certainty: 'confirmed' },
      { code: 'R10.4', system: 'icd-10', text: '腹痛', role: 'other', certainty: 'confirmed' },
      { text: '仅有文字的诊断', role: 'other' },
    ]);
  });

  test('what was typed beside the name of the code is not lost', () => {
    const snapshot = snapshotOf(
      msh('ADT^A08'),
      CHILD,
      VISIT,
      'DG1|1||S00.1^眼睑挫伤^I10|疑似被家人殴打',
      'DG1|2||S06.500^硬膜下出血^I10|创伤性硬膜下出血',
      'PR1|1||69.0100^人工流产^I9C|人工流产',
    );
    expect([...(snapshot.conditions ?? []), ...(snapshot.procedures ?? [])].map(({ text }) => text)).toEqual([
      '眼睑挫伤；疑似被家人殴打',
      '创伤性硬膜下出血',
      '人工流产',
    ]);
  });

  test.each(['BAR^P12', 'REF^I12', 'OMI^O23', 'DFT^P03', 'ORU^R01', 'OUL^R21', 'OMG^O19', 'ADT_A08', 'ADT^A08^ADT_A01'])(
    '%s tells a diagnosis too',
    (type) => {
      expect(snapshotOf(msh(type), CHILD, VISIT, 'DG1|1||R10.4^腹痛^I10').conditions).toMatchObject([{ code: 'R10.4' }]);
    },
  );

  test('an old sender may leave the event to EVN-1', () => {
    expect(snapshotOf(msh('ADT', { version: '2.3' }), 'EVN|A03|20260503220000', CHILD, VISIT).event).toMatchObject({ kind: 'discharge' });
  });

  test('of two codings the one of ICD-10 is taken, with the words of either', () => {
    const snapshot = snapshotOf(msh('ADT^A08'), CHILD, VISIT, 'DG1|1||A77^院内诊断^99YX^T74.1^身体虐待^I10');
    expect(snapshot.conditions).toMatchObject([{ code: 'T74.1', system: 'icd-10', text: '身体虐待' }]);
  });

  test('PR1 is a procedure', () => {
    const snapshot = snapshotOf(msh('ADT^A08'), CHILD, VISIT, 'PR1|1||69.0100^人工流产^I9C||20260503220000');
    expect(snapshot.procedures).toEqual([{ code: '69.0100', system: 'icd-9-cm-3', text: '人工流产', at: '2026-05-03T22:00:00+08:00' }]);
  });
});

describe('documents', () => {
  const txa = (fields: Readonly<Record<number, string>>): string =>
    row('TXA', { 1: '1', 2: 'PN', 4: '20260503213000', 9: 'D77^李^演示', 12: 'DOC1', ...fields });

  test.each([
    ['HP^入院记录', 'present-illness'],
    ['DS', 'discharge'],
    ['OP', 'procedure'],
    ['NU^护理记录单', 'nursing'],
    ['^出院诊断证明', 'discharge'],
    ['18842-5^Discharge summary^LN', 'discharge'],
    ['34746-8^^LN', 'nursing'],
    ['^Triage note', 'nursing'],
    ['^Radiology report', 'imaging'],
    ['XX', 'other'],
  ])('a document of kind %s stands under %s', (kind, section) => {
    const snapshot = snapshotOf(msh('MDM^T02'), CHILD, VISIT, txa({ 2: kind }), row('OBX', { 2: 'TX', 3: '^正文', 5: '文字', 11: 'F' }));
    expect(snapshot.notes).toEqual([{ section, text: '文字', at: '2026-05-03T21:30:00+08:00', author: '李演示' }]);
  });

  test('parts with a heading of their own stand under it', () => {
    const part = (name: string, text: string): string => row('OBX', { 2: 'FT', 3: name, 5: text, 11: 'F' });
    const snapshot = snapshotOf(
      msh('MDM^T02'),
      CHILD,
      VISIT,
      txa({ 2: 'PN^门诊病历' }),
      part('^主诉', '腹痛'),
      part('^现病史', '半天前'),
      part('^其他', '无'),
    );
    expect(snapshot.notes?.map(({ section }) => section)).toEqual(['chief-complaint', 'present-illness', 'present-illness']);
    expect(snapshot.event).toMatchObject({ kind: 'diagnosis', staffId: 'D77', role: 'doctor' });
  });
});

describe('orders', () => {
  test('ORM and OML tell what is ordered', () => {
    const snapshot = snapshotOf(
      msh('OML^O21', { version: '2.5.1' }),
      CHILD,
      VISIT,
      'ORC|NW|O9||||||||||D77',
      row('OBR', { 2: 'O9', 4: 'HCG^尿妊娠试验^L', 13: '停经2月' }),
      'NTE|1||急',
      'ORC|CA|O8',
      row('OBR', { 2: 'O8', 4: 'CT^头颅CT^L' }),
    );
    expect(snapshot.orders).toEqual([
      { status: 'active', code: 'HCG', text: '尿妊娠试验' },
      { status: 'cancelled', code: 'CT', text: '头颅CT' },
    ]);
    expect(snapshot.notes).toEqual([
      { section: 'other', text: '停经2月' },
      { section: 'plan', text: '急' },
    ]);
  });

  test('why it is asked for is read from OBR-31 too, what is told of an accident from ACC', () => {
    const snapshot = snapshotOf(
      msh('ORM^O01'),
      CHILD,
      VISIT,
      'ORC|NW|O9',
      row('OBR', { 2: 'O9', 4: 'CT^头颅CT^L', 13: '外伤待查', 31: 'R1^疑似被摔^L~^嗜睡' }),
      row('ACC', { 2: 'H^家中', 8: '自述被继父推下楼梯' }),
    );
    expect(snapshot.notes).toEqual([
      { section: 'other', text: '外伤待查\n疑似被摔\n嗜睡' },
      { section: 'present-illness', text: '家中；自述被继父推下楼梯' },
    ]);
  });

  test.each([
    ['ORM^O01', row('RXO', { 1: 'M1^米非司酮片^L' })],
    ['RDE^O11', row('RXE', { 2: 'M1^米非司酮片^L' })],
  ])('%s tells a medicine', (type, segment) => {
    expect(snapshotOf(msh(type), CHILD, VISIT, 'ORC|NW|O9', segment).medications).toEqual([
      { text: '米非司酮片', code: 'M1', status: 'active' },
    ]);
  });
});

describe('what is not understood', () => {
  test('a segment nobody reads is named, one without facts is not', () => {
    expect(read(msh('ADT^A08'), CHILD, VISIT, 'AL1|1|DA|^青霉素', 'ZPD|1|local', 'ZPD|2|local').issues).toEqual(['VALUE_UNREAD ZPD']);
  });

  test('a message that changes nothing a snapshot has is ignored, and that is said', () => {
    const { message: parsed, issues } = readMessage(message(msh('SIU^S12'), CHILD, VISIT));
    expect(parsed?.updates).toEqual([]);
    expect(issues).toEqual([{ code: 'MESSAGE_IGNORED', severity: 'information', at: 'MSH-9' }]);
  });
});
