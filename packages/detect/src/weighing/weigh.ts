import type { RulePack } from '@zhida/packs';
import type { Evidence } from '../assessment.js';
import type { Collected, Source } from '../facts/collect.js';
import type { Mention } from '../facts/facts.js';
import type { Seen } from '../facts/seen.js';
import type { Lexicon } from '../text/lexicon.js';
import { compileMostOfConcepts } from './reach.js';
import { RecordWeights, type Scale } from './record-weights.js';
import { createStatementReader } from './statements.js';
import { type TermTable, WeighedTerms } from './terms.js';
import { readTerms } from './written.js';

/** What a record weighs: hundredths, above 0 for harm, below for an ordinary visit ({@link RulePack}.weighing). */
export interface Weights {
  /** Whether a statement can weigh so much by the concepts whose words stand in it, whatever is said of them. */
  mayWeigh(atLeast: number, seen: Seen): boolean;
  /**
   * Whether a statement that is long enough to be weighed does weigh so much. Only those texts are read that {@link mayWeigh} left open:
   * most records are ordinary, and have one such text or none.
   */
  weighs(atLeast: number): boolean;
  /** The words that weigh for harm in the heaviest such statement. */
  evidence(atLeast: number): readonly Evidence[];
  /** The greatest weight of the statements in which these places stand; infinite for a place that cannot be weighed. */
  ofPlaces(places: readonly Evidence[]): number;
  /**
   * Whether all that the record says, each thing once, weighs less, and its texts say at least so many terms. The record is read in full only
   * where its words do not show it already.
   */
  weighsBelow(below: number, termsMin: number): boolean;
  /**
   * What the statements that weigh for harm say for red, each thing once, and the words that weigh most. What else a long chart tells of an ordinary
   * visit is left out; the weight of a statement does not depend on the others, so that it only grows with more of them.
   */
  red(): { readonly weight: number; readonly evidence: readonly Evidence[] };
}

/** By index of the concept. */
export type Mentions = ReadonlyMap<number, readonly Mention[]>;

/** How the record is read that is weighed. */
export interface TextsToWeigh {
  /** What one text asserts by itself. */
  mentionsIn(source: Source): Mentions;
  /** What all texts assert, and the results they tell. */
  readInFull(): Pick<Collected, 'mentions' | 'results'>;
}

export type Weigh = (collected: Collected, texts: TextsToWeigh) => Weights;

/** Compiles the weights of a pack. A record is weighed before the next one is collected. */
export function compileWeigh(pack: RulePack, lexicon: Lexicon): Weigh {
  const table = new WeighedTerms(readTerms(pack.weighing.terms, pack.weighing.red?.terms));
  const denied = new WeighedTerms(readTerms(pack.weighing.denied));
  const scale = scaleOf(pack, lexicon, table, denied);
  const reader = createStatementReader(lexicon, table, denied);
  return (collected, texts) => new RecordWeights(collected, texts, scale, reader);
}

/** Concepts, categories and results are numbered one after the other. */
function scaleOf({ weighing }: RulePack, lexicon: Lexicon, terms: WeighedTerms, denied: TermTable): Scale {
  const { conceptIndex, concepts } = lexicon;
  const { bias, categories, results } = weighing;
  const weights = [weighing.concepts, categories, results].flatMap((all) => Object.values(all));
  const number = (all: Readonly<Record<string, number>>, first: number): Map<string, number> =>
    new Map(Object.keys(all).map((name, at) => [name, first + at]));
  const numbers = number(weighing.concepts, 0);
  const ofCategories = number(categories, numbers.size);
  const ofResults = number(results, numbers.size + ofCategories.size);
  const ofConcepts = new Int32Array(concepts.length).fill(-1);
  for (const [id, fact] of numbers) ofConcepts[conceptIndex.get(id) ?? -1] = fact;
  const mostOfConcepts = compileMostOfConcepts(lexicon, (concept) => weights[ofConcepts[concept] ?? -1] ?? 0);
  const red = [...numbers.keys()].map((id) => weighing.red?.concepts[id] ?? 0);
  return { bias, terms, denied, weights, ofConcepts, mostOfConcepts, ofCategories, ofResults, red };
}
