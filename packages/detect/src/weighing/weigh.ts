import type { Concept, RulePack } from '@zhida/packs';
import type { Evidence } from '../assessment.js';
import type { Collected, Source } from '../facts/collect.js';
import { makersOf } from '../facts/derive.js';
import type { Mention } from '../facts/facts.js';
import type { Seen } from '../facts/seen.js';
import type { ConceptsOfReadings, Lexicon } from '../text/lexicon.js';
import { type Statement, createStatementReader } from './statements.js';
import { createTermTable } from './terms.js';

/** What a record weighs: hundredths, above 0 for harm, below for an ordinary visit ({@link RulePack}.weighing). */
export interface Weights {
  /** Whether a statement can weigh so much by the concepts whose words stand in it, whatever is said of them. */
  mayWeigh(atLeast: number, seen: Seen): boolean;
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

export type Weigh = (collected: Collected) => Weights;

/** Words shown of a statement; more tell a reader nothing new. */
const EVIDENCE_MAX = 8;
const CATEGORY_LENGTH = 3;
const NOTHING: readonly number[] = [];
/** A statement of fewer terms tells nothing of how it reads. */
const TERMS_MIN = 5;

/** Numbers and weights of everything a pack weighs. */
interface Scale {
  readonly bias: number;
  readonly weights: Float64Array;
  /** By index of the concept, -1 for one that weighs nothing. */
  readonly ofConcepts: Int32Array;
  /** The concepts of each reading, and by concept those that weigh for harm and may be made of it, itself among them. */
  readonly made: ConceptsOfReadings;
  readonly reach: readonly (readonly number[])[];
  readonly ofCategories: ReadonlyMap<string, number>;
  readonly ofResults: ReadonlyMap<string, number>;
}

/** Compiles the weights of a pack. A record is weighed before the next one is collected. */
export function compileWeigh(pack: RulePack, lexicon: Lexicon): Weigh {
  const terms = Object.keys(pack.weighing.terms);
  const scale = scaleOf(pack, lexicon);
  const reader = createStatementReader(lexicon, createTermTable(terms));
  return (collected) => new RecordWeights(collected, scale, reader);
}

/** Terms first, then concepts, categories and results. */
function scaleOf({ weighing }: RulePack, { conceptIndex, concepts, all }: Lexicon): Scale {
  const { bias, terms } = weighing;
  const weights = Object.values(terms);
  const ofConcepts = new Int32Array(concepts.length).fill(-1);
  for (const [id, weight] of Object.entries(weighing.concepts)) ofConcepts[conceptIndex.get(id) ?? -1] = weights.push(weight) - 1;
  const number = (all: Readonly<Record<string, number>>): Map<string, number> =>
    new Map(Object.entries(all).map(([name, weight]) => [name, weights.push(weight) - 1]));
  const [ofCategories, ofResults] = [number(weighing.categories), number(weighing.results)];
  const isHeavy = (concept: number): boolean => (weights[ofConcepts[concept] ?? -1] ?? 0) > 0;
  const reach = madeOfConcepts(concepts, conceptIndex).map((made) => [...made].filter(isHeavy));
  return { bias, weights: Float64Array.from(weights), ofConcepts, made: all, reach, ofCategories, ofResults };
}

/** By concept every one that may be made of it: of which it is a kind, or beside others a part. */
function madeOfConcepts(concepts: readonly Concept[], conceptIndex: ReadonlyMap<string, number>): readonly ReadonlySet<number>[] {
  const makes = concepts.map((): number[] => []);
  concepts.forEach((concept, index) => {
    for (const maker of makersOf(concept)) makes[conceptIndex.get(maker) ?? -1]?.push(index);
  });
  return concepts.map((_, index) => {
    const found = new Set([index]);
    // A set is walked in the order of its growth: what is found on the way is looked at as well.
    for (const concept of found) for (const made of makes[concept] ?? []) found.add(made);
    return found;
  });
}

/** A statement of one of the texts. */
interface Placed {
  readonly source: Source;
  readonly statement: Statement;
}

interface WeighedMention {
  readonly term: number;
  readonly mention: Mention;
}

interface WeighedStatement {
  readonly placed: Placed;
  readonly mentions: readonly WeighedMention[];
  readonly weight: number;
}

class RecordWeights implements Weights {
  readonly #collected: Collected;
  readonly #scale: Scale;
  readonly #reader: ReturnType<typeof createStatementReader>;
  readonly #statements: readonly Placed[];
  /** By place of the text, in order. */
  readonly #ofTexts = new Map<string, readonly Placed[]>();
  readonly #answers = new Map<number, boolean>();
  #weighedStatements: ReadonlyMap<Placed, WeighedStatement> | undefined;
  /** Asked by every rule that a suppressor of the whole may lower. */
  #whole: Whole | undefined;

  constructor(collected: Collected, scale: Scale, reader: ReturnType<typeof createStatementReader>) {
    this.#collected = collected;
    this.#scale = scale;
    this.#reader = reader;
    reader.reset();
    for (const source of collected.sources)
      this.#ofTexts.set(
        source.at,
        reader.read(source.text, source.scan).map((statement) => ({ source, statement })),
      );
    this.#statements = [...this.#ofTexts.values()].flat();
  }

  mayWeigh(atLeast: number, seen: Seen): boolean {
    // Words that turn out to be denied were counted in; asked again later, it would only be less.
    const known = this.#answers.get(atLeast);
    if (known !== undefined) return known;
    const answer = this.#mayWeigh(atLeast, seen);
    this.#answers.set(atLeast, answer);
    return answer;
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
      const placed = this.#statementAt(at, start ?? -1);
      const of = placed === undefined ? undefined : this.#weighed().get(placed);
      if (of === undefined || of.placed.statement.count < TERMS_MIN) return Number.POSITIVE_INFINITY;
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
    for (const { statement } of this.#statements)
      for (let at = statement.first; at < statement.first + statement.count; at += 1) said.add(terms[at] ?? -1);
    const termCount = said.size;
    for (const [concept, mentions] of this.#collected.mentions) if (mentions.length > 0) said.add(this.#scale.ofConcepts[concept] ?? -1);
    for (const term of this.#facts()) said.add(term);
    said.delete(-1);
    let sum = 0;
    for (const term of said) sum += this.#scale.weights[term] ?? 0;
    return { weight: this.#weight(sum, said.size), terms: termCount };
  }

  #mayWeigh(atLeast: number, seen: Seen): boolean {
    const open = this.#statements.filter(({ statement: { count } }) => count >= TERMS_MIN);
    if (open.length === 0) return false;
    const { ofConcepts, weights } = this.#scale;
    let most = 0;
    for (let concept = 0; concept < ofConcepts.length; concept += 1)
      if (seen.concepts[concept] === 1) most += Math.max(0, weights[ofConcepts[concept] ?? -1] ?? 0);
    // A concept more makes the sum greater and the root greater: without the root's growth it is what it can be at most.
    const may = ({ statement }: Placed, concepts: number): boolean =>
      this.#weight(this.#sumOf(statement) + concepts, statement.count) >= atLeast;
    const near = open.filter((placed) => may(placed, most));
    if (near.length === 0) return false;
    const mostOf = this.#mostOfConcepts(new Set(near.map(({ source }) => source)), seen);
    return near.some((placed) => may(placed, mostOf.get(placed) ?? 0));
  }

  /** What concepts can weigh at most in the statements of these texts, by the words that stand in each. */
  #mostOfConcepts(sources: ReadonlySet<Source>, seen: Seen): ReadonlyMap<Placed, number> {
    const { made, reach, ofConcepts, weights } = this.#scale;
    const counted = new Map<Placed, Set<number>>();
    for (const { at, scan } of sources) {
      for (let hit = scan.first; hit < scan.first + scan.hitCount; hit += 1) {
        const placed = this.#statementAt(at, scan.starts[hit] ?? 0);
        if (placed === undefined) continue;
        const concepts = counted.get(placed) ?? new Set<number>();
        counted.set(placed, concepts);
        const reading = scan.readings[hit] ?? 0;
        for (let index = made.start[reading] ?? 0; index < (made.start[reading + 1] ?? 0); index += 1)
          for (const concept of reach[made.concepts[index] ?? -1] ?? NOTHING) if (seen.concepts[concept] === 1) concepts.add(concept);
      }
    }
    const sumOf = (concepts: ReadonlySet<number>): number =>
      [...concepts].reduce((sum, concept) => sum + (weights[ofConcepts[concept] ?? -1] ?? 0), 0);
    return new Map([...counted].map(([placed, concepts]) => [placed, sumOf(concepts)]));
  }

  /** The statement of a text that a place stands in. */
  #statementAt(at: string, offset: number): Placed | undefined {
    const statements = this.#ofTexts.get(at) ?? [];
    let [low, high] = [0, statements.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const placed = statements[middle];
      if (placed === undefined) return undefined;
      if (offset < placed.statement.start) high = middle - 1;
      else if (offset >= placed.statement.end) low = middle + 1;
      else return placed;
    }
    return undefined;
  }

  #findHeaviest(): WeighedStatement | undefined {
    let heaviest: WeighedStatement | undefined;
    for (const weighed of this.#weighed().values())
      if (weighed.placed.statement.count >= TERMS_MIN && weighed.weight > (heaviest?.weight ?? Number.NEGATIVE_INFINITY))
        heaviest = weighed;
    return heaviest;
  }

  /** Every statement with the concepts that are asserted in it. */
  #weighed(): ReadonlyMap<Placed, WeighedStatement> {
    if (this.#weighedStatements !== undefined) return this.#weighedStatements;
    const mentionsOf = this.#mentionsByStatement();
    const weighed = this.#statements.map((placed): [Placed, WeighedStatement] => {
      const mentions = mentionsOf.get(placed) ?? [];
      const said = new Set(mentions.map(({ term }) => term));
      let sum = this.#sumOf(placed.statement);
      for (const term of said) sum += this.#scale.weights[term] ?? 0;
      return [placed, { placed, mentions, weight: this.#weight(sum, placed.statement.count + said.size) }];
    });
    return (this.#weighedStatements = new Map(weighed));
  }

  #mentionsByStatement(): ReadonlyMap<Placed, WeighedMention[]> {
    const { mentions, documents } = this.#collected;
    const found = new Map<Placed, WeighedMention[]>();
    for (const [concept, list] of mentions) {
      const term = this.#scale.ofConcepts[concept] ?? -1;
      if (term < 0) continue;
      for (const mention of list) {
        const placed = this.#statementAt(documents[mention.document]?.at ?? '', mention.start);
        if (placed === undefined) continue;
        const known = found.get(placed);
        if (known === undefined) found.set(placed, [{ term, mention }]);
        else known.push({ term, mention });
      }
    }
    return found;
  }

  /** The words that weigh for harm, heaviest first; those that overlap are one stretch. */
  #evidenceOf({ placed: { source, statement }, mentions }: WeighedStatement): Evidence[] {
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
