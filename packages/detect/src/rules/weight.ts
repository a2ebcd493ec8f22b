import type { Possible } from './possible.js';
import type { Test } from './test.js';

/** Whether one statement, code or result weighs so much. */
export function testStatement(atLeast: number): Test {
  return (facts, trace) => {
    const weights = facts.weights();
    if (!weights.weighs(atLeast)) return 0;
    trace.evidence.push(...weights.evidence(atLeast));
    return 2;
  };
}

/** The same of what the words that stand in a record may say at most. */
export function possibleStatement(atLeast: number): Possible {
  return (facts, seen) => facts.weights().mayWeigh(atLeast, seen);
}

/** Whether the whole record weighs so little. One that says next to nothing has no weight. */
export function testRecord({ below, terms: termsMin }: { readonly below: number; readonly terms: number }): Test {
  return (facts) => (facts.weights().weighsBelow(below, termsMin) ? 2 : 0);
}

/** Whether what the record says weighs so much for red. */
export function testRed(atLeast: number): Test {
  return (facts, trace) => {
    const { weight, evidence } = facts.weights().red();
    if (weight < atLeast) return 0;
    trace.evidence.push(...evidence);
    return 2;
  };
}
