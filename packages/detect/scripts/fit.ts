import type { RedWeighing, Weighing } from '@zhida/packs';
import { mulberry32 } from '../../../test/support/random.js';
import { namesOfTerms, readTerms, writeRed, writeTerms } from '../src/weighing/written.js';
import type { Said } from './said.js';

/** A labelled record as it is fitted to. */
export interface Example {
  readonly said: Said;
  /** Whether a careful clinician is to be prompted. */
  readonly isPrompt: boolean;
  /** Whether it is to be prompted in red. */
  readonly isRed: boolean;
  /** How much it counts beside the others; 1 for a whole record. */
  readonly share: number;
}

const KINDS = ['terms', 'denied', 'concepts', 'categories', 'results'] as const;
type Kind = (typeof KINDS)[number];
/** A name met in fewer records says nothing yet. */
const RECORDS_MIN = 2;
const EPOCHS = 12;
/** More terms weigh hardly more for red. */
const RED_TERMS_MAX = 3_000;
const TINY = 1e-8;
const SEED = 1;

/** What is fitted, and how. */
interface Form {
  readonly kinds: readonly Kind[];
  readonly isTarget: (example: Example) => boolean;
  /** What the sum of so many names is multiplied by. */
  readonly shareOf: (count: number) => number;
  readonly learningRate: number;
  readonly learningRateOfBias: number;
  readonly decay: number;
  readonly weightMin: number;
}

const HARM: Form = {
  kinds: KINDS,
  isTarget: ({ isPrompt }) => isPrompt,
  shareOf: (count) => 1 / Math.sqrt(Math.max(1, count)),
  learningRate: 0.3,
  learningRateOfBias: 0.3,
  decay: 3e-3,
  weightMin: Number.NEGATIVE_INFINITY,
};
/** A sum of weights of which none is below 0 only grows with what is said (INV-13). */
const RED: Form = {
  kinds: ['terms', 'concepts'],
  isTarget: ({ isRed }) => isRed,
  shareOf: () => 1,
  learningRate: 0.02,
  learningRateOfBias: 0.1,
  decay: 0.025,
  weightMin: 0,
};

/**
 * Fits one weight to every name by logistic regression with weight decay: AdaGrad over the examples in an order a fixed seed gives,
 * so that equal examples give equal weights. The sum of a record is divided by the square root of its length, as the detector does.
 *
 * @param termsMax how many terms to keep, said and denied ones together; they are chosen by what they weigh over all records, and fitted again without the others
 */
export function fitWeighing(examples: readonly Example[], termsMax: number): Weighing {
  const weighing = weighingOf(fitHeaviest(examples, countNames(examples, HARM.kinds), HARM, termsMax));
  return { ...weighing, red: fitRed(examples, weighing) };
}

/** Fits what the terms and concepts that are weighed weigh for red. */
function fitRed(examples: readonly Example[], weighing: Weighing): RedWeighing {
  const terms = readTerms(weighing.terms);
  const weighed = [...namesOfTerms(terms).map((term) => `terms ${term}`), ...Object.keys(weighing.concepts).map((id) => `concepts ${id}`)];
  const known = new Set(weighed);
  const counts = [...countNames(examples, RED.kinds)].filter(([name]) => known.has(name));
  const fitted = fitHeaviest(examples, new Map(counts), RED, RED_TERMS_MAX);
  return { terms: writeRed(terms, new Map(Object.entries(weightsOf(fitted, 'terms')))), concepts: weightsOf(fitted, 'concepts') };
}

/** Fits all names, and again without those terms that weigh least over all records. */
function fitHeaviest(examples: readonly Example[], counts: ReadonlyMap<string, number>, form: Form, termsMax: number): Fitted {
  const first = fit(examples, counts, form);
  const terms = [...first.weights].filter(([name]) => name.startsWith('terms ') || name.startsWith('denied '));
  if (terms.length <= termsMax) return first;
  const dropped = new Set(
    terms
      .map(([name, weight]) => ({ name, worth: Math.abs(weight) * Math.sqrt(counts.get(name) ?? 0) }))
      .sort((a, b) => b.worth - a.worth || (a.name < b.name ? -1 : 1))
      .slice(termsMax)
      .map(({ name }) => name),
  );
  return fit(examples, new Map([...counts].filter(([name]) => !dropped.has(name))), form);
}

interface Fitted {
  readonly bias: number;
  readonly weights: ReadonlyMap<string, number>;
}

function countNames(examples: readonly Example[], kinds: readonly Kind[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { said } of examples) for (const name of namesOf(said, kinds)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return new Map([...counts].filter(([, count]) => count >= RECORDS_MIN).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function namesOf(said: Said, kinds: readonly Kind[]): string[] {
  return kinds.flatMap((kind) => said[kind].map((name) => `${kind} ${name}`));
}

function fit(examples: readonly Example[], counts: ReadonlyMap<string, number>, form: Form): Fitted {
  const { kinds, isTarget, shareOf, learningRate, learningRateOfBias, decay, weightMin } = form;
  const names = [...counts.keys()];
  const numbers = new Map(names.map((name, number) => [name, number]));
  const rows = examples.map((example) => ({
    numbers: namesOf(example.said, kinds).flatMap((name) => numbers.get(name) ?? []),
    target: isTarget(example) ? 1 : 0,
    worth: example.share,
  }));
  const weights = new Float64Array(names.length);
  const squares = new Float64Array(names.length).fill(TINY);
  let bias = 0;
  let biasSquares = TINY;
  const random = mulberry32(SEED);
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    for (const { numbers: said, target, worth } of shuffled(rows, random)) {
      const share = shareOf(said.length);
      let sum = 0;
      for (const number of said) sum += weights[number] ?? 0;
      const error = (1 / (1 + Math.exp(-(bias + sum * share))) - target) * worth;
      biasSquares += error * error;
      bias -= (learningRateOfBias * error) / Math.sqrt(biasSquares);
      for (const number of said) {
        const gradient = error * share + decay * (weights[number] ?? 0);
        squares[number] = (squares[number] ?? 0) + gradient * gradient;
        weights[number] = Math.max(weightMin, (weights[number] ?? 0) - (learningRate * gradient) / Math.sqrt(squares[number] ?? 1));
      }
    }
  }
  return { bias, weights: new Map(names.map((name, number) => [name, weights[number] ?? 0])) };
}

function weighingOf(fitted: Fitted): Weighing {
  return {
    bias: hundredths(fitted.bias),
    terms: writeTerms(weightsOf(fitted, 'terms')),
    denied: writeTerms(weightsOf(fitted, 'denied')),
    concepts: weightsOf(fitted, 'concepts'),
    categories: weightsOf(fitted, 'categories'),
    results: weightsOf(fitted, 'results'),
  };
}

/** In hundredths; what rounds to nothing is left out. */
function weightsOf({ weights }: Fitted, kind: Kind): Record<string, number> {
  return Object.fromEntries(
    [...weights]
      .filter(([name]) => name.startsWith(`${kind} `))
      .map(([name, weight]) => [name.slice(kind.length + 1), hundredths(weight)] as const)
      .filter(([, weight]) => weight !== 0),
  );
}

function hundredths(weight: number): number {
  return Math.round(weight * 100);
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
