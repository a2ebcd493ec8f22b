import { type CalendarDate, type EncounterSnapshot, type Issue, localDate, parseInstant, readSnapshot } from '@zhida/core';
import type { Level, RulePack } from '@zhida/packs';
import { type Overlay, applyOverlay, readSilent } from './overlay.js';
import type { Assessment, Indication } from './assessment.js';
import { type AgeFact, readAge } from './facts/age.js';
import { type Collector, createCollector } from './facts/collect.js';
import { compileDerived, includedIn } from './facts/derive.js';
import type { Facts } from './facts/facts.js';
import { createResultReader } from './facts/results.js';
import { type Measures, readMeasures } from './facts/growth.js';
import { isNewborn, readMother } from './facts/mother.js';
import { readAgeInNotes } from './facts/text-age.js';
import { type CompiledRule, compileRules } from './rules/compile.js';
import { createCodeSets } from './facts/codes.js';
import { evaluateRule } from './rules/evaluate.js';
import { mayHold, tellingConcepts } from './rules/triggers.js';
import { type Lexicon, compileLexicon } from './text/lexicon.js';

export interface DetectorOptions {
  readonly pack: RulePack;
  readonly overlay?: Overlay;
}

export interface Detector {
  /**
   * Looks at one encounter. Pure and synchronous; never throws on data, whatever it is.
   *
   * @param input an EncounterSnapshot, or anything at all: what cannot be read becomes an issue.
   * @param options `now` in milliseconds since 1970, used as the time of an encounter that does not say when it began.
   */
  assess(input: unknown, options: { readonly now: number }): Assessment;
}

interface Engine {
  readonly pack: RulePack;
  readonly lexicon: Lexicon;
  readonly collector: Collector;
  readonly rules: readonly CompiledRule[];
  readonly codeSets: (codes: Facts['codes']) => ReadonlySet<string>;
  readonly silentRules: ReadonlySet<string>;
}

const RANK: Readonly<Record<Level, number>> = { red: 3, orange: 2, yellow: 1, none: 0 };

/**
 * Compiles a rule pack; the detector can be used for any number of encounters.
 *
 * @throws ZhidaError `ZD_ERR_PACK_INVALID` for a pack that names what it does not define, `ZD_ERR_OPTION_INVALID` for an
 * overlay that names an unknown or a statutory rule.
 */
export function createDetector({ pack, overlay = {} }: DetectorOptions): Detector {
  const local = applyOverlay(pack, overlay);
  const lexicon = compileLexicon(local);
  const codeSets = createCodeSets(local.codeSets);
  const rules = compileRules(local, lexicon);
  const telling = tellingConcepts(rules.map(({ triggers }) => triggers));
  const engine: Engine = {
    pack: local,
    lexicon,
    collector: createCollector(lexicon, createResultReader(local, lexicon), {
      knowsCodes: (codes) => codeSets(codes).size > 0,
      telling,
      derive: compileDerived(local, lexicon),
      includeKinds: includedIn(local, lexicon),
    }),
    rules,
    codeSets,
    silentRules: readSilent(pack, overlay),
  };
  return { assess: (input, { now }) => assess(engine, input, now) };
}

function assess(engine: Engine, input: unknown, now: number): Assessment {
  const reading = readSnapshot(input);
  const issues = [...reading.issues];
  const { snapshot } = reading;
  if (snapshot === undefined) return report(engine, undefined, undefined, [], issues);
  const on = encounterDate(snapshot, now, issues);
  const age = readAge(snapshot, on, issues, () => readAgeInNotes(snapshot));
  if (age.minor === 'no') return report(engine, snapshot, age, [], issues);
  const newborn = isNewborn(snapshot, age, on);
  const collected = engine.collector.collect(snapshot, issues, { everyWord: age.bounds === undefined || newborn });
  const mother = newborn ? readMother(snapshot, collected.documents, age, on, engine.lexicon.fold) : undefined;
  let measures: Measures | undefined;
  const facts: Facts = {
    snapshot,
    on,
    age,
    mother,
    measures: () => (measures ??= readMeasures(snapshot, collected.sources, engine.lexicon.fold)),
    ...collected,
  };
  if (age.bounds === undefined && !isPaediatric(engine, facts)) {
    // Nothing says this is a child: every pregnant adult without a birth date would be an indication.
    issues.push({ code: 'RULE_UNDECIDED', severity: 'warning', at: 'patient.birthDate' });
    return report(engine, snapshot, age, [], issues);
  }
  const indications: Indication[] = [];
  const codeSets = engine.codeSets(facts.codes);
  for (const rule of engine.rules) {
    if (!mayHold(rule.triggers, facts, codeSets)) continue;
    try {
      const indication = evaluateRule(rule, facts, engine.silentRules);
      if (indication !== undefined) indications.push(indication);
    } catch {
      // One rule that fails must not take the others with it; that it failed is said.
      issues.push({ code: 'RULE_UNDECIDED', severity: 'error', at: `rules.${rule.rule.id}` });
    }
  }
  return report(engine, snapshot, age, indications, issues);
}

function report(
  { pack }: Engine,
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
    rulePack: { id: pack.id, version: pack.version, digest: pack.digest },
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
