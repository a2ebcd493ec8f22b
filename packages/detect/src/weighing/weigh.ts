import type { RulePack } from '@zhida/packs';
import type { Evidence } from '../assessment.js';
import type { Collected, Source } from '../facts/collect.js';
import type { Mention } from '../facts/facts.js';
import type { Seen } from '../facts/seen.js';
import type { Lexicon } from '../text/lexicon.js';
import { type MostOfConcepts, compileMostOfConcepts } from './reach.js';
import { type Statement, createStatementReader, weighedSources } from './statements.js';
import { createTermTable } from './terms.js';
import { type Terms, readTerms } from './written.js';

/** What a record weighs: hundredths, above 0 for harm, below for an ordinary visit ({@link RulePack}.weighing). */
export interface Weights {
  /** Whether a statement can weigh so much by the concepts whose words stand in it, whatever is said of them. */
  mayWeigh(atLeast: number, seen: Seen): boolean;
  /**
   * Whether a statement does weigh so much, asked of a record of which only the texts are read that {@link mayWeigh} left open: most
   * records are ordinary, and have one such text or none.
   */
  weighs(atLeast: number, mentionsIn: (source: Source) => Mentions): boolean;
  /** The weight of the heaviest statement that is long enough to be weighed. Asked of a record that has been read in full. */
  heaviest(): number;
  /** The words of it that weigh for harm. */
  evidence(): readonly Evidence[];
  /** The greatest weight of the statements in which these places stand; infinite for a place that cannot be weighed. */
  ofPlaces(places: readonly Evidence[]): number;
  /** The weight of all that the record says, each thing once, and how many terms its texts say. */
  whole(): Whole;
}

/** The weight of a record, and how many terms its texts say. */
interface Whole {
  readonly weight: number;
  readonly terms: number;
}

/** By index of the concept. */
type Mentions = ReadonlyMap<number, readonly Mention[]>;

export type Weigh = (collected: Collected) => Weights;

/** Words shown of a statement; more tell a reader nothing new. */
const EVIDENCE_MAX = 8;
const CATEGORY_LENGTH = 3;
/** A statement of fewer terms tells nothing of how it reads. */
const TERMS_MIN = 6;
/** The same weights, added in another order, may differ by less. */
const ROUNDING = 1e-6;

/** Numbers and weights of everything a pack weighs. */
interface Scale {
  readonly bias: number;
  readonly weights: Float64Array;
  /** By index of the concept, -1 for one that weighs nothing. */
  readonly ofConcepts: Int32Array;
  readonly mostOfConcepts: MostOfConcepts;
  readonly ofCategories: ReadonlyMap<string, number>;
  readonly ofResults: ReadonlyMap<string, number>;
}

/** Compiles the weights of a pack. A record is weighed before the next one is collected. */
export function compileWeigh(pack: RulePack, lexicon: Lexicon): Weigh {
  const terms = readTerms(pack.weighing.terms);
  const scale = scaleOf(pack, lexicon, terms);
  const reader = createStatementReader(lexicon, createTermTable(terms));
  return (collected) => new RecordWeights(collected, scale, reader);
}

/** Terms first, then concepts, categories and results. */
function scaleOf({ weighing }: RulePack, lexicon: Lexicon, terms: Terms): Scale {
  const { conceptIndex, concepts } = lexicon;
  const { bias, categories, results } = weighing;
  let count = terms.weights.length;
  const number = (all: Readonly<Record<string, number>>): Map<string, number> =>
    new Map(
      Object.keys(all).map((name) => {
        count += 1;
        return [name, count - 1];
      }),
    );
  const numbers = number(weighing.concepts);
  const [ofCategories, ofResults] = [number(categories), number(results)];
  const weights = new Float64Array(count);
  weights.set(terms.weights);
  weights.set(
    [weighing.concepts, categories, results].flatMap((all) => Object.values(all)),
    terms.weights.length,
  );
  const ofConcepts = new Int32Array(concepts.length).fill(-1);
  for (const [id, term] of numbers) ofConcepts[conceptIndex.get(id) ?? -1] = term;
  const mostOfConcepts = compileMostOfConcepts(lexicon, (concept) => weights[ofConcepts[concept] ?? -1] ?? 0);
  return { bias, weights, ofConcepts, mostOfConcepts, ofCategories, ofResults };
}

/** A text and what it states, in order. */
interface ReadText {
  readonly source: Source;
  readonly statements: readonly Statement[];
}

interface WeighedMention {
  readonly term: number;
  readonly mention: Mention;
}

interface WeighedStatement {
  readonly source: Source;
  readonly statement: Statement;
  readonly mentions: readonly WeighedMention[];
  readonly weight: number;
}

class RecordWeights implements Weights {
  readonly #collected: Collected;
  readonly #scale: Scale;
  readonly #reader: ReturnType<typeof createStatementReader>;
  /** By place of the text, in order. */
  readonly #texts: ReadonlyMap<string, ReadText>;
  /** By weight the texts that may have a statement of it. */
  readonly #open = new Map<number, readonly ReadText[]>();
  #weighedStatements: ReadonlyMap<Statement, WeighedStatement> | undefined;
  /** Asked by every rule that a suppressor of the whole may lower. */
  #whole: Whole | undefined;

  constructor(collected: Collected, scale: Scale, reader: ReturnType<typeof createStatementReader>) {
    this.#collected = collected;
    this.#scale = scale;
    this.#reader = reader;
    reader.reset();
    this.#texts = new Map(
      weighedSources(collected).map((source) => [source.at, { source, statements: reader.read(source.text, source.scan) }]),
    );
  }

  mayWeigh(atLeast: number, seen: Seen): boolean {
    // Words that turn out to be denied were counted in; asked again later, it would only be less.
    let open = this.#open.get(atLeast);
    if (open === undefined) {
      open = [...this.#texts.values()].filter((text) => this.#mayWeighIn(text, atLeast, seen));
      this.#open.set(atLeast, open);
    }
    return open.length > 0;
  }

  weighs(atLeast: number, mentionsIn: (source: Source) => Mentions): boolean {
    return (this.#open.get(atLeast) ?? [...this.#texts.values()]).some(({ source, statements }) => {
      const mentionsOf = this.#mentionsByStatement(mentionsIn(source), () => source.at);
      return statements.some(
        (statement) =>
          statement.count >= TERMS_MIN && this.#weighOne(source, statement, mentionsOf.get(statement) ?? []).weight >= atLeast - ROUNDING,
      );
    });
  }

  heaviest(): number {
    return this.#findHeaviest()?.weight ?? Number.NEGATIVE_INFINITY;
  }

  evidence(): readonly Evidence[] {
    const heaviest = this.#findHeaviest();
    return heaviest === undefined ? [] : this.#evidenceOf(heaviest);
  }

  ofPlaces(places: readonly Evidence[]): number {
    let most = Number.NEGATIVE_INFINITY;
    for (const { at, start } of places) {
      const statement = this.#statementAt(at, start ?? -1);
      const of = statement === undefined ? undefined : this.#weighed().get(statement);
      if (of === undefined || of.statement.count < TERMS_MIN) return Number.POSITIVE_INFINITY;
      most = Math.max(most, of.weight);
    }
    return most;
  }

  whole(): Whole {
    return (this.#whole ??= this.#weighWhole());
  }

  #weighWhole(): Whole {
    const said = new Set<number>();
    const terms = this.#reader.terms();
    for (const { statements } of this.#texts.values())
      for (const { first, count } of statements) for (let at = first; at < first + count; at += 1) said.add(terms[at] ?? -1);
    const termCount = said.size;
    for (const [concept, mentions] of this.#collected.mentions) if (mentions.length > 0) said.add(this.#scale.ofConcepts[concept] ?? -1);
    for (const term of this.#facts()) said.add(term);
    said.delete(-1);
    let sum = 0;
    for (const term of said) sum += this.#scale.weights[term] ?? 0;
    return { weight: this.#weight(sum, said.size), terms: termCount };
  }

  #mayWeighIn({ source, statements }: ReadText, atLeast: number, seen: Seen): boolean {
    if (!statements.some(({ count }) => count >= TERMS_MIN)) return false;
    const mostOf = this.#scale.mostOfConcepts(statements, source.scan, seen);
    // A concept more makes the sum greater and the root greater: without the root's growth it is what it can be at most.
    return statements.some(
      (statement, index) =>
        statement.count >= TERMS_MIN && this.#weight(this.#sumOf(statement) + (mostOf[index] ?? 0), statement.count) >= atLeast,
    );
  }

  /** The statement of a text that a place stands in. */
  #statementAt(at: string, offset: number): Statement | undefined {
    const statements = this.#texts.get(at)?.statements ?? [];
    let [low, high] = [0, statements.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const statement = statements[middle];
      if (statement === undefined) return undefined;
      if (offset < statement.start) high = middle - 1;
      else if (offset >= statement.end) low = middle + 1;
      else return statement;
    }
    return undefined;
  }

  #findHeaviest(): WeighedStatement | undefined {
    let heaviest: WeighedStatement | undefined;
    for (const weighed of this.#weighed().values())
      if (weighed.statement.count >= TERMS_MIN && weighed.weight > (heaviest?.weight ?? Number.NEGATIVE_INFINITY)) heaviest = weighed;
    return heaviest;
  }

  /** Every statement with the concepts that are asserted in it. */
  #weighed(): ReadonlyMap<Statement, WeighedStatement> {
    if (this.#weighedStatements !== undefined) return this.#weighedStatements;
    const { mentions, documents } = this.#collected;
    const mentionsOf = this.#mentionsByStatement(mentions, (document) => documents[document]?.at ?? '');
    const weighed = new Map<Statement, WeighedStatement>();
    for (const { source, statements } of this.#texts.values())
      for (const statement of statements) weighed.set(statement, this.#weighOne(source, statement, mentionsOf.get(statement) ?? []));
    return (this.#weighedStatements = weighed);
  }

  #weighOne(source: Source, statement: Statement, mentions: readonly WeighedMention[]): WeighedStatement {
    const said = new Set(mentions.map(({ term }) => term));
    let sum = this.#sumOf(statement);
    for (const term of said) sum += this.#scale.weights[term] ?? 0;
    return { source, statement, mentions, weight: this.#weight(sum, statement.count + said.size) };
  }

  #mentionsByStatement(mentions: Mentions, placeOf: (document: number) => string): ReadonlyMap<Statement, WeighedMention[]> {
    const found = new Map<Statement, WeighedMention[]>();
    for (const [concept, list] of mentions) {
      const term = this.#scale.ofConcepts[concept] ?? -1;
      if (term < 0) continue;
      for (const mention of list) {
        const statement = this.#statementAt(placeOf(mention.document), mention.start);
        if (statement === undefined) continue;
        const known = found.get(statement);
        if (known === undefined) found.set(statement, [{ term, mention }]);
        else known.push({ term, mention });
      }
    }
    return found;
  }

  /** The words that weigh for harm, heaviest first; those that overlap are one stretch. */
  #evidenceOf({ source, statement, mentions }: WeighedStatement): Evidence[] {
    const places = [
      ...this.#reader.places(source.text, source.scan, statement),
      ...mentions.map(({ term, mention: { start, end } }) => ({ term, start, end })),
    ].map(({ term, start, end }) => ({ start, end, weight: this.#scale.weights[term] ?? 0 }));
    const heavy = places
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight || a.start - b.start || a.end - b.end)
      .slice(0, EVIDENCE_MAX)
      .sort((a, b) => a.start - b.start || b.end - a.end);
    const stretches: { start: number; end: number }[] = [];
    for (const { start, end } of heavy) {
      const last = stretches.at(-1);
      if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
      else stretches.push({ start, end });
    }
    return stretches.map(({ start, end }) => ({ at: source.at, start, end, text: source.text.slice(start, end) }));
  }

  /** Codes and results. */
  #facts(): readonly number[] {
    const { ofCategories, ofResults } = this.#scale;
    const { codes, results } = this.#collected;
    const ofCodes = codes.map(({ system, code }) => (system === 'icd-10' ? (ofCategories.get(code.slice(0, CATEGORY_LENGTH)) ?? -1) : -1));
    const found = [...results].flatMap(([kind, facts]) =>
      facts.map(({ positive }) => ofResults.get(positive ? kind : `not ${kind}`) ?? -1),
    );
    return [...ofCodes, ...found];
  }

  #sumOf({ first, count }: Statement): number {
    const terms = this.#reader.terms();
    let sum = 0;
    for (let at = first; at < first + count; at += 1) sum += this.#scale.weights[terms[at] ?? 0] ?? 0;
    return sum;
  }

  #weight(sum: number, terms: number): number {
    return this.#scale.bias + sum / Math.sqrt(Math.max(1, terms));
  }
}
