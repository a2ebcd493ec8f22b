import { type EncounterSnapshot, isZhidaError } from '@zhida/core';
import { applyMessage, readMessage } from '@zhida/hl7v2';
import { describe, expect, test } from 'vitest';
import { CHILD, CHILD_FIELDS, VISIT, message, msh, row } from './messages.js';

function snapshotOf(...segments: readonly string[]): EncounterSnapshot {
  const { message: read } = readMessage(message(...segments));
  if (read === undefined) throw new TypeError('unreadable');
  const [change] = applyMessage([], read).changes;
  if (change === undefined) throw new TypeError('no visit');
  return change.snapshot;
}

function places(...segments: readonly string[]): string[] {
  return readMessage(message(...segments)).issues.map(({ code, at }) => `${code} ${at}`);
}

describe('the header', () => {
  test('is read in the words of the standard', () => {
    const { message: read, issues } = readMessage(message(msh('ADT^A04^ADT_A01', { version: '2.5.1' }), CHILD, VISIT));
    expect(issues).toEqual([]);
    expect(read?.header).toEqual({
      controlId: 'M0001',
      type: 'ADT',
      trigger: 'A04',
      version: '2.5.1',
      processingId: 'P',
      mode: 'production',
      sendingApplication: 'HIS',
      sendingFacility: 'YUNXI',
      receivingApplication: 'ZHIDA',
      receivingFacility: 'YUNXI',
      sentAt: '2026-05-03T21:10:05+08:00',
      charset: 'utf-8',
    });
  });

  test.each([
    ['P', 'production'],
    ['T', 'test'],
    ['D', 'training'],
  ])('INV-16 processing id %s is mode %s', (processingId, mode) => {
    expect(snapshotOf(msh('ADT^A04', { processingId }), CHILD, VISIT).mode).toBe(mode);
  });

  test('INV-16 an unknown or missing processing id gives no mode and is named', () => {
    expect(places(msh('ADT^A04', { processingId: 'Q' }), CHILD, VISIT)).toEqual(['FIELD_UNKNOWN_CODE MSH-11']);
    expect(places(msh('ADT^A04', { processingId: '' }), CHILD, VISIT)).toEqual(['FIELD_MISSING MSH-11']);
    expect(snapshotOf(msh('ADT^A04', { processingId: 'Q' }), CHILD, VISIT)).not.toHaveProperty('mode');
  });

  test.each(['2.3', '2.3.1', '2.4', '2.5', '2.5.1', '2.6', '2.7', '2.7.1', '2.8', '2.8.2'])(
    'version %s is read without an issue',
    (version) => {
      expect(places(msh('ADT^A04', { version }), CHILD, VISIT)).toEqual([]);
    },
  );

  test('what the parser does not check is named: a truncated header, a missing control id or version, an unknown version', () => {
    const plain = 'PID|1||P1001||Example^Ann||20190203|F';
    expect(places('MSH|^~\\&|HIS|YUNXI|ZHIDA', plain)).toEqual(['MESSAGE_UNREADABLE MSH-9']);
    expect(places('MSH|^~\\&|HIS|YUNXI|ZHIDA|YUNXI|20260503211005||ADT^A04', plain)).toEqual([
      'FIELD_MISSING MSH-10',
      'FIELD_MISSING MSH-12',
      'FIELD_MISSING MSH-11',
    ]);
    expect(places(msh('ADT^A04', { version: '3.0' }), CHILD, VISIT)).toEqual(['FIELD_UNKNOWN_CODE MSH-12']);
  });

  test('other separators are taken as MSH says them', () => {
    const text = [msh('ORU^R01'), CHILD, VISIT, 'OBR|1|||HCG^尿HCG', 'OBX|1|ST|HCG^尿HCG^L||阳性||||||F'].join('\r');
    const swapped = text.replaceAll('|', '$').replaceAll('^', '*').replaceAll('~', '%');
    const { message: read } = readMessage(Buffer.from(swapped));
    const [change] = applyMessage([], read ?? neverRead()).changes;
    expect(change?.snapshot.observations).toMatchObject([{ code: 'HCG', name: '尿HCG', value: '阳性' }]);
  });

  test('an unknown zone is the caller’s mistake and throws, whatever the message', () => {
    try {
      readMessage('', { zone: 'Nowhere/Land' });
      expect.unreachable();
    } catch (error) {
      expect(isZhidaError(error) && error.code).toBe('ZD_ERR_OPTION_INVALID');
    }
  });
});

describe('the patient', () => {
  test('is read from PID', () => {
    expect(snapshotOf(msh('ADT^A04'), CHILD, VISIT).patient).toEqual({
      id: 'P1001',
      name: '张演示',
      sex: 'female',
      birthDate: '2019-02-03',
      identifiers: [{ system: 'mrn', value: 'P1001' }],
      address: { text: '示例省云溪县云溪镇示例路1号', regionCode: '440299' },
      phone: '0000-1100110',
      maritalStatus: 'Never Married',
      ethnicity: '汉族',
    });
  });

  test.each([
    ['2019', '2019'],
    ['201902', '2019-02'],
    ['20190203', '2019-02-03'],
    ['201902031530', '2019-02-03'],
    ['20190203000000.0000+0800', '2019-02-03'],
    ['20190202160000+0000', '2019-02-03'],
    ['2019-02-02T16:00:00Z', '2019-02-03'],
    ['20190000', '2019'],
    ['20190200', '2019-02'],
    ['2019-02-03', '2019-02-03'],
    ['2019/2/3', '2019-02-03'],
  ])('birth date %s is %s', (written, read) => {
    expect(snapshotOf(msh('ADT^A04'), `PID|1||P1001^^^YUNXI^MR||张^演示||${written}|F`, VISIT).patient?.birthDate).toBe(read);
  });

  test.each(['20190230', '00000000', '19', 'unbekannt', '2019-13-01'])('birth date %s is no date, named and left out', (written) => {
    expect(places(msh('ADT^A04'), `PID|1||P1001^^^YUNXI^MR||张^演示||${written}|F`, VISIT)).toEqual(['TIME_UNREADABLE PID-7']);
  });

  test.each([
    [
      'P1001^^^YUNXI^MR~440299201902030026^^^GA^NI',
      [
        ['mrn', 'P1001'],
        ['cn-resident-id', '440299201902030026'],
      ],
    ],
    [
      'P1001^^^YUNXI^MR~44029920190203002X^^^^ID',
      [
        ['mrn', 'P1001'],
        ['cn-resident-id', '44029920190203002X'],
      ],
    ],
    [
      'P1001~44029920190203002X',
      [
        ['mrn', 'P1001'],
        ['cn-resident-id', '44029920190203002X'],
      ],
    ],
    [
      'P1001^^^YUNXI^MR~A123456^^^^NI',
      [
        ['mrn', 'P1001'],
        ['NI', 'A123456'],
      ],
    ],
    [
      'P1001^^^YUNXI^PI~99^^^LIS&2.16.1&ISO',
      [
        ['mrn', 'P1001'],
        ['LIS', '99'],
      ],
    ],
  ])('identifiers %s', (field, expected) => {
    const { patient } = snapshotOf(msh('ADT^A04'), `PID|1||${field}||张^演示||20190203|F`, VISIT);
    expect(patient?.identifiers?.map(({ system, value }) => [system, value])).toEqual(expected);
    expect(patient?.id).toBe('P1001');
  });

  test('a resident identity number in PID-19 counts too', () => {
    const { patient } = snapshotOf(msh('ADT^A04'), row('PID', { ...CHILD_FIELDS, 19: '44029920190203002X' }), VISIT);
    expect(patient?.identifiers).toContainEqual({ system: 'cn-resident-id', value: '44029920190203002X' });
  });

  test.each([
    ['张^演示', '张演示'],
    ['张演示', '张演示'],
    ['Zhang^Yanshi^^^^^L^A~张^演示^^^^^L^I', '张演示'],
    ['Example^Ann^Mary^^Miss', 'Ann Mary Example'],
    ['van Example&van&Example^Ann', 'Ann van Example'],
  ])('name %s is %s', (field, name) => {
    expect(snapshotOf(msh('ADT^A04'), `PID|1||P1001||${field}||20190203|F`, VISIT).patient?.name).toBe(name);
  });

  test.each([
    ['M', 'male'],
    ['f', 'female'],
    ['2', 'female'],
    ['男', 'male'],
    ['U', 'unknown'],
  ])('sex %s is %s', (code, sex) => {
    expect(snapshotOf(msh('ADT^A04'), `PID|1||P1001||张^演示||20190203|${code}`, VISIT).patient?.sex).toBe(sex);
  });

  test('next of kin and guarantor stand behind the child, who came along stands beside', () => {
    const snapshot = snapshotOf(
      msh('ADT^A04'),
      CHILD,
      'NK1|1|王^演示|MTH^母亲||0000-1100111',
      'NK1|2|张^示例|FTH|||0000-1100112',
      'NK1|3|赵^示例|OTH^邻居||0000-1100113||陪同人',
      VISIT,
      'GT1|1||张^示例||||||||FTH',
    );
    expect(snapshot.guardians).toEqual([
      { relationship: '母亲', name: '王演示', phone: '0000-1100111' },
      { relationship: '父亲', name: '张示例', phone: '0000-1100112' },
    ]);
    expect(snapshot.companion).toEqual({ relationship: '邻居', name: '赵示例', phone: '0000-1100113' });
    expect(snapshot.feedsPresent).toEqual(['guardians', 'companion']);
  });

  test('a newborn’s record tells the mother’s birth date', () => {
    const snapshot = snapshotOf(
      msh('ADT^A01'),
      'PID|1||P1002||张^之女||20260503|F',
      row('NK1', { 1: '1', 2: '王^演示', 3: 'GRP^外祖母', 16: '19700203' }),
      row('NK1', { 1: '2', 2: '李^演示', 3: 'OTH^继母', 16: '19900203' }),
      row('NK1', { 1: '3', 2: '张^演示', 3: 'MTH^母亲', 16: '20110203' }),
      row('PV1', { 2: 'I', 3: '产科^3床', 4: 'N', 19: 'V20260503002' }),
    );
    expect(snapshot).toMatchObject({ class: 'birth', mother: { birthDate: '2011-02-03' } });
  });
});

describe('the visit', () => {
  test('is read from PV1', () => {
    expect(snapshotOf(msh('ADT^A04'), 'EVN|A04|20260503210500|||N12', CHILD, VISIT)).toMatchObject({
      id: 'P1001-V20260503001',
      revision: 1,
      facility: { code: 'YUNXI' },
      visitNumber: 'V20260503001',
      department: { code: 'EM' },
      location: '急诊 2诊室',
      class: 'emergency',
      arrival: 'unknown',
      period: { start: '2026-05-03T21:00:00+08:00' },
      event: { kind: 'triage', at: '2026-05-03T21:05:00+08:00', staffId: 'N12' },
    });
  });

  test.each([
    ['E', 'emergency'],
    ['I', 'inpatient'],
    ['O', 'outpatient'],
    ['1', 'outpatient'],
    ['3', 'inpatient'],
    ['急诊', 'emergency'],
    ['住院', 'inpatient'],
    ['X', 'other'],
  ])('class %s is %s', (code, expected) => {
    expect(snapshotOf(msh('ADT^A04'), CHILD, `PV1|1|${code}`).class).toBe(expected);
  });

  test.each([
    ['01', 'home'],
    ['07', 'against-advice'],
    ['20', 'died'],
    ['4', 'against-advice'],
    ['5', 'died'],
    ['自动出院', 'against-advice'],
    ['??', 'other'],
  ])('disposition %s is %s', (code, expected) => {
    expect(snapshotOf(msh('ADT^A03'), CHILD, row('PV1', { 2: 'E', 36: code })).disposition).toBe(expected);
  });

  test.each([
    ['8', 'police'],
    ['4', 'referral'],
    ['120救护车', 'ambulance'],
    ['公安机关', 'police'],
    ['自行来院', 'self'],
    ['1', undefined],
  ])('admit source %s is %s', (code, expected) => {
    expect(snapshotOf(msh('ADT^A04'), CHILD, row('PV1', { 2: 'E', 14: code })).arrival).toBe(expected);
  });

  test('a hospital’s own codes stand above the tables', () => {
    const { message: read } = readMessage(message(msh('ADT^A04'), CHILD, row('PV1', { 2: 'JZ', 14: '1' })), {
      codes: { patientClass: { JZ: 'emergency' }, admitSource: { '1': 'ambulance' } },
      facility: { code: 'H1', name: '云溪县人民医院', regionCode: '440299' },
    });
    const [change] = applyMessage([], read ?? neverRead()).changes;
    expect(change?.snapshot).toMatchObject({
      class: 'emergency',
      arrival: 'ambulance',
      facility: { code: 'H1', name: '云溪县人民医院', regionCode: '440299' },
    });
  });

  test.each([
    ['20260503210000', '2026-05-03T21:00:00+08:00'],
    ['202605032100', '2026-05-03T21:00:00+08:00'],
    ['20260503210000+0900', '2026-05-03T21:00:00+09:00'],
    ['20260503210000.1234+0000', '2026-05-03T21:00:00+00:00'],
    ['2026-05-03 21:00:00', '2026-05-03T21:00:00+08:00'],
    ['19880715080000', '1988-07-15T08:00:00+09:00'],
  ])('time %s is %s in Shanghai', (written, expected) => {
    expect(snapshotOf(msh('ADT^A04'), CHILD, row('PV1', { 2: 'E', 44: written })).period?.start).toBe(expected);
  });

  test('a time without offset is read in the facility’s zone', () => {
    const { message: read } = readMessage(message(msh('ADT^A04'), CHILD, VISIT), { zone: 'Europe/Berlin' });
    expect(applyMessage([], read ?? neverRead()).changes[0]?.snapshot.period?.start).toBe('2026-05-03T21:00:00+02:00');
  });

  test.each([
    ['ADT^A04', ['DG1|1||R10.4^腹痛^I10'], 'diagnosis'],
    ['ADT^A02', [], 'transfer'],
    ['ADT^A03', [], 'discharge'],
    ['ORU^R01', [], 'result'],
    ['ORM^O01', ['ORC|NW|1', 'OBR|1|1||CT^头颅CT'], 'order'],
    ['MDM^T02', ['TXA|1|PN'], 'diagnosis'],
  ])('%s with %s is a %s event', (type, segments, kind) => {
    expect(snapshotOf(msh(type), CHILD, VISIT, ...segments).event?.kind).toBe(kind);
  });

  test('a death is told by the disposition, by PID-29 or by PID-30', () => {
    expect(snapshotOf(msh('ADT^A03'), CHILD, row('PV1', { 2: 'E', 36: '5' })).event?.kind).toBe('death');
    expect(snapshotOf(msh('ADT^A03'), row('PID', { ...CHILD_FIELDS, 30: 'Y' }), VISIT)).toMatchObject({
      event: { kind: 'death' },
      disposition: 'died',
    });
    expect(snapshotOf(msh('ADT^A03'), row('PID', { ...CHILD_FIELDS, 29: '20260503213000' }), VISIT)).toMatchObject({
      event: { kind: 'death' },
      patient: { deceasedAt: '2026-05-03T21:30:00+08:00' },
    });
  });

  test('what the patient came with is a complaint, and a diagnosis on admission where it is coded as one', () => {
    const snapshot = snapshotOf(msh('ADT^A04'), CHILD, VISIT, 'PV2|||R10.4^腹痛半天^I10');
    expect(snapshot.notes).toEqual([{ section: 'chief-complaint', text: '腹痛半天' }]);
    expect(snapshot.conditions).toEqual([{ code: 'R10.4', system: 'icd-10', text: '腹痛半天', role: 'admission' }]);
  });
});

describe('several patients in one message', () => {
  test('stay apart: a fact belongs to the PID above it', () => {
    const { message: read } = readMessage(
      message(
        msh('ORU^R01'),
        CHILD,
        VISIT,
        'OBR|1|||HCG^尿HCG',
        'OBX|1|ST|HCG^尿HCG||阴性||||||F',
        'PID|2||P2002^^^YUNXI^MR||李^示例||20120405|F',
        row('PV1', { 2: 'O', 19: 'V20260503009' }),
        'OBR|1|||HCG^尿HCG',
        'OBX|1|ST|HCG^尿HCG||阳性||||||F',
      ),
    );
    const { changes } = applyMessage([], read ?? neverRead());
    expect(changes.map(({ snapshot }) => [snapshot.patient?.id, snapshot.observations?.map(({ value }) => value)])).toEqual([
      ['P1001', ['阴性']],
      ['P2002', ['阳性']],
    ]);
  });
});

function neverRead(): never {
  throw new TypeError('the message was not read');
}
