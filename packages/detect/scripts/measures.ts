import { readFileSync, readdirSync } from 'node:fs';
import type { Assessment, Detector } from '../src/index.js';
import { type Labelled, isPrompt, projectRecords, readLabelled } from './labelled.js';
import type { Perturbed } from './perturb.js';
import { kindOfVoice } from './voices.js';

/** The day the records are asked about. */
const ASKED_AT = Date.UTC(2026, 10, 22);
/** The day the cases of the rules are asked about: their visits are of that June. */
const CASES_ASKED_AT = Date.UTC(2026, 5, 15, 2);
const CASES = new URL('../../packs/cases/', import.meta.url);

/** A labelled record and what the detector says of it. */
export interface Judged extends Labelled {
  readonly got: Assessment;
}

/** A case of a rule: what that rule must say of it (nothing where `expect` is `null`), and whether it does. */
export interface JudgedCase {
  readonly id: string;
  readonly ruleId: string;
  readonly expected: boolean;
  readonly right: boolean;
}

/** Of so many records, so many as labelled. */
export interface Measure {
  readonly right: number;
  readonly of: number;
}

export function judge(detector: Detector, records: readonly Labelled[]): Judged[] {
  return records.map((record) => ({ ...record, got: detector.assess(record.encounter, { now: ASKED_AT }) }));
}

/** The records of ordinary children that must give neither red nor orange. */
export function quietRecords(): Labelled[] {
  return readLabelled(new URL('must-stay-quiet/records.jsonl', CASES)).map((record) => ({ ...record, gold: { level: 'none' } }));
}

/** Records of the project once more, as `perturb.ts` spoilt them. */
export function perturbedRecords(): Perturbed[] {
  return readLabelled(new URL('perturbed/records.jsonl', CASES)) as Perturbed[];
}

interface RuleCase {
  readonly id: string;
  readonly expect: { readonly level?: string } | null;
  readonly encounter: unknown;
}

/** The cases of every rule, each asked of its own rule alone: whether it speaks, and at the level named. */
export function judgeCases(detector: Detector): JudgedCase[] {
  return readdirSync(CASES)
    .filter((name) => /^R-.*\.cases\.jsonl$/u.test(name))
    .sort()
    .flatMap((name) => {
      const ruleId = name.replace('.cases.jsonl', '');
      return (readLabelled(new URL(name, CASES)) as unknown as RuleCase[]).map(({ id, expect, encounter }) => {
        const found = detector.assess(encounter, { now: CASES_ASKED_AT }).indications.find((indication) => indication.ruleId === ruleId);
        const right = expect === null ? found === undefined : found !== undefined && (expect.level ?? found.level) === found.level;
        return { id, ruleId, expected: expect !== null, right };
      });
    });
}

export function isMissed({ gold, got }: Judged): boolean {
  return isPrompt(gold.level) && !isPrompt(got.level);
}

export function isFalse({ gold, got }: Judged): boolean {
  return !isPrompt(gold.level) && isPrompt(got.level);
}

/** Some writers put the items of the Opinion in quotes. */
export function mainSituation({ gold }: Labelled): number | undefined {
  const [first] = gold.situations ?? [];
  return first === undefined ? undefined : Number(first);
}

/** Everything that has a floor, by the name it has in the file of floors. */
export function measureAll(detector: Detector): Map<string, Measure> {
  const judged = judge(detector, projectRecords());
  const measures = new Map<string, Measure>();
  countPrompts(measures, 'all', judged);
  for (const [situation, records] of groups(judged, (record) => [String(mainSituation(record) ?? 'none')]))
    countPrompts(measures, `situation ${situation}`, records);
  for (const [voice, records] of groups(judged, ({ voice }) => [kindOfVoice(voice ?? '')]))
    countPrompts(measures, `voice ${voice}`, records);
  for (const [file, records] of groups(judged, ({ file }) => [file ?? ''])) countPrompts(measures, `file ${file}`, records);
  const positive = judged.filter(({ gold }) => isPrompt(gold.level));
  const found = positive.filter((record) => !isMissed(record));
  measures.set('all: level right', { right: positive.filter(({ gold, got }) => gold.level === got.level).length, of: positive.length });
  const rightMain = found.filter((record) => hasMainSituation(record));
  measures.set('all: main situation of those found', { right: rightMain.length, of: found.length });
  const quiet = judge(detector, quietRecords());
  measures.set('must stay quiet: left alone', { right: quiet.filter((record) => !isFalse(record)).length, of: quiet.length });
  countPrompts(measures, 'perturbed', judge(detector, perturbedRecords()));
  for (const [ruleId, cases] of groups(judgeCases(detector), (item) => [item.ruleId]))
    measures.set(`rule ${ruleId}: its cases`, { right: cases.filter(({ right }) => right).length, of: cases.length });
  return measures;
}

function countPrompts(measures: Map<string, Measure>, name: string, records: readonly Judged[]): void {
  const positive = records.filter(({ gold }) => isPrompt(gold.level));
  const negative = records.filter(({ gold }) => !isPrompt(gold.level));
  const right = { found: positive.filter((record) => !isMissed(record)), 'left alone': negative.filter((record) => !isFalse(record)) };
  if (positive.length > 0) measures.set(`${name}: found`, { right: right.found.length, of: positive.length });
  if (negative.length > 0) measures.set(`${name}: left alone`, { right: right['left alone'].length, of: negative.length });
}

export function hasMainSituation(record: Judged): boolean {
  const main = mainSituation(record);
  return main === undefined || record.got.situations.some((situation) => situation === main);
}

/** What has one of the names, for every name, sorted by name. */
export function groups<T>(items: readonly T[], namesOf: (item: T) => readonly string[]): [name: string, items: T[]][] {
  const found = new Map<string, T[]>();
  for (const item of items)
    for (const name of new Set(namesOf(item))) {
      const group = found.get(name) ?? [];
      group.push(item);
      found.set(name, group);
    }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The floors that stand in the repository, by name. */
export const FLOORS_FILE = new URL('floors.json', CASES);

export function readFloors(): Record<string, number> {
  return JSON.parse(readFileSync(FLOORS_FILE, 'utf8')) as Record<string, number>;
}
