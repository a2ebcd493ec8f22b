import type { Weighing } from '@zhida/packs';
import { mulberry32 } from '../../../test/support/random.js';
import { writeTerms } from '../src/weighing/written.js';
import type { Said } from './said.js';

/** A labelled record as it is fitted to. */
export interface Example {
  readonly said: Said;
  /** Whether a careful clinician is to be prompted. */
  readonly isPrompt: boolean;
  /** How much it counts beside the others; 1 for a whole record. */
  readonly share: number;
}

const KINDS = ['terms', 'denied', 'concepts', 'categories', 'results'] as const;
/** A name met in fewer records says nothing yet. */
const RECORDS_MIN = 2;
const EPOCHS = 12;
const LEARNING_RATE = 0.3;
const DECAY = 3e-3;
const TINY = 1e-8;
const SEED = 1;

/**
 * Fits one weight to every name by logistic regression with weight decay: AdaGrad over the examples in an order a fixed seed gives,
 * so that equal examples give equal weights. The sum of a record is divided by the square root of its length, as the detector does.
 *
 * @param termsMax how many terms to keep, said and denied ones together; they are chosen by what they weigh over all records, and fitted again without the others
 */
export function fitWeighing(examples: readonly Example[], termsMax: number): Weighing {
  const first = fit(examples, countNames(examples));
  const terms = [...first.weights].filter(([name]) => name.startsWith('terms ') || name.startsWith('denied '));
  if (terms.length <= termsMax) return weighingOf(first);
  const dropped = new Set(
    terms
      .map(([name, weight]) => ({ name, worth: Math.abs(weight) * Math.sqrt(first.counts.get(name) ?? 0) }))
      .sort((a, b) => b.worth - a.worth || (a.name < b.name ? -1 : 1))
      .slice(termsMax)
      .map(({ name }) => name),
  );
  return weighingOf(fit(examples, new Map([...first.counts].filter(([name]) => !dropped.has(name)))));
}

interface Fitted {
  readonly bias: number;
  readonly weights: ReadonlyMap<string, number>;
  readonly counts: ReadonlyMap<string, number>;
}

function countNames(examples: readonly Example[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { said } of examples) for (const name of namesOf(said)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...counts].filter(([, count]) => count >= RECORDS_MIN).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function namesOf(said: Said): string[] {
  return KINDS.flatMap((kind) => said[kind].map((name) => `${kind} ${name}`));
}

function fit(examples: readonly Example[], counts: ReadonlyMap<string, number>): Fitted {
  const names = [...counts.keys()];
  const numbers = new Map(names.map((name, number) => [name, number]));
  const rows = examples.map(({ said, isPrompt, share }) => ({
    numbers: namesOf(said).flatMap((name) => numbers.get(name) ?? []),
    target: isPrompt ? 1 : 0,
    worth: share,
  }));
  const weights = new Float64Array(names.length);
  const squares = new Float64Array(names.length).fill(TINY);
  let bias = 0;
  let biasSquares = TINY;
  const random = mulberry32(SEED);
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    for (const { numbers: said, target, worth } of shuffled(rows, random)) {
      const share = 1 / Math.sqrt(Math.max(1, said.length));
      let sum = 0;
      for (const number of said) sum += weights[number] ?? 0;
      const error = (1 / (1 + Math.exp(-(bias + sum * share))) - target) * worth;
      biasSquares += error * error;
      bias -= (LEARNING_RATE * error) / Math.sqrt(biasSquares);
      for (const number of said) {
        const gradient = error * share + DECAY * (weights[number] ?? 0);
        squares[number] = (squares[number] ?? 0) + gradient * gradient;
        weights[number] = (weights[number] ?? 0) - (LEARNING_RATE * gradient) / Math.sqrt(squares[number] ?? 1);
      }
    }
  }
  return { bias, weights: new Map(names.map((name, number) => [name, weights[number] ?? 0])), counts };
}

/** In hundredths; what rounds to nothing is left out. */
function weighingOf({ bias, weights }: Fitted): Weighing {
  const of = (kind: (typeof KINDS)[number]): Record<string, number> =>
    Object.fromEntries(
      [...weights]
        .filter(([name]) => name.startsWith(`${kind} `))
        .map(([name, weight]) => [name.slice(kind.length + 1), Math.round(weight * 100)] as const)
        .filter(([, weight]) => weight !== 0),
    );
  return {
    bias: Math.round(bias * 100),
    terms: writeTerms(of('terms')),
    denied: writeTerms(of('denied')),
    concepts: of('concepts'),
    categories: of('categories'),
    results: of('results'),
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const item = order[last];
    const swapped = order[other];
    if (item === undefined || swapped === undefined) continue;
    order[last] = swapped;
    order[other] = item;
  }
  return order;
}
