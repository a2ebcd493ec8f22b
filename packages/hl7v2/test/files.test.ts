import { ageAtMessage, messagesIn, readMessage, readMessages, snapshotsFromMessages } from '@zhida/hl7v2';
import { describe, expect, test } from 'vitest';
import { CHILD, CHILD_FIELDS, VISIT, VISIT_FIELDS, gb18030, message, msh, row } from './messages.js';

function visit(number: number): string[] {
  return [
    msh('ADT^A04', { controlId: `C${number}` }),
    CHILD,
    row('PV1', { ...VISIT_FIELDS, 19: `V${number}`, 44: `2026050${number}210000` }),
  ];
}

const framed = (text: string): string => `\u000B${text}\u001C\r`;

describe('a file of messages', () => {
  test.each([
    ['carriage returns and nothing between', [1, 2, 3].map((number) => `${visit(number).join('\r')}\r`).join('')],
    ['line feeds', [1, 2, 3].map((number) => `${visit(number).join('\n')}\n`).join('')],
    ['CR LF', [1, 2, 3].map((number) => `${visit(number).join('\r\n')}\r\n`).join('')],
    ['carriage returns and blank lines', [1, 2, 3].map((number) => visit(number).join('\r')).join('\n\n')],
    ['MLLP frames', [1, 2, 3].map((number) => framed(`${visit(number).join('\r')}\r`)).join('')],
    ['MLLP frames and line feeds', [1, 2, 3].map((number) => framed(visit(number).join('\r'))).join('\n')],
    ['a batch', `FHS|^~\\&\rBHS|^~\\&\r${[1, 2, 3].map((number) => visit(number).join('\r')).join('\r')}\rBTS|3\rFTS|1\r`],
  ])('%s is read into its visits', (_name, text) => {
    const { snapshots, issues, messages, unreadable } = snapshotsFromMessages(Buffer.from(text));
    expect({ messages, unreadable, issues }).toEqual({ messages: 3, unreadable: 0, issues: [] });
    expect(snapshots.map(({ id }) => id)).toEqual(['P1001-V1', 'P1001-V2', 'P1001-V3']);
    expect(snapshots[2]?.history).toHaveLength(2);
  });

  test('visits come in the order of their first message, each as its last one left it', () => {
    const file = [visit(2), visit(1), visit(2)].map((segments) => segments.join('\r')).join('\r');
    expect(snapshotsFromMessages(Buffer.from(file)).snapshots.map(({ id, revision }) => [id, revision])).toEqual([
      ['P1001-V2', 2],
      ['P1001-V1', 1],
    ]);
  });

  test('what is no message is named by number and place, and the rest is read', () => {
    const file = [
      'a line before the first message',
      visit(1).join('\r'),
      framed('PID|1||P1001||张^演示'),
      'MSH|^~\\&|HIS',
      visit(2).join('\r'),
    ].join('\r');
    const { snapshots, issues, messages, unreadable } = snapshotsFromMessages(Buffer.from(file));
    expect(snapshots.map(({ id }) => id)).toEqual(['P1001-V1', 'P1001-V2']);
    expect([messages, unreadable]).toEqual([5, 3]);
    expect(issues).toEqual([
      { code: 'MESSAGE_UNREADABLE', severity: 'error', at: 'message[1].MSH' },
      { code: 'MESSAGE_UNREADABLE', severity: 'error', at: 'message[3].MSH' },
      { code: 'MESSAGE_UNREADABLE', severity: 'error', at: 'message[4].MSH-9' },
    ]);
    const lines = [...readMessages(Buffer.from(file))].map(({ number, line, message: read }) => [number, line, read !== undefined]);
    expect(lines).toEqual([
      [1, 1, false],
      [2, 2, true],
      [3, 5, false],
      [4, 7, false],
      [5, 8, true],
    ]);
  });

  test('a raw line break in a text belongs to the text', () => {
    const segments = [msh('ADT^A08'), CHILD, VISIT, 'OBX|1|FT|^现病史||第一段\n第二段||||||F'];
    const { snapshots, issues } = snapshotsFromMessages(Buffer.from(segments.join('\r')));
    expect(snapshots[0]?.notes).toEqual([{ section: 'present-illness', text: '第一段\n第二段' }]);
    expect(issues).toEqual([{ code: 'VALUE_NORMALISED', severity: 'information', at: 'message[1].OBX' }]);
  });

  test('a line of a text that looks like the name of a segment belongs to the text', () => {
    const segments = [msh('ADT^A08'), CHILD, VISIT, 'OBX|1|FT|^现病史||停经2月\nHCG: 阳性\nCT1，已做\n诉被继父侵害||||||F'];
    expect(snapshotsFromMessages(Buffer.from(segments.join('\r'))).snapshots[0]?.notes).toEqual([
      { section: 'present-illness', text: '停经2月\nHCG: 阳性\nCT1，已做\n诉被继父侵害' },
    ]);
  });

  test('files with byte order marks put together are messages of their own', () => {
    const file = Buffer.concat([1, 2].map((number) => Buffer.from(`\uFEFF${visit(number).join('\r')}\r`)));
    const { messages, issues, snapshots } = snapshotsFromMessages(file);
    expect([messages, issues, snapshots.length]).toEqual([2, [], 2]);
  });

  test('the word MSH inside a text begins no message', () => {
    const segments = [msh('ADT^A08'), CHILD, VISIT, 'OBX|1|FT|^现病史||见 MSH|^~ 说明\nMSHelp 无||||||F'];
    expect([...messagesIn(Buffer.from(segments.join('\r')))]).toHaveLength(1);
  });

  test('GB18030 and UTF-8 messages stand in one file', () => {
    const file = Buffer.concat([gb18030(visit(1).join('\r')), Buffer.from('\r\r'), Buffer.from(visit(2).join('\r'))]);
    expect(snapshotsFromMessages(file).snapshots.map(({ patient }) => patient?.name)).toEqual(['张演示', '张演示']);
  });
});

describe('the age in the bytes of a message', () => {
  const aged = (birth: string, more: Readonly<Record<number, string>> = {}, pv1: string = VISIT): Buffer =>
    message(msh('ADT^A04'), row('PID', { ...CHILD_FIELDS, 7: birth, ...more }), pv1);

  test.each([
    ['20190203', 'yes', 7],
    ['20080503', 'yes', 17],
    ['20080502', 'no', 18],
    ['19860203', 'no', 40],
    ['2008', 'unknown', 17],
    ['2007', 'no', 18],
    ['', 'unknown', undefined],
    ['gestern', 'unknown', undefined],
    ['19000101', 'unknown', undefined],
    ['00010101', 'unknown', undefined],
  ])('born %s: minor %s', (birth, minor, years) => {
    expect(ageAtMessage(aged(birth))).toEqual({ minor, years });
  });

  test('a resident identity number that makes the holder younger is heard', () => {
    const id = '440299201902030024';
    expect(ageAtMessage(aged('19860203', { 19: id })).minor).toBe(
      ageAtMessage(aged('19860203', { 3: `P1^^^YUNXI^MR~${id}^^^GA^NI` })).minor,
    );
    expect(ageAtMessage(aged('19860203', { 19: validId() })).minor).toBe('unknown');
  });

  test('without a start of the visit one year more is asked for', () => {
    expect(ageAtMessage(aged('20080502', {}, 'PV1|1|I')).minor).toBe('unknown');
    expect(ageAtMessage(aged('20070502', {}, 'PV1|1|I')).minor).toBe('no');
  });

  test('two patients in one message are not judged by the first', () => {
    expect(ageAtMessage(message(msh('ORU^R01'), row('PID', { 3: '1', 7: '19860203' }), row('PID', { 3: '2', 7: '20190203' }))).minor).toBe(
      'unknown',
    );
  });

  test('the separators of GB18030 text do not shift the fields', () => {
    const text = message(
      msh('ADT^A04', { charset: 'GBK' }),
      row('PID', { ...CHILD_FIELDS, 5: '亅乗^乛亊', 7: '19860203' }),
      VISIT,
    ).toString('utf8');
    expect(ageAtMessage(gb18030(text))).toEqual({ minor: 'no', years: 40 });
  });

  test('of an adult only who, where and when is read: no name, no fact', () => {
    const bytes = message(
      msh('ADT^A08'),
      row('PID', { ...CHILD_FIELDS, 7: '19860203' }),
      VISIT,
      'DG1|1||T74.1^躯体虐待^I10',
      'NK1|1|李^演示|SPO',
    );
    const { message: read } = readMessage(bytes, { adults: 'skim' });
    expect(read?.skimmed).toBe(true);
    expect(JSON.stringify(read)).not.toMatch(/演示|T74|0000-/);
    expect(snapshotsFromMessages(bytes, { adults: 'skim' }).snapshots).toEqual([
      {
        schemaVersion: '1',
        id: 'P1001-V20260503001',
        revision: 1,
        mode: 'production',
        facility: { code: 'YUNXI' },
        visitNumber: 'V20260503001',
        class: 'emergency',
        period: { start: '2026-05-03T21:00:00+08:00' },
        patient: { id: 'P1001', sex: 'female', birthDate: '1986-02-03' },
        feedsPresent: [],
      },
    ]);
    expect(readMessage(bytes).message?.skimmed).toBe(false);
  });

  test('a child is read whole, and so is a merge of any age', () => {
    expect(readMessage(aged('20190203'), { adults: 'skim' }).message?.skimmed).toBe(false);
    const merge = message(msh('ADT^A40'), row('PID', { ...CHILD_FIELDS, 7: '19860203' }), 'MRG|P9^^^YUNXI^MR');
    expect(readMessage(merge, { adults: 'skim' }).message).toMatchObject({
      skimmed: false,
      updates: [{ retiredKeys: ['p|YUNXI|YUNXI|P9'] }],
    });
  });
});

/** An invented number with a right check digit, of a child born on 3 February 2019; the region is given to no county. */
function validId(): string {
  const body = '44029920190203002';
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, index) => total + weight * Number(body.charAt(index)), 0);
  return body + '10X98765432'.charAt(sum % 11);
}
