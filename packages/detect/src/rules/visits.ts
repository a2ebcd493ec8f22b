import { type CalendarDate, completedYears, daysBetween } from '@zhida/core';
import type { Condition } from '@zhida/packs';
import { compileCodeSet } from '../facts/codes.js';
import type { Facts } from '../facts/facts.js';
import { type Sources, type Test, conceptIndex, known } from './test.js';

type Visits = Extract<Condition, { visits: unknown }>['visits'];

const DAYS_PER_MONTH = 31;

/** Counts the earlier visits for an injury within a time, this one included; at least one of them must have had no witness. */
export function testVisits({ injury, witness, codes, atLeast, months }: Visits, sources: Sources, at: string): Test {
  const injuryIndex = conceptIndex(sources, injury, at);
  const witnessIndex = conceptIndex(sources, witness, at);
  const matches = compileCodeSet(known(sources.pack.codeSets[codes], at));
  return (facts, trace) => {
    if (facts.visits.length === 0) return 0;
    const past = facts.visits.filter(
      (visit) => isWithin(visit.on, facts.on, months) && (visit.concepts.has(injuryIndex) || visit.codes.some(matches)),
    );
    const now = (facts.mentions.get(injuryIndex)?.length ?? 0) > 0 || facts.codes.some(({ code }) => matches(code));
    // Three earlier visits tell it whatever this one is for.
    if (past.length + (now ? 1 : 0) < atLeast) return 0;
    const witnessedNow = (facts.mentions.get(witnessIndex)?.length ?? 0) > 0;
    if ((witnessedNow || !now) && past.every((visit) => visit.concepts.has(witnessIndex))) return 0;
    trace.evidence.push(...past.map((visit) => ({ at: visit.at })));
    return 2;
  };
}

type EarlierVisit = Extract<Condition, { visit: unknown }>['visit'];

/** An earlier visit with one of the codes or the concept, at which the patient was under an age as far as the birth date tells. */
export function testEarlierVisit({ codes, concept, below, from = 0 }: EarlierVisit, sources: Sources, at: string): Test {
  const index = conceptIndex(sources, concept, at);
  const matches = compileCodeSet(known(sources.pack.codeSets[codes], at));
  return ({ visits, age }, trace) => {
    const { birth } = age;
    if (birth === undefined) return 0;
    const found = visits.filter(({ on, ...visit }) => {
      if (on === undefined || !(visit.codes.some(matches) || visit.concepts.has(index))) return false;
      return completedYears(birth.latest, on) < below && completedYears(birth.earliest, on) >= from;
    });
    trace.evidence.push(...found.map((visit) => ({ at: visit.at })));
    return found.length > 0 ? 2 : 0;
  };
}

function isWithin(day: CalendarDate | undefined, on: CalendarDate, months: number): boolean {
  if (day === undefined) return false;
  const days = daysBetween(day, on);
  return days >= 0 && days <= months * DAYS_PER_MONTH;
}

/** An earlier visit about which a report was made. */
export function testReported(facts: Facts, trace: { evidence: { at: string }[] }): 0 | 2 {
  const reported = facts.visits.filter((visit) => visit.reported);
  trace.evidence.push(...reported.map(({ at }) => ({ at: `${at.replace('.summary', '')}.reportId` })));
  return reported.length > 0 ? 2 : 0;
}
