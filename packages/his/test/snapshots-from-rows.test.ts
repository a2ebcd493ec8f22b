import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSnapshot } from '@zhida/core';
import { MAPPING_SCHEMA, readMapping, snapshotsFromFiles, snapshotsFromRows } from '@zhida/his';
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

describe('tables of one hospital', () => {
  const reading = snapshotsFromFiles(files(), mappingOf());

  test('become one snapshot for each visit, in order of its first row', () => {
    expect(reading.snapshots.map(({ id }) => id)).toEqual(['V1', 'V2', 'V0']);
    expect(reading.snapshots[0]).toEqual({
      schemaVersion: '1',
      id: 'V1',
      visitNumber: 'V1',
      facility: { code: '91350100M000100Y43', name: '云溪县人民医院' },
      department: { code: '0301', name: '急诊科' },
      class: 'emergency',
      period: { start: '2026-05-03T21:10:05+08:00' },
      patient: {
        id: 'P1',
        name: '云小溪',
        sex: 'female',
        birthDate: '2013-04-05',
        phone: '00000000001',
        identifiers: [{ system: 'cn-resident-id', value: '11010519491231002X' }],
      },
      companion: { relationship: '母亲' },
      notes: [{ section: 'chief-complaint', text: '摔伤1天，家长称"自己跌倒"', at: '2026-05-03T21:10:05+08:00' }],
      conditions: [
        { code: 'S00.400', system: 'icd-10-cn', text: '左耳廓挫伤', role: 'main' },
        { code: 'S20.200', system: 'icd-10-cn', text: '背部挫伤', role: 'other' },
      ],
      observations: [
        { name: '血红蛋白', value: 98, unit: 'g/L', status: 'final', at: '2026-05-03T22:00:00+08:00' },
        { name: '尿HCG', value: '阴性', status: 'preliminary', at: '2026-05-03T22:01:00+08:00' },
        { name: '编号', value: '007', status: 'entered-in-error', at: '2026-05-03T22:02:00+08:00' },
      ],
      orders: [{ text: '血常规', at: '2026-05-03T21:20:00+08:00' }],
      history: [
        {
          id: 'V0',
          start: '2026-01-03T09:00:00+08:00',
          class: 'outpatient',
          facility: { code: '91350100M000100Y43', name: '云溪县人民医院' },
        },
      ],
      feedsPresent: ['notes', 'conditions', 'orders', 'observations', 'companion'],
    });
  });

  test('a word the map calls null means recorded as alone', () => {
    expect(reading.snapshots[1]).toMatchObject({ companion: null, patient: { sex: 'male', birthDate: '2019-02-03' }, class: 'outpatient' });
  });

  test('are read without an issue, and readSnapshot agrees', () => {
    expect(reading.issues).toEqual([]);
    for (const snapshot of reading.snapshots) expect(readSnapshot(snapshot)).toEqual({ snapshot, issues: [] });
  });

  test('say what was understood: which columns, and by number those the mapping says nothing of', () => {
    expect(reading.tables[0]).toMatchObject({
      table: 'visits',
      rows: 3,
      unreadable: 0,
      columns: expect.arrayContaining([{ column: '就诊号', number: 1, fills: ['visit', 'visitNumber'] }]),
      missing: [],
      unmapped: [8],
    });
    expect(reading).toMatchObject({ rows: 16, unreadable: 0 });
  });

  test('rows of a view as objects give the same snapshots', () => {
    const names: Readonly<Record<string, string>> = { 'mz_ghxx_0503.csv': 'visits' };
    const tables = Object.fromEntries(
      Object.entries(FILES).map(([name, text]) => {
        const [header = '', ...lines] = text.trim().split(/\r?\n/);
        const columns = header.split(',');
        const objects = lines.map((line) => {
          const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
            ([, quoted, plain]) => quoted?.replace(/""/g, '"') ?? plain,
          );
          return Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
        });
        return [names[name] ?? name.replace('.csv', ''), objects];
      }),
    );
    expect(snapshotsFromRows(tables, mappingOf()).snapshots).toEqual(reading.snapshots);
    expect(snapshotsFromFiles(files({ 'all.json': JSON.stringify(tables) }), mappingOf()).snapshots).toEqual(reading.snapshots);
  });
});

describe('one table', () => {
  const rows = 'no,sex,born,at,note\n1,F,2013-04-05,2026-05-03 10:00,腹痛\n';
  const expected = { id: '1', patient: { sex: 'female', birthDate: '2013-04-05' }, notes: [{ section: 'other', text: '腹痛' }] };

  test('takes files of any name', () => {
    expect(snapshotsFromFiles(files({ '/x/导出.csv': rows }), mappingOf(LONE)).snapshots).toMatchObject([expected]);
  });

  test.each([
    ['a list of objects', '[{"no":1,"sex":"F","born":"2013-04-05","at":"2026-05-03 10:00","note":"腹痛"}]'],
    ['one object a line', '{"no":"1","sex":"F","born":"2013-04-05","at":"2026-05-03 10:00","note":"腹痛"}\n{"no":"2"}\n'],
  ])('reads %s', (_why, text) => {
    expect(snapshotsFromFiles(files({ 'a.json': text }), mappingOf(LONE)).snapshots[0]).toMatchObject(expected);
  });

  test.each([
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${rows}`, 'utf8')],
    ['UTF-16 with a mark', Buffer.from(`\uFEFF${rows}`, 'utf16le')],
    ['GB18030', Buffer.concat([Buffer.from(rows.replace('腹痛\n', '')), Buffer.of(0xb8, 0xb9, 0xcd, 0xb4), Buffer.from('\n')])],
  ])('reads %s', (_why, bytes) => {
    expect(snapshotsFromFiles(files({ 'a.csv': bytes }), mappingOf(LONE))).toMatchObject({ snapshots: [expected], issues: [] });
  });

  test('visits with long numbers for numbers stay apart in JSON; one rounded before it came is named', () => {
    const numbers = ['20261128000000012345', '20261128000000012346', '-12345678901234567'];
    const text = `[${numbers.map((no) => `{"no": ${no}, "note": "编号 \\"${no}\\", 0.12345678901234567", "at": "2026-05-03"}`).join(',')}]`;
    const { snapshots } = snapshotsFromFiles(files({ 'a.json': text }), mappingOf(LONE));
    expect(snapshots.map(({ id }) => id)).toEqual(numbers);
    expect(snapshots[0]?.notes?.[0]?.text).toBe(`编号 "${numbers[0]}", 0.12345678901234567`);
    const rounded = snapshotsFromRows({ visits: [{ no: 2 ** 60, note: '腹痛' }] }, mappingOf(LONE));
    expect([rounded.snapshots, rounded.unreadable]).toEqual([[], 1]);
    expect(rounded.issues.map(({ code }) => code)).toContain('FIELD_WRONG_TYPE');
  });

  test('a fact that every row of a visit repeats is told once', () => {
    const repeated = `${rows}1,F,2013-04-05,2026-05-03 10:00,腹痛\n1,F,2013-04-05,2026-05-03 10:00,呕吐\n`;
    expect(snapshotsFromFiles(files({ 'a.csv': repeated }), mappingOf(LONE)).snapshots[0]?.notes?.map(({ text }) => text)).toEqual([
      '腹痛',
      '呕吐',
    ]);
  });

  test.each([
    ['2026-05-03', '2026-05-03T00:00:00+08:00'],
    ['2026/5/3 9:05', '2026-05-03T09:05:00+08:00'],
    ['2026年5月3日 9时05分', '2026-05-03T09:05:00+08:00'],
    ['20260503090507', '2026-05-03T09:05:07+08:00'],
    ['2026-05-03T01:05:00Z', '2026-05-03T01:05:00Z'],
    ['2026-05-03 09:05:00.123', '2026-05-03T09:05:00+08:00'],
  ])('a time written %s is %s', (written, start) => {
    expect(snapshotsFromFiles(files({ 'a.csv': `no,at\n1,${written}\n` }), mappingOf(LONE)).snapshots[0]?.period).toEqual({ start });
  });

  test.each([
    ['2013-04-05 00:00:00', '2013-04-05'],
    ['2013-04-04T16:00:00Z', '2013-04-05'],
    ['2013-04', '2013-04'],
  ])('a birth date written %s is %s', (written, birthDate) => {
    expect(snapshotsFromFiles(files({ 'a.csv': `no,born\n1,${written}\n` }), mappingOf(LONE)).snapshots[0]?.patient).toEqual({ birthDate });
  });
});

describe('a mapping file', () => {
  test('is described by mapping.schema.json, word for word', () => {
    const file = JSON.parse(readFileSync(join(import.meta.dirname, '../mapping.schema.json'), 'utf8')) as Record<string, unknown>;
    const { $schema, $id, ...schema } = file;
    expect([$schema, $id]).toEqual(['https://json-schema.org/draft/2020-12/schema', 'https://zhida.dev/schemas/his-mapping.json']);
    expect(schema).toEqual(JSON.parse(JSON.stringify(MAPPING_SCHEMA)));
  });

  const problem = (change: (text: string) => string): unknown => readMapping(change(MAPPING)).problems;

  test.each<[string, (text: string) => string, object]>([
    [
      'an unknown field',
      (text) => text.replace('patient.phone:', 'patient.fone:'),
      { at: 'tables.patients.fields.patient.fone', why: 'not a field that can be filled' },
    ],
    [
      'an unknown field of a fact',
      (text) => text.replace('unit: 单位', 'units: 单位'),
      { at: 'tables.results.facts.0.fields.units', why: 'not a field that can be filled' },
    ],
    [
      'a meaning the snapshot does not have',
      (text) => text.replace('急诊: emergency', '急诊: urgent'),
      { at: 'tables.visits.fields.class.map.急诊', why: 'not a value this field may have' },
    ],
    ['a zone that is none', (text) => text.replace('Asia/Shanghai', 'Asia/Yunxi'), { at: 'zone', why: 'not an IANA zone' }],
    [
      'a form of times that is none',
      (text) => text.replace('dd/MM/yyyy HH:mm', 'dd/MM/YY'),
      { at: 'tables.results.facts.0.fields.at.time', why: expect.stringContaining('not a form of times') },
    ],
    [
      'tables found by each other',
      (text) =>
        text.replace('  requests:\n    visit: 就诊号', '  requests:\n    from: { table: results, column: 申请单号, key: 申请单号 }'),
      { at: 'tables.requests.from', why: 'leads to no table with a visit number' },
    ],
    [
      'a table nobody can place',
      (text) => text.replace('    from: { table: visits, column: 科室代码, key: 代码 }\n', ''),
      { at: 'tables.departments', why: 'needs either visit or from, and not both' },
    ],
    [
      'a fact that could say nothing',
      (text) => text.replace('value: 结果', 'value: { value: 1 }'),
      { at: 'tables.results.facts.0.fields', why: 'an item of observations needs value from a column' },
    ],
  ])('with %s is refused, and told where', (_why, change, expected) => {
    expect(problem(change)).toContainEqual(expect.objectContaining({ ...expected, line: expect.any(Number) }));
  });

  test('as JSON is one too', () => {
    expect(readMapping('{"version":1,"tables":{"a":{"visit":"n","fields":{"location":"l"}}}}').problems).toEqual([]);
  });
});
