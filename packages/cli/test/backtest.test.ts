import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BacktestSummary } from '../src/backtest/summary.js';
import { zhida } from './zhida-here.js';

const directory = mkdtempSync(join(tmpdir(), 'zhida-backtest-'));
afterAll(() => rmSync(directory, { recursive: true }));

const CANARIES = ['卡纳里', '不可外传', '440232201304051234', '13800138000', 'CANARY-VISIT', 'CANARY-PATIENT', 'CANARY-FILE', '特殊诊室'];

/** Invented children. */
function visit(id: string, patient: string, start: string, over: object = {}): object {
  return {
    schemaVersion: '1',
    id: `CANARY-VISIT-${id}`,
    class: 'outpatient',
    department: { name: '妇产科' },
    period: { start: `${start}+08:00` },
    patient: {
      id: `CANARY-PATIENT-${patient}`,
      name: '卡纳里',
      sex: 'female',
      birthDate: '2013-04-05',
      phone: '13800138000',
      identifiers: [{ system: 'cn-resident-id', value: '440232201304051234' }],
    },
    notes: [{ section: 'imaging', text: '超声提示宫内早孕，约8周。不可外传' }],
    feedsPresent: ['notes'],
    ...over,
  };
}
const cough = { notes: [{ section: 'chief-complaint', text: '咳嗽3天。不可外传' }] };

const records = [
  visit('1', '1', '2026-10-01T10:00:00'),
  // The same child within 72 hours, then in another episode.
  visit('2', '1', '2026-10-02T10:00:00'),
  visit('3', '1', '2026-10-20T10:00:00'),
  // Told twice.
  visit('4', '2', '2026-10-03T09:00:00', cough),
  visit('4', '2', '2026-10-03T09:00:00', { ...cough, revision: 2 }),
  visit('5', '3', '2026-10-03T21:00:00', { ...cough, department: { name: '特殊诊室' } }),
  visit('6', '4', '2026-10-03T21:00:00', { patient: { id: 'CANARY-PATIENT-4', birthDate: '1980-01-01', name: '卡纳里' } }),
  ...Array.from({ length: 20 }, (_none, index) => visit(`q${index}`, `q${index}`, `2026-10-05T0${index % 9}:00:00`, cough)),
];
const file = join(directory, 'CANARY-FILE.jsonl');
const labels = join(directory, 'labels.csv');
const page = join(directory, 'report.html');

beforeAll(() => {
  writeFileSync(file, `${records.map((record) => JSON.stringify(record)).join('\n')}\n{"id":"CANARY-VISIT-9\n`);
  const labelled = [
    ['1', 'red'],
    ['4', 'none'],
    ['5', 'yes'],
    ['6', 'no'],
    ['nobody', 'no'],
  ];
  writeFileSync(labels, labelled.map(([id, label]) => `CANARY-VISIT-${id},${label}\n`).join(''));
});

describe('zhida backtest', () => {
  test('counts visits, prompts by child and episode, rules, what the feed lacks, and what cannot be read', async () => {
    const { code, stdout, stderr } = await zhida(['backtest', '--json', '--labels', labels, file]);
    expect([code, stderr]).toEqual([2, `${file}:28: ZD_ERR_INPUT_UNREADABLE the line is not JSON\n`]);
    const summary = JSON.parse(stdout) as BacktestSummary;
    expect(summary).toMatchObject({
      schemaVersion: '1',
      files: 1,
      period: { from: '2026-10-01', to: '2026-10-20', days: 5 },
      visits: { all: 26, repeated: 1, minors: 25, adults: 1, ageUnknown: 0, withoutTime: 0 },
      levels: { red: 3, statutory: 3, none: 22, onlySilent: 0 },
      prompts: { all: 2, red: 2, orange: 0, statutory: 2, again: 0, perThousandMinorVisits: 80, perDay: 0.4, busiestDay: 1 },
      unreadable: [{ code: 'ZD_ERR_INPUT_UNREADABLE', records: 1 }],
      situations: [{ situation: 2, visits: 3 }],
    });
    expect(summary.rules[0]).toMatchObject({ ruleId: 'R-PG-01', statutory: true, red: 3, prompts: 2 });
    expect(summary.parts.find(({ part }) => part === 'observations')).toEqual({ part: 'observations', visits: 0, notCarried: 25 });
    expect(summary.parts.find(({ part }) => part === 'notes')).toEqual({ part: 'notes', visits: 25, notCarried: 0 });
    expect(summary.toRead.map(({ ref, level }) => `${ref} ${level}`)).toEqual(['1:1 red', '1:2 red', '1:3 red']);
    expect(summary.labels).toMatchObject({
      given: 5,
      matched: 4,
      found: { part: 1, whole: 2 },
      redAtRed: { part: 1, whole: 1 },
      leftAlone: { part: 2, whole: 2 },
    });
    expect(summary.labels?.rules[0]).toMatchObject({ right: { part: 1, whole: 1 } });
  }, 120_000);

  test('withholds small groups, and names no department of few visits', async () => {
    const { stdout } = await zhida(['backtest', '--json', file]);
    const { departments, departmentRules, ages } = JSON.parse(stdout) as BacktestSummary;
    expect(departments).toEqual([
      { name: '妇产科', visits: 24, interruptions: null },
      { name: '*', visits: 1, interruptions: null },
    ]);
    expect(departmentRules).toEqual([]);
    expect(ages).toEqual([{ name: '12-13', visits: 25, interruptions: null }]);
  });

  test('INV-11 writes nothing about a person: not on the terminal, not as JSON, not on the page', async () => {
    const readable = await zhida(['backtest', '--out', page, '--labels', labels, file]);
    const json = await zhida(['backtest', '--json', '--labels', labels, file]);
    expect(readable.stdout).toContain('25 次未成年人就诊中，会有 2 份提示：红色 2，橙色 0');
    // Two in twenty days are few, two of 25 children are not.
    expect(readable.stdout).not.toContain('提示不多');
    for (const text of [readable.stdout, json.stdout, readFileSync(page, 'utf8')])
      expect(CANARIES.filter((canary) => text.includes(canary))).toEqual([]);
  });

  test('the page is one file that loads nothing, for its owner alone, in either language', async () => {
    await zhida(['backtest', '--out', page, file]);
    const chinese = readFileSync(page, 'utf8');
    expect(chinese).toMatch(/^<!doctype html>\n<html lang="zh-CN">/);
    expect(chinese).toContain('没有任何内容离开这台机器');
    expect(chinese).toContain('核查决定及理由');
    expect(chinese).toContain('<span class="id">1:3</span>');
    expect(chinese).not.toMatch(/<script|<link|<img|src=|style="/);
    if (process.platform !== 'win32') expect(statSync(page).mode & 0o777).toBe(0o600);
    const { stdout } = await zhida(['backtest', '--lang', 'en', '--out', page, file]);
    expect(stdout).toContain('At 25 visits of minors there would have been 2 prompts: 2 red, 0 orange.');
    expect(readFileSync(page, 'utf8')).toContain('nothing has left this machine');
  });

  test('says what to look at first where nothing would have been prompted, and exits 0', async () => {
    const quiet = join(directory, 'quiet.jsonl');
    writeFileSync(quiet, `${JSON.stringify(visit('1', '1', '2026-10-01T10:00:00', cough))}\n`);
    const { code, stdout, stderr } = await zhida(['backtest', '--out', page, quiet]);
    expect([code, stderr]).toEqual([0, `网页已写入 ${page}\n`]);
    expect(stdout).toContain('这段时间里不会有任何提示');
    expect(readFileSync(page, 'utf8')).toContain('没有需要核查的就诊');
  });

  test.each([
    ['labels that are none', ['--labels', 'no-such-file.csv', '-'], 65],
    ['rows without a mapping', ['--format', 'his', '-'], 64],
  ])('%s end it before anything is read: nothing on standard output', async (_why, args, expected) => {
    const { code, stdout } = await zhida(['backtest', ...args]);
    expect([code, stdout]).toEqual([expected, '']);
  });
});
