import { expect, test } from 'vitest';
import { failuresOf } from './driver/failures.js';
import { reliabilityPage } from './driver/reliability.js';
import type { FaultResult, FaultRun } from './driver/run.js';

const RUN: FaultRun = { reports: 5_000, seed: 1 };
const COUNTS = { accepted: 1, stopped: 1, feedback: 1, calls: 1, later: 1, attachments: 1, attestations: 1, saidTwice: 1, outOfOrder: 1 };
const GOOD: FaultResult = {
  lost: [],
  false: [],
  duplicate: [],
  reports: RUN.reports,
  seed: RUN.seed,
  seconds: 60,
  queue: 'redis',
  counts: { ...COUNTS, attempts: 9_000, shown: 12_000, seen: 200 },
  faults: { 'relay killed': 3, 'queue stopped': 1 },
  boundaries: { known: 40, diedAt: 39, left: ['before update deliveries'] },
};

test('a run that did all it was to do, and found nothing, passes', () => {
  expect(failuresOf(RUN, GOOD)).toEqual([]);
});

const FAILING: readonly (readonly [what: string, run: Partial<FaultRun>, planted: Partial<FaultResult>, why: string])[] = [
  ['lost something', {}, { lost: ['press press-1'] }, 'press press-1'],
  ['showed something falsely', {}, { false: ['dlv_1 is shown as stored'] }, 'dlv_1 is shown as stored'],
  ['did something twice', {}, { duplicate: ['dlv_1 has several receipts'] }, 'dlv_1 has several receipts'],
  ['was answered for fewer reports than were asked for', {}, { reports: 4_999 }, '4999 of 5000 reports were answered for'],
  ['showed nobody a state', {}, { counts: { ...GOOD.counts, seen: 0 } }, 'nobody who asked was shown a state'],
  ['never did one of its faults', {}, { faults: { ...GOOD.faults, 'queue stopped': 0 } }, 'never was: queue stopped'],
  ['saw no statement', {}, { boundaries: { known: 0, diedAt: 0, left: [] } }, 'no place at a statement was seen'],
  ['let nobody die at a place', { everyBoundary: true }, { reports: 900 }, 'nobody died before update deliveries'],
];

test.each(FAILING)('a run that %s fails, and says so', (_what, run, planted, why) => {
  expect(failuresOf({ ...RUN, ...run }, { ...GOOD, ...planted })).toEqual([why]);
});

test('of a short run no fault is demanded', () => {
  const short = { ...GOOD, reports: 20, counts: { ...GOOD.counts, seen: 0 }, faults: { 'queue stopped': 0 } };
  expect(failuresOf({ ...RUN, reports: 20 }, short)).toEqual([]);
});

test('no line of the page claims that all is there, where something is lost', () => {
  const page = reliabilityPage({ ...GOOD, lost: ['call cal_1'] });
  expect(page).toContain('| telephone calls of the hospital | 1 |');
  expect(page).not.toMatch(/all in the ledger|byte for byte/);
});
