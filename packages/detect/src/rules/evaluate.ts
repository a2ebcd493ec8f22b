import type { Level } from '@zhida/packs';
import type { Evidence, Indication } from '../assessment.js';
import type { Facts } from '../facts/facts.js';
import type { Seen } from '../facts/seen.js';
import { indicationKey } from '../key.js';
import { type Trace, type Truth, emptyTrace } from './test.js';
import type { CompiledRule, CompiledSuppressor, Question } from './compile.js';

const RAISED: Readonly<Record<Exclude<Level, 'none'>, Exclude<Level, 'none'>>> = { yellow: 'orange', orange: 'red', red: 'red' };
const LOWER: Readonly<Record<Level, Level>> = { red: 'orange', orange: 'yellow', yellow: 'none', none: 'none' };
/** More places than this show no reader anything new. */
const EVIDENCE_MAX = 32;

/** Evaluates one rule by what the record may show; `undefined` when it does not hold. The record is read in full where the rule needs it. */
export function evaluateRule(compiled: CompiledRule, facts: Facts, seen: Seen, silentRules: ReadonlySet<string>): Indication | undefined {
  const { rule } = compiled;
  const trace = emptyTrace();
  const truth = ask(compiled, facts, seen, trace);
  if (truth === 0) return undefined;
  const weighs = (atLeast: number | undefined): boolean => atLeast === undefined || weightOf(trace, facts) >= atLeast;
  const holdsAnyway = compiled.holdsAnyway !== undefined && ask(compiled.holdsAnyway, facts, seen) === 2;
  if (!holdsAnyway && !weighs(rule.weighs)) return undefined;
  const chosen = raise(compiled, baseLevel(compiled, facts, seen, truth, trace), facts, seen, trace);
  const base = chosen === 'red' && !weighs(rule.redWeighs) && !weighsRed(rule.redStands, facts) ? 'orange' : chosen;
  if (truth === 1) trace.asks.add('BIRTH_DATE_UNKNOWN');
  const statutory = rule.statutory && base === 'red';
  const suppressors = statutory ? [] : compiled.suppressors.filter((suppressor) => ask(suppressor, facts, seen) === 2);
  const suppressedBy = suppressors.map(({ id }) => id);
  const situation = compiled.situations.find(({ when }) => when === undefined || ask(when, facts, seen) !== 0)?.situation ?? 9;
  return {
    ruleId: rule.id,
    family: rule.family,
    key: keyOf(facts, rule.id),
    level: loweredBy(suppressors, base),
    statutory,
    silent: silentRules.has(rule.id),
    situation,
    legalBasis: [`opinion-2020:4.${situation}`, ...rule.legalBasis],
    summary: rule.summary,
    evidence: orderEvidence(trace.evidence),
    suppressedBy,
    loweredFrom: suppressedBy.length === 0 ? null : base,
    asks: [...trace.asks].sort(),
  };
}

/** Reads the record in full where that may make a difference. */
function ask({ test, mayHold, weighsAlone }: Question, facts: Facts, seen: Seen, trace: Trace = emptyTrace()): Truth {
  if (!weighsAlone && !facts.isRead()) {
    if (!mayHold(facts, seen)) return 0;
    facts.readInFull();
  }
  return test(facts, trace);
}

function weightOf({ evidence }: Trace, facts: Facts): number {
  facts.readInFull();
  return facts.weights().ofPlaces(evidence);
}

/** Whether what else the record says for red makes a red stand though the statement of its evidence weighs too little. */
function weighsRed(atLeast: number | undefined, facts: Facts): boolean {
  return atLeast !== undefined && facts.weights().red().weight >= atLeast;
}

/** A red is lowered by one level, whatever lowers it (INV-13). */
function loweredBy(suppressors: readonly CompiledSuppressor[], base: Level): Level {
  if (suppressors.length === 0) return base;
  return base !== 'red' && suppressors.some(({ silences }) => silences) ? 'none' : LOWER[base];
}

/** A rule that has nothing to add where another prompts as loudly is lowered by one level, once, like by any other explanation. */
export function lowerWhereAnotherPrompts(indications: readonly Indication[], rules: readonly CompiledRule[]): Indication[] {
  const yields = new Map(
    rules.flatMap(({ rule: { id, unlessAnother } }) => (unlessAnother === undefined ? [] : [[id, unlessAnother] as const])),
  );
  const prompts = (at: Level): boolean => indications.some(({ ruleId, level, silent }) => !yields.has(ruleId) && !silent && level === at);
  return indications.map((indication) => {
    const by = yields.get(indication.ruleId);
    const base = indication.loweredFrom ?? indication.level;
    if (by === undefined || !(prompts('red') || (prompts('orange') && base !== 'red'))) return indication;
    const level = indication.level === 'none' ? 'none' : LOWER[base];
    return { ...indication, level, loweredFrom: base, suppressedBy: [...indication.suppressedBy, by].sort() };
  });
}

/** Of a rule that weighs, what makes its level is shown as well: it is the same kind of evidence, and more of it. */
function baseLevel(
  { rule, levels, leastWeight }: CompiledRule,
  facts: Facts,
  seen: Seen,
  truth: Truth,
  trace: Trace,
): Exclude<Level, 'none'> {
  if (truth === 1) return rule.uncertainAge;
  const shown = leastWeight === undefined ? undefined : trace;
  return levels.find(({ when }) => when === undefined || ask(when, facts, seen, shown) === 2)?.level ?? rule.uncertainAge;
}

/** One step, whatever raises it; each that does shows its evidence. A red needs none. */
function raise({ raisedBy }: CompiledRule, level: Exclude<Level, 'none'>, facts: Facts, seen: Seen, trace: Trace): Exclude<Level, 'none'> {
  if (level === 'red' || raisedBy.length === 0) return level;
  let isRaised = false;
  for (const question of raisedBy) {
    const own = emptyTrace();
    if (ask(question, facts, seen, own) !== 2) continue;
    trace.evidence.push(...own.evidence);
    isRaised = true;
  }
  return isRaised ? RAISED[level] : level;
}

function keyOf({ snapshot }: Facts, ruleId: string): string {
  const patient = snapshot.patient?.id ?? `encounter/${snapshot.id}`;
  return indicationKey(snapshot.facility?.code ?? '', patient, ruleId);
}

/** Sorted by place and without repetitions, so that the order in which rules asked does not show. */
function orderEvidence(evidence: readonly Evidence[]): Evidence[] {
  const sorted = [...evidence].sort(
    (a, b) => comparePaths(a.at, b.at) || (a.start ?? -1) - (b.start ?? -1) || (b.end ?? -1) - (a.end ?? -1),
  );
  const kept: Evidence[] = [];
  for (const item of sorted) {
    const last = kept.at(-1);
    const repeated = last !== undefined && last.at === item.at && (item.start === undefined || (last.end ?? -1) >= (item.end ?? 0));
    if (!repeated) kept.push(item);
  }
  return kept.slice(0, EVIDENCE_MAX);
}

/** `notes[10]` after `notes[9]`. */
function comparePaths(a: string, b: string): number {
  if (a === b) return 0;
  const [left, right] = [splitPath(a), splitPath(b)];
  if (left.field !== right.field) return left.field < right.field ? -1 : 1;
  return left.index - right.index || (a < b ? -1 : 1);
}

function splitPath(path: string): { field: string; index: number } {
  const open = path.indexOf('[');
  return open < 0 ? { field: path, index: -1 } : { field: path.slice(0, open), index: Number.parseInt(path.slice(open + 1), 10) };
}
