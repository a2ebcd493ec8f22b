import { HIS_LIMITS, type RowsReading, readMapping, snapshotsFromFiles, snapshotsFromRows } from '@zhida/his';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILES, MAPPING, files, mappingOf } from './files.js';

const LONE = `
version: 1
tables:
  visits:
    visit: no
    fields: { patient.sex: sex, patient.birthDate: born, period.start: at }
    facts:
      - { list: notes, fields: { section: { value: other }, text: note } }
`;
const lone = mappingOf(LONE);
const canary = '卡纳里不可外传';

const read = (text: string | Uint8Array, name = 'a.csv'): RowsReading => snapshotsFromFiles(files({ [name]: text }), lone);
const ids = ({ snapshots }: RowsReading): string[] => snapshots.map(({ id }) => id);
const told = ({ issues }: RowsReading): string[] => issues.map(({ code, at }) => `${code} ${at}`);

describe('hostile rows', () => {
  const anything = fc.anything({ withDate: true, withMap: true, withBigInt: true, withNullPrototype: true, withSparseArray: true });

  test('INV-15 no bytes make the reader throw', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void read(bytes)));
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', 'a', '[', '{', '}', '\uFEFF', '中') }),
        (text) => void read(text),
      ),
    );
  });

  test('INV-15 no value in the place of tables, rows or cells makes it throw', () => {
    const cells = fc.dictionary(fc.constantFrom('no', 'sex', 'born', 'at', 'note', '__proto__', 'constructor'), anything);
    fc.assert(fc.property(anything, (tables) => void snapshotsFromRows(tables, lone)));
    fc.assert(fc.property(fc.array(fc.oneof(cells, anything)), (visits) => void snapshotsFromRows({ visits }, lone)));
  });

  test('INV-15 a piece of a true file replaced by anything never makes it throw', () => {
    const whole = mappingOf();
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(FILES)), fc.nat(), fc.nat({ max: 40 }), fc.string(), (name, from, length, piece) => {
        const text = FILES[name] ?? '';
        const at = from % text.length;
        snapshotsFromFiles(files({ ...FILES, [name]: text.slice(0, at) + piece + text.slice(at + length) }), whole);
      }),
    );
  });

  test('names that JavaScript knows are only columns', () => {
    const csv = read('no,__proto__,constructor,note\n1,a,b,腹痛\n__proto__,a,b,发热\nconstructor,,,咳嗽\n');
    expect(ids(csv)).toEqual(['1', '__proto__', 'constructor']);
    const json = read('[{"no":"1","__proto__":{"polluted":true},"sex":"F"},{"no":"hasOwnProperty"}]', 'a.json');
    expect(ids(json)).toEqual(['1', 'hasOwnProperty']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a cell that cannot be used costs itself: code, place, column and goal, no value', () => {
    const reading = read(`no,sex,born,at,note\n1,${canary},${canary},${canary},${canary}\n2,F,2013-04-05,2026-05-03 10:00,发热\n`);
    expect(ids(reading)).toEqual(['1', '2']);
    expect(told(reading)).toEqual([
      'FIELD_UNKNOWN_CODE visits:2.sex (patient.sex)',
      'TIME_UNREADABLE visits:2.born (patient.birthDate)',
      'TIME_UNREADABLE visits:2.at (period.start)',
    ]);
    expect(reading.snapshots[0]?.notes).toEqual([{ section: 'other', text: canary }]);
    expect(reading.tables[0]).toMatchObject({ spoilt: 3, unreadable: 0 });
  });

  test.each<[string, string, string[], string[]]>([
    ['a quote never closed', `no,note\n1,a\n2,"${canary}\n3,c\n4,d\n`, ['1', '2', '3', '4'], ['VALUE_NORMALISED visits:3']],
    [
      'two stray quotes around rows',
      'no,note\n1,a\n2,"b\n3,c\n4,d"x\n5,e\n',
      ['1', '2', '3', '4', '5'],
      ['VALUE_NORMALISED visits:3', 'VALUE_NORMALISED visits:5'],
    ],
    ['quotes inside quotes', 'no,note\n1,"家长称"自己跌倒"。"\n2,b\n', ['1', '2'], ['VALUE_NORMALISED visits:2']],
    ['a stray quote and a cell too many', `no,note\n1,"${canary},x\n2,b\n`, ['2'], ['MESSAGE_UNREADABLE visits:2']],
    ['a cell too many', `no,note\n1,a,${canary}\n2,b\n`, ['2'], ['MESSAGE_UNREADABLE visits:2']],
    ['a cell too few', 'no,sex,note\n1\n2,F,b\n', ['2'], ['MESSAGE_UNREADABLE visits:2']],
    ['a row without its visit', `no,note\n,${canary}\n2,b\n`, ['2'], ['FIELD_MISSING visits:2.no']],
    ['a file cut in the middle of a row', 'no,sex,note\n1,F,a\n2,F', ['1'], ['MESSAGE_UNREADABLE visits:3']],
  ])('%s costs its row at most', (_why, text, expected, issues) => {
    const reading = read(text);
    expect(ids(reading)).toEqual(expected);
    expect(told(reading).filter((one) => !one.startsWith('FIELD_MISSING visits.'))).toEqual(issues);
    expect(JSON.stringify(reading.issues)).not.toContain(canary);
  });

  test('a true cell over many lines is one cell, however long', () => {
    const cell = Array.from({ length: 1_500 }, (_, index) => `第${index}行，"x"`).join('\n');
    const reading = read(`no,note\n1,"${cell.replace(/"/g, '""')}"\n2,b\n`);
    expect(reading.snapshots.map(({ notes }) => notes?.[0]?.text)).toEqual([cell, 'b']);
    expect(told(reading).filter((one) => !one.startsWith('FIELD_MISSING visits.'))).toEqual([]);
  });

  test('a missing column is said once; without the visit number the table is given up', () => {
    expect(told(read(`id,sex\n${canary},F\n${canary},F\n`))).toContain('FIELD_MISSING visits.no (visit)');
    expect(read(`id,sex\n${canary},F\n`)).toMatchObject({ snapshots: [], rows: 1, unreadable: 1 });
  });

  test('a file without a header shows a patient where names should be: only numbers are told', () => {
    const reading = read(`1,${canary},F\n2,${canary},F\n`);
    expect(reading.tables[0]?.unmapped).toEqual([1, 2, 3]);
    expect(JSON.stringify(reading)).not.toContain(canary);
  });

  test('bytes that are no text are named by cell, and the rest is read', () => {
    const bytes = Buffer.concat([Buffer.from('no,note\n1,发热\n2,'), Buffer.of(0xe5, 0x8f), Buffer.from('\n3,咳嗽\n')]);
    const reading = read(bytes);
    expect(ids(reading)).toEqual(['1', '2', '3']);
    expect(told(reading)).toContain('TEXT_NOT_WELL_FORMED visits:3.note (notes.text)');
    expect(reading.snapshots[2]?.notes?.[0]?.text).toBe('咳嗽');
  });

  test('GB18030 declared as UTF-8 is named, not read as if no harm were in it', () => {
    const mapping = mappingOf(`${LONE}encoding: utf-8\n`);
    const bytes = Buffer.concat([Buffer.from('no,note\n1,'), Buffer.of(0xd4, 0xe7, 0xd4, 0xd0), Buffer.from('\n')]);
    expect(told(snapshotsFromFiles(files({ 'a.csv': bytes }), mapping))).toContain('TEXT_NOT_WELL_FORMED visits:2.note (notes.text)');
  });

  test('a text of ten million characters is cut where the contract ends, in a file and in a list', () => {
    const long = 'x'.repeat(10_000_000);
    const json = read(
      JSON.stringify([
        { no: '1', note: long },
        { no: '2', note: '发热' },
      ]),
      'a.json',
    );
    expect(ids(json)).toEqual(['1', '2']);
    expect(json.snapshots[0]?.notes?.[0]?.text).toHaveLength(200_000);
    expect(told(json)).toContain('FIELD_TOO_LONG visit.notes[0].text');
    const csv = read(`no,note\n1,${long}\n2,发热\n`);
    expect(ids(csv)).toEqual(['2']);
    expect(told(csv)).toContain('FIELD_TOO_LONG visits:2');
  });

  test('twenty thousand rows of one visit and of as many visits are read in time that grows with them', () => {
    const startMs = performance.now();
    const rows = Array.from({ length: 20_000 }, (_, index) => `1,F,2013-04-05,2026-05-03 10:00,第${index}条`);
    const one = read(`no,sex,born,at,note\n${rows.join('\n')}\n`);
    expect(one.snapshots[0]?.notes).toHaveLength(2_000);
    expect(told(one)).toContain('FIELD_TOO_LONG visit.notes');
    const many = read(`no,note\n${rows.map((_row, index) => `${index},发热`).join('\n')}\n`);
    expect(many.snapshots).toHaveLength(20_000);
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });

  test('a flood of bad cells and of bad rows ends in one word about it', () => {
    const cells = read(`no,at\n${Array.from({ length: 5_000 }, (_, index) => `${index},x`).join('\n')}\n`);
    expect(cells.snapshots).toHaveLength(5_000);
    expect([cells.issues.length, cells.issues.at(-1)?.code]).toEqual([HIS_LIMITS.issues + 1, 'ISSUES_TRUNCATED']);
    expect(cells.tables[0]?.spoilt).toBe(5_000);
  });

  test('of ten thousand rows with a stray quote each is read, in time that grows with them', () => {
    const startMs = performance.now();
    const reading = read(
      `no,note\n${Array.from({ length: 10_000 }, (_, index) => (index % 2 === 0 ? `${index},"a"b` : `${index},"b`)).join('\n')}\n`,
    );
    expect(reading.snapshots).toHaveLength(10_000);
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });

  test('nested values are no cells, however deep; a value that defends itself costs its place only', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const reading = read(`[{"no":"1","note":${deep}},{"no":"2","note":"发热"}]`, 'a.json');
    expect(ids(reading)).toEqual(['1', '2']);
    expect(told(reading)).toContain('FIELD_WRONG_TYPE visits[0].note (notes.text)');
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(ids(snapshotsFromRows({ visits: [proxy, { no: '2', note: proxy }, 7, { no: '3' }] }, lone))).toEqual(['2', '3']);
    expect(snapshotsFromRows(proxy, lone)).toMatchObject({ snapshots: [], unreadable: 1 });
  });

  test.each([
    ['broken JSON', `[{"no":"${canary}"`],
    ['JSON of something else', `{"${canary}":[]}`],
  ])('%s is a file that cannot be read, and the next one is', (_why, text) => {
    const reading = snapshotsFromFiles(files({ 'x.json': text, 'a.csv': 'no,note\n1,发热\n' }), lone);
    expect(told(reading)).toContain('RESOURCE_UNREADABLE file[0]');
    expect(ids(reading)).toEqual(['1']);
    expect(JSON.stringify(reading.issues)).not.toContain(canary);
  });
});

describe('hostile mappings', () => {
  test('INV-15 no text makes the reader throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void readMapping(text)));
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 30 }), fc.string(), (from, length, piece) => {
        const at = from % MAPPING.length;
        readMapping(MAPPING.slice(0, at) + piece + MAPPING.slice(at + length));
      }),
    );
  });

  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefghij'.split('').map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(',')}]`),
  ];

  test.each([
    ['aliases that grow without end', `${bomb.join('\n')}\n`],
    ['an alias to itself', 'version: 1\ntables: &t { a: *t }\n'],
    ['nesting without end', '['.repeat(100_000)],
    ['a megabyte too much', `# ${'x'.repeat(HIS_LIMITS.mappingLength)}`],
    ['a table with the name of a prototype', 'version: 1\n__proto__: { tables: {} }\ntables: { a: { visit: n } }\n'],
    ['a field with the name of a prototype', 'version: 1\ntables: { a: { visit: n, fields: { __proto__: x, constructor: y } } }\n'],
    ['a key twice', 'version: 1\nversion: 1\ntables: { a: { visit: n } }\n'],
    ['nothing', ''],
    ['a tag that makes things', 'version: !!js/function "x"\n'],
  ])('%s is refused with a problem', (_why, text) => {
    const startMs = performance.now();
    const { mapping, problems } = readMapping(text);
    expect(mapping).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(HIS_LIMITS.problems);
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });

  test('a file pattern built to be slow is not', () => {
    const mapping = mappingOf(LONE.replace('visit: no', `file: '${'*a'.repeat(12)}'\n    visit: no`));
    const startMs = performance.now();
    snapshotsFromFiles(files({ [`${'a'.repeat(200)}b.csv`]: 'no\n1\n' }), mapping);
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });
});
