import { conceivedBefore, readGestations } from '../facts/gestation.js';
import type { Sources, Test } from './test.js';

/** Asks the age of a newborn's mother; the pregnancy ended on the day of the birth, at term when no week is named. */
export function testMother(
  { from = 0, below = Number.POSITIVE_INFINITY, conceivedBelow }: { from?: number; below?: number; conceivedBelow?: number },
  { pack, lexicon }: Sources,
): Test {
  return (facts, trace) => {
    const { mother } = facts;
    const bounds = mother?.age.bounds;
    if (mother === undefined || bounds === undefined) return 0;
    if (bounds.max.years < from || bounds.min.years >= below) return 0;
    if (conceivedBelow !== undefined) {
      const { delivered } = mother;
      const gestations = readGestations(facts, pack.gestation, lexicon.fold)
        .filter(({ minDays }) => minDays >= VIABLE_DAYS)
        .map((gestation) => ({ ...gestation, on: delivered }));
      const { answer } = conceivedBefore(conceivedBelow, mother.age, delivered, gestations, true);
      if (answer !== 'yes' && answer !== 'straddles') return 0;
      if (answer === 'straddles') trace.asks.add('GESTATION_UNCERTAIN');
    }
    trace.evidence.push(mother.evidence);
    return 2;
  };
}

/** 22 weeks: less is no gestational age of a birth. */
const VIABLE_DAYS = 154;
