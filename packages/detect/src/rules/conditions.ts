import type { Condition } from '@zhida/packs';
import type { Evidence } from '../assessment.js';
import { type CodeMatcher, compileCodeSet } from '../facts/codes.js';
import { type ConceptionBefore, conceivedBefore, readGestations } from '../facts/gestation.js';
import { testMentionAtAge } from './mention-age.js';
import { testMother } from './mother.js';
import { severeWasting } from '../facts/growth.js';
import { testLasting } from './lasting.js';
import { type Near, compileNear, isBeside } from './near.js';
import { testAlone, testDisposition, testIdentityChanged, testIdentityUnverified } from './registration.js';
import { testEarlierVisit, testReported, testVisits } from './visits.js';
import { testRed, testRecord, testStatement } from './weight.js';
import { type Sources, type Test, type Truth, conceptIndex, emptyTrace, evidenceOf, known } from './test.js';

/** Compiles a condition into a function. @throws ZhidaError `ZD_ERR_PACK_INVALID` for a name the pack does not define. */
export function compileCondition(condition: Condition, sources: Sources, at: string): Test {
  if ('all' in condition) return compileAll(condition.all.map((part, index) => compileCondition(part, sources, `${at}.all[${index}]`)));
  if ('any' in condition) return compileAny(condition.any.map((part, index) => compileCondition(part, sources, `${at}.any[${index}]`)));
  if ('context' in condition) {
    const inner = compileCondition(condition.context, sources, `${at}.context`);
    return (facts) => (inner(facts, emptyTrace()) === 0 ? 0 : 2);
  }
  if ('use' in condition) return compileCondition(known(sources.pack.conditions[condition.use], at), sources, `${at}.use`);
  if ('not' in condition) {
    const inner = compileCondition(condition.not, sources, `${at}.not`);
    return (facts) => (inner(facts, emptyTrace()) === 0 ? 2 : 0);
  }
  if ('fewerThan' in condition) {
    const inner = compileCondition(condition.of, sources, `${at}.of`);
    return (facts) => {
      const trace = emptyTrace();
      inner(facts, trace);
      return isFewerThan(condition.fewerThan, trace.evidence) ? 2 : 0;
    };
  }
  if ('score' in condition) return compileScore(condition, sources, at);
  return compileRecord(condition, sources, at) ?? compileFact(condition as FactCondition, sources, at);
}

/** Conditions on the record around the notes: visits, registration, measures. */
function compileRecord(condition: Condition, sources: Sources, at: string): Test | undefined {
  if ('visits' in condition) return testVisits(condition.visits, sources, at);
  if ('visit' in condition) return testEarlierVisit(condition.visit, sources, at);
  if ('lasting' in condition) return testLasting(conceptIndex(sources, condition.lasting, at), condition.days, sources);
  if ('disposition' in condition) return testDisposition(condition.disposition);
  if ('alone' in condition) return testAlone;
  if ('identityChanged' in condition) return testIdentityChanged;
  if ('identityUnverified' in condition) return testIdentityUnverified;
  if ('reportedBefore' in condition) return testReported;
  if ('severeWasting' in condition) {
    return (facts, trace) => {
      const evidence = severeWasting(facts.measures, facts.snapshot.patient?.sex, facts.age);
      trace.evidence.push(...evidence);
      return evidence.length > 0 ? 2 : 0;
    };
  }
  if ('statementWeighs' in condition) return testStatement(condition.statementWeighs);
  if ('recordWeighs' in condition) return testRecord(condition.recordWeighs);
  if ('weighsRed' in condition) return testRed(condition.weighsRed);
  if ('mother' in condition) return testMother(condition.mother, sources);
  if ('mentionAtAge' in condition) return testMentionAtAge(condition.below, conceptIndex(sources, condition.mentionAtAge, at), sources);
  return undefined;
}

function compileScore({ score, atLeast }: Extract<Condition, { score: unknown }>, sources: Sources, at: string): Test {
  const terms = score.map(({ weight, when }, index) => ({ weight, test: compileCondition(when, sources, `${at}.score[${index}]`) }));
  return (facts, trace) => {
    const inner = emptyTrace();
    let sum = 0;
    for (const { weight, test } of terms) if (test(facts, inner) === 2) sum += weight;
    if (sum < atLeast) return 0;
    trace.evidence.push(...inner.evidence);
    return 2;
  };
}

/** Places of the text that overlap are one thing seen twice. */
function isFewerThan(limit: number, evidence: readonly Evidence[]): boolean {
  const kept: Evidence[] = [];
  for (const item of evidence) {
    const overlaps = kept.some(({ at, start, end }) => at === item.at && (start ?? 0) < (item.end ?? 1) && (item.start ?? 0) < (end ?? 1));
    if (!overlaps) kept.push(item);
    if (kept.length >= limit) return false;
  }
  return true;
}

type FactCondition = Extract<
  Condition,
  | { code: unknown }
  | { mention: unknown }
  | { near: unknown }
  | { result: unknown }
  | { gestation: unknown }
  | { sex: unknown }
  | { encounterClass: unknown }
  | { ageYears: unknown }
  | { ageMonths: unknown }
  | { ageDays: unknown }
>;

function compileFact(condition: FactCondition, sources: Sources, at: string): Test {
  if ('code' in condition) return testCode(compileCodeSet(known(sources.pack.codeSets[condition.code], at)), condition.code, sources);
  if ('mention' in condition)
    return testMention(condition, conceptIndex(sources, condition.mention, at), withoutOf(condition, sources, at));
  if ('near' in condition) return testNear(compileNear(condition, (id) => conceptIndex(sources, id, at)));
  if ('result' in condition) {
    known(sources.pack.results[condition.result], at);
    return testResult(condition.result, condition.negative !== true);
  }
  if ('gestation' in condition) return testGestation(condition, sources, at);
  if ('sex' in condition) return ({ snapshot }) => (isSex(snapshot.patient?.sex, condition.sex) ? 2 : 0);
  if ('encounterClass' in condition) return ({ snapshot }) => (snapshot.class === condition.encounterClass ? 2 : 0);
  if ('ageYears' in condition) return testAge('years', condition.ageYears);
  if ('ageMonths' in condition) return testAge('months', condition.ageMonths);
  return testAge('days', condition.ageDays);
}

/** All parts are asked even after one failed only if none has: evidence of a failed conjunction is thrown away. */
function compileAll(parts: readonly Test[]): Test {
  return (facts, trace) => {
    const mark = trace.evidence.length;
    let truth: Truth = 2;
    for (const part of parts) {
      const answer = part(facts, trace);
      if (answer < truth) truth = answer;
      if (truth === 0) {
        if (trace.evidence.length > mark) trace.evidence.length = mark;
        return 0;
      }
    }
    return truth;
  };
}

/** Every part is asked, so that all the evidence is shown. */
function compileAny(parts: readonly Test[]): Test {
  return (facts, trace) => {
    let truth: Truth = 0;
    for (const part of parts) {
      const answer = part(facts, trace);
      if (answer > truth) truth = answer;
    }
    return truth;
  };
}

function testCode(matches: CodeMatcher, name: string, { pack }: Sources): Test {
  const system = pack.codeSets[name]?.system;
  return (facts, trace) => {
    let truth: Truth = 0;
    for (const { code, at, system: written } of facts.codes) {
      if (written !== system || !matches(code)) continue;
      trace.evidence.push({ at });
      truth = 2;
    }
    return truth;
  };
}

function withoutOf({ without = [] }: { readonly without?: readonly string[] }, sources: Sources, at: string): readonly number[] {
  return without.map((id) => conceptIndex(sources, id, at));
}

function testMention(condition: Extract<Condition, { mention: string }>, concept: number, without: readonly number[]): Test {
  const { sections, certainOnly = false } = condition;
  return (facts, trace) => {
    let truth: Truth = 0;
    for (const mention of facts.mentions.get(concept) ?? []) {
      if ((certainOnly && !mention.affirmed) || (sections !== undefined && !sections.includes(mention.section))) continue;
      if (without.length > 0 && isBeside(facts.mentions, mention, without, 'sentence')) continue;
      trace.evidence.push(evidenceOf(facts, mention.document, mention.start, mention.end));
      truth = 2;
    }
    return truth;
  };
}

function testNear(near: Near): Test {
  return (facts, trace) => {
    let truth: Truth = 0;
    for (const { document, start, end } of near(facts.mentions)) {
      trace.evidence.push(evidenceOf(facts, document, start, end));
      truth = 2;
    }
    return truth;
  };
}

function testResult(kind: string, positive: boolean): Test {
  return (facts, trace) => {
    let truth: Truth = 0;
    for (const result of facts.results.get(kind) ?? []) {
      if (result.positive !== positive) continue;
      trace.evidence.push(result.evidence);
      truth = 2;
    }
    return truth;
  };
}

function testGestation(condition: Extract<Condition, { gestation: string }>, { pack, lexicon }: Sources, at: string): Test {
  const delivered = condition.delivery === undefined ? undefined : compileCodeSet(known(pack.codeSets[condition.delivery], at));
  return (facts, trace) => {
    const isDelivered = delivered !== undefined && facts.codes.some(({ code }) => delivered(code));
    const gestations = readGestations(facts, pack.gestation, lexicon.fold);
    const answer: ConceptionBefore = conceivedBefore(condition.years, facts.age, facts.on, gestations, isDelivered);
    if (condition.gestation === 'unknown') {
      if (answer.answer !== 'unknown' || facts.age.birth === undefined) return 0;
      trace.asks.add('GESTATION_UNKNOWN');
    } else {
      if (answer.answer !== 'yes' && answer.answer !== 'straddles') return 0;
      if (answer.answer === 'straddles') trace.asks.add('GESTATION_UNCERTAIN');
    }
    trace.evidence.push(...answer.evidence);
    return 2;
  };
}

function testAge(
  unit: 'years' | 'months' | 'days',
  { from = 0, below = Number.POSITIVE_INFINITY }: { from?: number; below?: number },
): Test {
  return ({ age }) => {
    // Whether a child without any age is looked at is decided before the rules run.
    if (age.bounds === undefined) return 1;
    const [min, max] = [age.bounds.min[unit], age.bounds.max[unit]];
    if (min >= from && max < below) return 2;
    return max >= from && min < below ? 1 : 0;
  };
}

function isSex(sex: string | undefined, wanted: 'female' | 'male'): boolean {
  // A record that leaves the sex out is read as either: pregnancy says the rest.
  return sex === wanted || sex === undefined || sex === 'unknown' || sex === 'other';
}
