import type { EncounterSnapshot } from '@zhida/core';
import { HL7_LIMITS, ageAtMessage, applyMessage, messagesIn, readMessage, snapshotsFromMessages } from '@zhida/hl7v2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHILD, VISIT, message, msh, row } from './messages.js';

const FULL = message(
  msh('ORU^R01'),
  'EVN|R01|20260503210500',
  CHILD,
  'NK1|1|王^演示|MTH^母亲',
  VISIT,
  'PV2|||^腹痛',
  'DG1|1||R10.4^腹痛^I10|||W',
  'PR1|1||69.0100^人工流产^I9C||20260503',
  'ORC|RE|O1|F1',
  'OBR|1|O1|F1|U1^尿检^L|||20260503213000',
  'OBX|1|SN|HCG^尿HCG^L||>^1000|IU/L||A|||C',
  'NTE|1||已复查\\.br\\两次',
  'OBX|2|ED|RPT^报告^L||^TEXT^PLAIN^Base64^5peg5byC5bi4||||||F',
);

/** Everything that can be asked of bytes; what comes back is returned so that a test can look at it. */
function readAll(bytes: Uint8Array): { snapshots: readonly EncounterSnapshot[]; issues: readonly { at: string }[] } {
  ageAtMessage(bytes);
  readMessage(bytes, { adults: 'skim' });
  const { message: read, issues } = readMessage(bytes);
  const changes = read === undefined ? [] : applyMessage([], read).changes;
  const file = snapshotsFromMessages(bytes);
  return { snapshots: [...changes.map(({ snapshot }) => snapshot), ...file.snapshots], issues: [...issues, ...file.issues] };
}

function issuesOf(bytes: Uint8Array): string[] {
  return readMessage(bytes).issues.map(({ code, at }) => `${code} ${at}`);
}

describe('hostile messages', () => {
  test('INV-15 no bytes make the reader throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void readAll(bytes)));
  });

  test('INV-15 no text behind a header makes the reader throw', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        '|',
        '^',
        '~',
        '&',
        '\\',
        '\r',
        '\n',
        '""',
        '\\X',
        '\\.br\\',
        '\u000B',
        '\u001C',
        '__proto__',
        'constructor',
        '20260230',
      ),
      fc
        .constantFrom('PID', 'PV1', 'OBX', 'OBR', 'DG1', 'MRG', 'TXA', 'NTE', 'ORC', 'RXO', 'NK1', 'EVN', 'MSH')
        .map((type) => `\r${type}|`),
    );
    const types = fc.constantFrom('ADT^A01', 'ADT^A40', 'ADT^A11', 'ADT^A31', 'ORU^R01', 'MDM^T10', 'ORM^O01', 'DFT^P03', '__proto__');
    fc.assert(
      fc.property(types, fc.array(piece, { maxLength: 60 }), (type, pieces) => {
        readAll(Buffer.from(`${msh(type)}${pieces.join('')}`, 'utf8'));
      }),
      { numRuns: 300 },
    );
  });

  test('INV-15 a true message with bytes changed, cut or doubled never makes it throw, and its issues hold none of its values', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.uint8Array({ maxLength: 6 }), (from, length, put) => {
        const start = from % FULL.length;
        const mutated = Buffer.concat([FULL.subarray(0, start), put, FULL.subarray(start + (length % 12))]);
        for (const { at } of readAll(mutated).issues) {
          expect(at).toMatch(/^(?:message\[\d+\]\.)?[A-Z][A-Z0-9]{2}(?:\[\d+\])?(?:-\d+)?$|^[a-zA-Z[\]0-9.]*$/);
        }
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['nothing', '', ['MESSAGE_UNREADABLE MSH']],
    ['no MSH', 'PID|1||P1001\rPV1|1|E', ['MESSAGE_UNREADABLE MSH']],
    ['JSON', '{"resourceType":"Bundle"}', ['MESSAGE_UNREADABLE MSH']],
    ['MSH alone', 'MSH', ['MESSAGE_UNREADABLE MSH']],
    ['MSH and a separator', 'MSH|', ['FIELD_MISSING MSH-2', 'MESSAGE_UNREADABLE MSH-9']],
    ['letters for separators', 'MSHABCDE', ['MESSAGE_UNREADABLE MSH']],
    [
      'one sign for all separators',
      'MSH||||||||ADT^A01',
      ['FIELD_MISSING MSH-2', 'FIELD_MISSING MSH-10', 'FIELD_MISSING MSH-12', 'FIELD_MISSING MSH-11', 'FIELD_MISSING PID'],
    ],
  ])('%s is named', (_name, text, expected) => {
    expect(issuesOf(Buffer.from(text))).toEqual(expected);
  });

  test('binary behind a header is named and read as far as it goes', () => {
    const noise = Buffer.from(
      Array.from({ length: 2_000 }, (_, index) => (index * 7919) % 256).filter((byte) => byte !== 0x0d && byte !== 0x0a),
    );
    const { message: read, issues } = readMessage(Buffer.concat([message(msh('ADT^A04'), CHILD, VISIT), noise]));
    expect(read?.updates[0]?.patient.birthDate).toBe('2019-02-03');
    expect(issues.length).toBeGreaterThan(0);
  });

  test('a message cut anywhere is read up to the cut', () => {
    for (let length = 0; length < FULL.length; length += 1) readAll(FULL.subarray(0, length));
    const { message: read } = readMessage(FULL.subarray(0, FULL.indexOf('OBR')));
    expect(read?.updates[0]?.facts.map(({ list }) => list)).toEqual(['notes', 'conditions', 'procedures']);
  });

  test('more separators or bytes than the limits allow are refused by name, without a parse', () => {
    const separators = message(msh('ORU^R01'), CHILD, `OBX${'|'.repeat(HL7_LIMITS.separators)}`);
    expect(issuesOf(separators)).toEqual(['FIELD_TOO_LONG MSH']);
    const components = message(msh('ORU^R01'), CHILD, `OBX|1|TX|X||${'^'.repeat(HL7_LIMITS.separators)}`);
    expect(issuesOf(components)).toEqual(['FIELD_TOO_LONG MSH']);
    const bytes = message(msh('ORU^R01'), CHILD, `OBX|1|TX|X||${'a'.repeat(HL7_LIMITS.messageBytes)}`);
    expect(issuesOf(bytes)).toEqual(['FIELD_TOO_LONG MSH']);
  });

  test('a very long text, many segments and many escapes are read in time', () => {
    const start = process.cpuUsage();
    readAll(message(msh('ORU^R01'), CHILD, VISIT, `OBX|1|TX|X||${'痛'.repeat(100_000)}||||||F`));
    readAll(message(msh('ORU^R01'), CHILD, VISIT, ...Array.from({ length: 20_500 }, (_, index) => `OBX|${index}|NM|X||1`)));
    readAll(message(msh('ORU^R01'), CHILD, VISIT, `OBX|1|TX|X||${'\\'.repeat(100_000)}`, `OBX|2|TX|X||${'\\.br\\'.repeat(20_000)}`));
    readAll(message(msh('ORU^R01'), row('PID', { 3: '1~'.repeat(20_000), 5: '&'.repeat(20_000), 11: 'A^'.repeat(20_000) }), VISIT));
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(15);
  });

  test('nesting beyond subcomponents stays text', () => {
    const deep = 'a&b&c&d^e&f&g~h&i^j&k';
    const { message: read } = readMessage(
      message(
        msh('ORU^R01'),
        row('PID', { 3: `P1001^^^${deep}`, 5: deep, 11: deep }),
        VISIT,
        `OBX|1|CWE|${deep}||${deep}||||||F`,
        `OBX|2|ST|Y||${deep}||||||F`,
      ),
    );
    const [snapshot] = read === undefined ? [] : applyMessage([], read).changes.map((change) => change.snapshot);
    expect(snapshot?.observations?.map(({ value }) => value)).toEqual(['e&f&g; j&k', 'a&b&c&d^e&f&g; h&i^j&k']);
  });

  test('segments and identifiers named like built-ins are nothing special', () => {
    const { snapshots } = readAll(
      message(
        msh('ORU^R01'),
        row('PID', { 3: '__proto__^^^constructor^MR', 8: 'toString' }),
        row('PV1', { 2: 'valueOf', 14: 'hasOwnProperty', 36: '__proto__' }),
      ),
    );
    expect(snapshots[0]?.patient?.id).toBe('__proto__');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('INV-11 no issue quotes the chart', () => {
    const canary = '金丝雀';
    const bytes = message(
      msh('ADT^A08'),
      row('PID', { 3: canary, 5: canary, 7: canary, 8: canary, 16: canary, 29: canary }),
      row('PV1', { 2: canary, 14: canary, 36: canary, 44: canary, 45: canary }),
      `OBX|1|ED|${canary}||${canary}||||||${canary}|||${canary}`,
      `TXA|1|${canary}||${canary}`,
      `${canary}|${canary}`,
      `Z${canary}|1`,
    );
    const { issues } = readMessage(bytes);
    expect(issues.length).toBeGreaterThan(5);
    expect(JSON.stringify(issues)).not.toContain(canary);
  });

  test('one hostile message does not keep the others of a file from being read', () => {
    const good = (number: number): Buffer => message(msh('ADT^A04'), CHILD, row('PV1', { 2: 'E', 19: `V${number}` }));
    const bad = message(msh('ORU^R01'), CHILD, `OBX${'|'.repeat(HL7_LIMITS.separators)}`);
    const { snapshots, unreadable, issues } = snapshotsFromMessages(
      Buffer.concat([good(1), bad, good(2), Buffer.of(0xff, 0xfe, 0x0d), good(3)]),
    );
    expect(snapshots.map(({ visitNumber }) => visitNumber)).toEqual(['V1', 'V2', 'V3']);
    expect(unreadable).toBe(1);
    expect(issues.filter(({ severity }) => severity === 'error')).toEqual([
      { code: 'FIELD_TOO_LONG', severity: 'error', at: 'message[2].MSH' },
    ]);
  });

  test('splitting a file is linear, whatever it is made of', () => {
    const start = process.cpuUsage();
    for (const unit of ['MSH', 'MSH|\r', '\u000B', '\u001C\r', '\r\n', '\u000BMSH|']) {
      for (const _piece of messagesIn(Buffer.from(unit.repeat(100_000)))) continue;
    }
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});
