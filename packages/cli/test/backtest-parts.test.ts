import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { promptsOf } from '../src/backtest/episodes.js';
import { readLabels, shareOf } from '../src/backtest/labels.js';
import { createRefs } from '../src/backtest/refs.js';
import { createRows } from '../src/backtest/rows.js';
import { protectedCells, rangeOf, SMALL } from '../src/backtest/small-cells.js';
import type { MarkedVisit } from '../src/backtest/visit.js';
import { createProgress } from '../src/scan/progress.js';

const directory = mkdtempSync(join(tmpdir(), 'zhida-backtest-parts-'));
afterAll(() => rmSync(directory, { recursive: true }));

const HOUR_MS = 3_600_000;

interface Told {
  readonly patient?: number;
  readonly visit: number;
  readonly hour: number;
  readonly rules?: Readonly<Record<string, 'red' | 'orange' | 'yellow'>>;
}

function prompts(told: readonly Told[]): { rules: string[]; asked: boolean[] } {
  const rows = createRows();
  const marks = new Map<number, MarkedVisit>();
  for (const { patient = 1, visit, hour, rules = {} } of told) {
    const row = rows.add(patient, visit, hour * HOUR_MS, hour * HOUR_MS);
    const reasons = Object.entries(rules).map(([ruleId, level]) => ({
      ruleId,
      level,
      silent: false,
      prompts: level !== 'yellow',
      statutory: false,
      situation: 4,
    }));
    const under = { department: '', class: '', band: '0', hour: 0, day: '2026-10-01' } as const;
    if (reasons.length > 0) marks.set(row, { ref: String(row), visit, reasons, under, ageUnknown: false });
  }
  const { prompts: counted, interruptions } = promptsOf(rows, marks);
  return { rules: counted.map(({ level, ruleIds }) => `${level} ${ruleIds.join('+')}`), asked: interruptions.map(({ again }) => again) };
}

describe('a back-test counts prompts as the gateway opens them', () => {
  test.each<[string, Told[], string[], boolean[]]>([
    [
      'the same reason within 72 hours asks once',
      [
        { visit: 1, hour: 0, rules: { A: 'red' } },
        { visit: 2, hour: 72, rules: { A: 'red' } },
      ],
      ['red A'],
      [false],
    ],
    [
      'an hour later it is another episode',
      [
        { visit: 1, hour: 0, rules: { A: 'red' } },
        { visit: 2, hour: 73, rules: { A: 'red' } },
      ],
      ['red A', 'red A'],
      [false, false],
    ],
    [
      'a new rule asks again',
      [
        { visit: 1, hour: 0, rules: { A: 'orange' } },
        { visit: 2, hour: 9, rules: { B: 'orange' } },
      ],
      ['orange A+B'],
      [false, true],
    ],
    [
      'a higher level asks again',
      [
        { visit: 1, hour: 0, rules: { A: 'orange' } },
        { visit: 1, hour: 0, rules: { A: 'red' } },
      ],
      ['red A'],
      [false, true],
    ],
    [
      'a quiet visit keeps the episode open',
      [
        { visit: 1, hour: 0, rules: { A: 'red' } },
        { visit: 2, hour: 60 },
        { visit: 3, hour: 120, rules: { A: 'red' } },
      ],
      ['red A'],
      [false],
    ],
    ['yellow asks nobody', [{ visit: 1, hour: 0, rules: { A: 'yellow' } }], [], []],
    [
      'visits are taken by time, whatever the order of the file',
      [
        { visit: 3, hour: 120, rules: { A: 'red' } },
        { visit: 2, hour: 60 },
        { visit: 1, hour: 0, rules: { A: 'red' } },
      ],
      ['red A'],
      [false],
    ],
    [
      'two children are two',
      [
        { visit: 1, hour: 0, rules: { A: 'red' } },
        { patient: 2, visit: 2, hour: 0, rules: { A: 'red' } },
      ],
      ['red A', 'red A'],
      [false, false],
    ],
  ])('%s', (_why, told, rules, asked) => {
    expect(prompts(told)).toEqual({ rules, asked });
  });

  test('more visits than the first room for them are kept', () => {
    const told = Array.from({ length: 5_000 }, (_none, visit) => ({ patient: visit, visit, hour: visit, rules: { A: 'red' as const } }));
    expect(prompts(told).rules).toHaveLength(5_000);
  });
});

describe('small groups', () => {
  test('what is withheld can never be reckoned from the total', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 40 }), { minLength: 2 }), (counts) => {
        const cells = protectedCells(counts);
        const withheld = counts.filter((_count, index) => cells[index] === null);
        expect(withheld.length).not.toBe(1);
        for (const [index, cell] of cells.entries()) if (cell !== null) expect(cell >= SMALL && cell === counts[index]).toBe(true);
      }),
    );
  });

  test('a range tells nothing of fewer than five', () => {
    expect([0, 4, 5, 9, 10, 23, 1_500].map(rangeOf)).toEqual([undefined, undefined, '5–9', '5–9', '10–19', '20–49', '≥ 1000']);
  });
});

describe('labels', () => {
  const file = (content: string | Buffer): string => {
    const path = join(directory, 'labels.csv');
    writeFileSync(path, content);
    return path;
  };

  test('are read with a heading, quotes, either language and GB18030', async () => {
    expect([...(await readLabels(file('visit,label\n"V1",red\nV2\tno\r\n\nV3,橙\n')))]).toEqual([
      ['V1', 'red'],
      ['V2', 'no'],
      ['V3', 'orange'],
    ]);
    const gb18030 = Buffer.concat([Buffer.from('V1,'), Buffer.from([0xca, 0xc7]), Buffer.from('\n')]);
    expect([...(await readLabels(file(gb18030)))]).toEqual([['V1', 'yes']]);
  });

  test.each([
    ['a word that is no label', 'V1,red\nV2,不可外传\n', ':2'],
    ['two labels of one visit', 'V1,red\nV1,none\n', ':2'],
    ['no id', 'V1,red\n,red\n', ':2'],
  ])('%s is named by line, never by content', async (_why, content, at) => {
    const refusal: unknown = await readLabels(file(content)).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'ZD_ERR_INPUT_UNREADABLE', at: expect.stringMatching(new RegExp(`${at}$`)) as unknown });
    expect(String(refusal)).not.toContain('不可外传');
  });

  // The figures of the first row stand in Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [0, 20, 0, 0.1611],
    [20, 20, 0.8389, 1],
    [0, 0, 0, 1],
  ])('%i of %i lies between %f and %f', (part, whole, low, high) => {
    const share = shareOf(part, whole);
    expect(share.low).toBeCloseTo(low, 4);
    expect(share.high).toBeCloseTo(high, 4);
  });
});

test('a visit is named by where it stands, without the name of the file', () => {
  const ref = createRefs(['张三.jsonl', '张三.jsonl.bak', '-']);
  expect([
    ref('张三.jsonl:12', 0, 1),
    ref('张三.jsonl.bak[3]', 0, 1),
    ref('张三.jsonl:12', 1, 3),
    ref('-:7', 0, 1),
    ref('张三.jsonl+张三.jsonl.bak', 6, 9),
  ]).toEqual(['1:12', '2[3]', '1:12#2', '3:7', '#7']);
});

test('progress tells the time left of what was read as a whole by the encounters left', () => {
  let nowMs = 0;
  const written: string[] = [];
  const progress = createProgress({ isTTY: true, write: (text) => written.push(text) }, 100, { now: () => nowMs });
  nowMs = 1_000;
  progress.bytes(50);
  expect(written.at(-1)).toContain('50 % · 1 s left');
  nowMs = 10_000;
  progress.bytes(50);
  expect(written.at(-1)).not.toContain('left');
  progress.expect(1_000);
  nowMs = 11_000;
  progress.update({ encounters: 250 });
  expect(written.at(-1)).toContain('25 % · 3 s left');
});
