import { type CalendarDate, type EncounterSnapshot, type Issue, ZhidaError, localDate, parseInstant, readSnapshot } from '@zhida/core';
import type { Level, RulePack } from '@zhida/packs';
import { type Overlay, applyOverlay, readSilent } from './overlay.js';
import type { Assessment, Indication, RulesUsed } from './assessment.js';
import { type Explanation, sightingsOf } from './explanation.js';
import { type AgeFact, readAge } from './facts/age.js';
import type { Collected, Source } from './facts/collect.js';
import type { Facts } from './facts/facts.js';
import type { Seen } from './facts/seen.js';
import type { RecordReader } from './facts/reader.js';
import { createReaderOfPack } from './facts/reader-of-pack.js';
import { type MeasureReader, type Measures, createMeasureReader } from './facts/growth.js';
import { type MotherFact, isNewborn, readMother } from './facts/mother.js';
import { readAgeInNotes } from './facts/text-age.js';
import { type CompiledRule, compileRules } from './rules/compile.js';
import { evaluateRule, lowerWhereAnotherPrompts } from './rules/evaluate.js';
import { type FindRules, createRuleFinder, possibleRules } from './rules/find.js';
import { emptyTrace } from './rules/test.js';
import { compileTracer } from './rules/trace.js';
import { type Lexicon, compileLexicon } from './text/lexicon.js';
import { type Weigh, compileWeigh } from './weighing/weigh.js';

export interface DetectorOptions {
  readonly pack: RulePack;
  readonly overlay?: Overlay;
  /** What assessments name the overlay by, beside the digest of the pack: its `fingerprint` of `@zhida/core`. */
  readonly overlayDigest?: string;
}

export interface Detector {
  readonly rulePack: RulesUsed;
  /**
   * Looks at one encounter. Pure and synchronous; never throws on data, whatever it is.
   *
   * @param input an EncounterSnapshot, or anything at all: what cannot be read becomes an issue.
   * @param options `now` in milliseconds since 1970, used as the time of an encounter that does not say when it began.
   */
  assess(input: unknown, options: { readonly now: number }): Assessment;
  /**
   * Says why one rule did or did not speak about an encounter, by asking each part of it what the assessment asks. For people to
   * read; many times slower than an assessment.
   *
   * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for a rule the pack does not have
   */
  explain(input: unknown, options: { readonly now: number; readonly ruleId: string }): Explanation;
}

interface Engine {
  readonly pack: RulePack;
  readonly rulePack: RulesUsed;
  readonly lexicon: Lexicon;
  readonly reader: RecordReader;
  readonly readMeasures: MeasureReader;
  readonly weigh: Weigh;
  readonly rules: readonly CompiledRule[];
  readonly findRules: FindRules;
  readonly silentRules: ReadonlySet<string>;
}

const RANK: Readonly<Record<Level, number>> = { red: 3, orange: 2, yellow: 1, none: 0 };

/**
 * Compiles a rule pack; the detector can be used for any number of encounters.
 *
 * @throws ZhidaError `ZD_ERR_PACK_INVALID` for a pack that names what it does not define, `ZD_ERR_OPTION_INVALID` for an
 * overlay that names an unknown or a statutory rule.
 */
export function createDetector({ pack, overlay = {}, overlayDigest }: DetectorOptions): Detector {
  const local = applyOverlay(pack, overlay);
  const lexicon = compileLexicon(local);
  const rules = compileRules(local, lexicon);
  const { id, version, digest } = pack;
  const rulePack = { id, version, digest, ...(overlayDigest === undefined ? {} : { overlay: overlayDigest }) };
  const engine: Engine = {
    pack: local,
    rulePack,
    lexicon,
    reader: createReaderOfPack(local, lexicon),
    readMeasures: createMeasureReader(lexicon.fold),
    weigh: compileWeigh(local, lexicon),
    rules,
    findRules: createRuleFinder(rules, lexicon.concepts.length),
    silentRules: readSilent(pack, overlay),
  };
  return {
    rulePack,
    assess: (input, { now }) => assess(engine, input, now),
    explain: (input, { now, ruleId }) => explain(engine, input, now, ruleId),
  };
}

/** What is known before any text is read. */
interface Opened {
  readonly snapshot: EncounterSnapshot | undefined;
  readonly on: CalendarDate;
  readonly age: AgeFact | undefined;
  readonly issues: Issue[];
}

function open(input: unknown, now: number): Opened {
  const { snapshot, issues: found } = readSnapshot(input);
  const issues = [...found];
  if (snapshot === undefined) return { snapshot, on: localDate(0), age: undefined, issues };
  const on = encounterDate(snapshot, now, issues);
  return { snapshot, on, age: readAge(snapshot, on, issues, () => readAgeInNotes(snapshot)), issues };
}

function assess(engine: Engine, input: unknown, now: number): Assessment {
  const { snapshot, on, age, issues } = open(input, now);
  if (snapshot === undefined || age === undefined || age.minor === 'no') return report(engine, snapshot, age, [], issues);
  const collected = engine.reader.collect(snapshot, issues);
  let { rules } = engine;
  if (age.bounds !== undefined && !isNewborn(snapshot, age, on) && !hasPositiveResult(collected)) {
    const facts = factsOf(engine, snapshot, on, age, collected, issues, undefined);
    const left = rulesLeftOpen(engine, collected, facts);
    ({ rules } = left);
    const indications = left.seen === undefined ? [] : indicationsOf(engine, rules, facts, left.seen, issues);
    if (rules.length === 0 || left.seen !== undefined) return report(engine, snapshot, age, indications, issues);
  }
  const { facts, seen } = readInFull(engine, snapshot, on, age, collected, issues);
  if (age.bounds === undefined && !isPaediatric(engine, facts)) {
    // Nothing says this is a child: every pregnant adult without a birth date would be an indication.
    issues.push({ code: 'RULE_UNDECIDED', severity: 'warning', at: 'patient.birthDate' });
    return report(engine, snapshot, age, [], issues);
  }
  return report(engine, snapshot, age, indicationsOf(engine, possibleRules(rules, facts, seen), facts, seen, issues), issues);
}

/** Rules that may hold, and what the record may show where that is enough to evaluate them by: it is read in full where one asks for it. */
interface LeftOpen {
  readonly rules: readonly CompiledRule[];
  readonly seen: Seen | undefined;
}

/**
 * The rules that may hold. Most records only deny, ask and teach: what cannot hold by the words that stand in them, nor by what they
 * assert, is done with. Where only rules are left that weigh statements, those texts are read alone in which a statement may weigh enough.
 */
function rulesLeftOpen({ findRules, reader }: Engine, collected: Collected, facts: Facts): LeftOpen {
  let open = findRules(facts, reader.glance(collected));
  if (open.some(asksMoreThanWeight))
    open = possibleRules(open, facts, reader.skim(collected, unionOf(open.map(({ neededConcepts }) => neededConcepts()))));
  // That a result is taken back is said by nothing but the reading of all the texts.
  if (open.some(asksMoreThanWeight) || reader.mayRetract(collected)) return { rules: open, seen: undefined };
  open = open.filter(({ leastWeight = 0 }) => facts.weights().weighs(leastWeight));
  if (open.length === 0) return { rules: open, seen: undefined };
  return { rules: open, seen: reader.skim(collected, unionOf(open.map(({ laterConcepts }) => laterConcepts()))) };
}

function asksMoreThanWeight({ leastWeight }: CompiledRule): boolean {
  return leastWeight === undefined;
}

function readInFull(
  engine: Engine,
  snapshot: EncounterSnapshot,
  on: CalendarDate,
  age: AgeFact,
  collected: Collected,
  issues: Issue[],
): { facts: Facts; seen: Seen } {
  const seen = engine.reader.read(collected, issues);
  const mother = isNewborn(snapshot, age, on) ? readMother(snapshot, collected.documents, age, on, engine.lexicon.fold) : undefined;
  return { facts: factsOf(engine, snapshot, on, age, collected, issues, mother), seen };
}

function explain(engine: Engine, input: unknown, now: number, ruleId: string): Explanation {
  const compiled = engine.rules.find(({ rule }) => rule.id === ruleId);
  if (compiled === undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the pack has no such rule', { at: 'ruleId' });
  const indication = assess(engine, input, now).indications.find((candidate) => candidate.ruleId === ruleId) ?? null;
  const { snapshot, on, age, issues } = open(input, now);
  if (snapshot === undefined || age === undefined)
    return { ruleId, indication, stoppedBy: 'unreadable', condition: null, suppressors: [], sightings: [] };
  const { facts } = readInFull(engine, snapshot, on, age, engine.reader.collect(snapshot, issues), issues);
  const isUnknown = age.bounds === undefined && !isPaediatric(engine, facts);
  const { rule } = compiled;
  return {
    ruleId,
    indication,
    stoppedBy: age.minor === 'no' ? 'of-age' : isUnknown ? 'age-unknown' : null,
    condition: compileTracer(rule.when, engine, `rules.${ruleId}.when`)(facts),
    suppressors: compiled.suppressors.map(({ id, test }) => ({
      id,
      why: engine.pack.suppressors.find((suppressor) => suppressor.id === id)?.why ?? { zh: id, en: id },
      holds: test(facts, emptyTrace()) === 2,
    })),
    sightings: sightingsOf(facts.documents, engine.lexicon, compiled.concepts()),
  };
}

function factsOf(
  { reader, readMeasures, weigh }: Engine,
  snapshot: EncounterSnapshot,
  on: CalendarDate,
  age: AgeFact,
  collected: Collected,
  issues: Issue[],
  mother: MotherFact | undefined,
): Facts {
  const { sources, documents, mentions, codes, results, visits } = collected;
  let measures: Measures | undefined;
  const readInFull = (): Collected => {
    if (!collected.isRead) reader.read(collected, issues);
    return collected;
  };
  const mentionsIn = (source: Source): ReturnType<RecordReader['mentionsIn']> => reader.mentionsIn(source, collected);
  return {
    snapshot,
    on,
    age,
    mother,
    visits,
    measures: () => (measures ??= readMeasures(snapshot, sources)),
    weights: () => (collected.weights ??= weigh(collected, { mentionsIn, readInFull })),
    readInFull,
    isRead: () => collected.isRead,
    documents,
    mentions,
    codes,
    results,
  };
}

/** A note may take a positive result back, and that is said whether or not a rule asks for it (INV-13): such a record is read in full. */
function hasPositiveResult({ results }: Collected): boolean {
  return [...results.values()].some((facts) => facts.some(({ positive }) => positive));
}

/** What is 1 in any of some lists. */
function unionOf([first, ...others]: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(first ?? []);
  for (const list of others) for (let index = 0; index < all.length; index += 1) if (list[index] === 1) all[index] = 1;
  return all;
}

function indicationsOf({ silentRules }: Engine, rules: readonly CompiledRule[], facts: Facts, seen: Seen, issues: Issue[]): Indication[] {
  const indications: Indication[] = [];
  for (const rule of rules) {
    try {
      const indication = evaluateRule(rule, facts, seen, silentRules);
      if (indication !== undefined) indications.push(indication);
    } catch {
      // One rule that fails must not take the others with it; that it failed is said.
      issues.push({ code: 'RULE_UNDECIDED', severity: 'error', at: `rules.${rule.rule.id}` });
    }
  }
  return lowerWhereAnotherPrompts(indications, rules);
}

function report(
  { rulePack }: Engine,
  snapshot: EncounterSnapshot | undefined,
  age: AgeFact | undefined,
  indications: readonly Indication[],
  issues: readonly Issue[],
): Assessment {
  const counted = indications.filter(({ silent, level }) => !silent && level !== 'none');
  const level = counted.reduce<Level>(
    (highest, indication) => (RANK[indication.level] > RANK[highest] ? indication.level : highest),
    'none',
  );
  return {
    schemaVersion: '1',
    encounterId: snapshot?.id ?? null,
    revision: snapshot?.revision ?? null,
    rulePack,
    minor: age?.minor ?? 'unknown',
    age: ageOf(age),
    level,
    situations: [...new Set(counted.map(({ situation }) => situation))].sort((a, b) => a - b),
    indications: [...indications].sort((a, b) => RANK[b.level] - RANK[a.level] || (a.ruleId < b.ruleId ? -1 : 1)),
    issues: orderIssues(issues),
  };
}

function ageOf(age: AgeFact | undefined): Assessment['age'] {
  if (age?.bounds === undefined || age.basis === undefined) return null;
  const months = age.statedMonths ?? age.bounds.min.months;
  return { years: Math.floor(months / 12), months: age.monthsKnown ? months : null, basis: age.basis };
}

/** The day the encounter began, in the zone of the law. */
function encounterDate({ period }: EncounterSnapshot, now: number, issues: Issue[]): CalendarDate {
  const start = period?.start === undefined ? undefined : parseInstant(period.start);
  if (start !== undefined) return localDate(start);
  issues.push({ code: 'PERIOD_START_MISSING', severity: 'warning', at: 'period.start' });
  return localDate(Number.isFinite(now) && Math.abs(now) <= 8.64e15 ? now : 0);
}

function isPaediatric({ pack }: Engine, facts: Facts): boolean {
  const department = facts.snapshot.department?.name ?? '';
  if (pack.paediatric.departments.some((name) => department.includes(name))) return true;
  const index = pack.concepts.findIndex(({ id }) => id === pack.paediatric.concept);
  return (facts.mentions.get(index)?.length ?? 0) > 0;
}

function orderIssues(issues: readonly Issue[]): Issue[] {
  const seen = new Set<string>();
  return [...issues]
    .sort((a, b) => (a.at === b.at ? (a.code < b.code ? -1 : 1) : a.at < b.at ? -1 : 1))
    .filter(({ code, at }) => {
      const name = `${code} ${at}`;
      return !seen.has(name) && seen.add(name) !== undefined;
    });
}
