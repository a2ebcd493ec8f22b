import type { Evidence } from '../assessment.js';
import type { Collected, Source } from '../facts/collect.js';
import type { Mention } from '../facts/facts.js';
import type { Seen } from '../facts/seen.js';
import type { MostOfConcepts } from './reach.js';
import { type Statement, type StatementReader, weighedSources } from './statements.js';
import type { WeighedTerms } from './terms.js';
import type { Mentions, TextsToWeigh, Weights } from './weigh.js';

/** Words shown of a statement; more tell a reader nothing new. */
const EVIDENCE_MAX = 8;
const CATEGORY_LENGTH = 3;
/** A statement of fewer terms tells nothing of how it reads. */
const TERMS_MIN = 6;
/** A statement that weighs less speaks of an ordinary visit. */
const FOR_HARM = 0;
/** The same weights, added in another order, may differ by less. */
const ROUNDING = 1e-6;

/** Numbers and weights of everything a pack weighs. */
export interface Scale {
  readonly bias: number;
  readonly terms: Pick<WeighedTerms, 'weightOf' | 'redOf' | 'begin' | 'isFirst'>;
  /** Terms that are only denied. */
  readonly denied: Pick<WeighedTerms, 'weightOf'>;
  /** Of the facts: concepts, categories and results. */
  readonly weights: readonly number[];
  /** By index of the concept, -1 for one that weighs nothing. */
  readonly ofConcepts: Int32Array;
  readonly mostOfConcepts: MostOfConcepts;
  readonly ofCategories: ReadonlyMap<string, number>;
  readonly ofResults: ReadonlyMap<string, number>;
  /** Of the facts, for red. */
  readonly red: readonly number[];
}

/** Where something that weighs stands. */
interface Place {
  /** Of a term its number, of a fact one below 0. */
  readonly name: number;
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  readonly weight: number;
}

/** A text and what it states, in order. */
interface ReadText {
  readonly source: Source;
  readonly statements: readonly Statement[];
  /** The same with the concepts that are asserted in each, once somebody has asked. */
  weighed: readonly WeighedStatement[] | undefined;
}

interface WeighedMention {
  readonly fact: number;
  readonly mention: Mention;
}

interface WeighedStatement {
  readonly source: Source;
  readonly statement: Statement;
  readonly mentions: readonly WeighedMention[];
  readonly weight: number;
}

/** Different terms or facts, and what they weigh together. */
interface Sum {
  readonly count: number;
  readonly weight: number;
}

const NO_MENTIONS: readonly WeighedMention[] = [];

/** What one record weighs. Concepts are asked for only in those texts, or in all of them, in which they decide. */
export class RecordWeights implements Weights {
  readonly #collected: Collected;
  readonly #toWeigh: TextsToWeigh;
  readonly #scale: Scale;
  readonly #reader: StatementReader;
  /** By place of the text, in order. */
  readonly #texts: ReadonlyMap<string, ReadText>;
  /** By weight the texts that may have a statement of it. */
  readonly #open = new Map<number, readonly ReadText[]>();
  /** Concepts and results that stand in the record, whatever is said of them, with what they weigh for harm at most. */
  #most: Sum | undefined;
  /** All terms, said or denied, and codes. */
  #spoken: (Sum & { readonly terms: number }) | undefined;
  #whole: number | undefined;
  #mentionsByText: ReadonlyMap<string, readonly WeighedMention[]> | undefined;

  constructor(collected: Collected, toWeigh: TextsToWeigh, scale: Scale, reader: StatementReader) {
    this.#collected = collected;
    this.#toWeigh = toWeigh;
    this.#scale = scale;
    this.#reader = reader;
    reader.reset();
    this.#texts = new Map(
      weighedSources(collected).map((source) => [
        source.at,
        { source, statements: reader.read(source.text, source.scan), weighed: undefined },
      ]),
    );
  }

  mayWeigh(atLeast: number, seen: Seen): boolean {
    // Words that turn out to be denied were counted in; asked again later, it would only be less.
    let open = this.#open.get(atLeast);
    if (open === undefined) {
      open = [...this.#texts.values()].filter((text) => this.#mayWeighIn(text, atLeast, seen));
      this.#open.set(atLeast, open);
      if (open.length > 0) this.#most ??= this.#mostOf(seen);
    }
    return open.length > 0;
  }

  weighs(atLeast: number): boolean {
    return this.#heaviest(atLeast) !== undefined;
  }

  evidence(atLeast: number): readonly Evidence[] {
    const heaviest = this.#heaviest(atLeast);
    return heaviest === undefined ? [] : heaviestOf(this.#placesOf(heaviest, 'weightOf', this.#scale.weights));
  }

  ofPlaces(places: readonly Evidence[]): number {
    let most = Number.NEGATIVE_INFINITY;
    for (const { at, start } of places) {
      const text = this.#texts.get(at);
      const of = text === undefined ? undefined : this.#weighedIn(text)[statementAt(text.statements, start ?? -1)];
      if (of === undefined || of.statement.count < TERMS_MIN) return Number.POSITIVE_INFINITY;
      most = Math.max(most, of.weight);
    }
    return most;
  }

  weighsBelow(below: number, termsMin: number): boolean {
    const spoken = (this.#spoken ??= this.#sumSpoken());
    if (spoken.terms < termsMin) return false;
    return (!this.#collected.isRead && this.#mostOfWhole(spoken) + ROUNDING < below) || (this.#whole ??= this.#weighWhole(spoken)) < below;
  }

  red(): { weight: number; evidence: readonly Evidence[] } {
    const places = [...(this.#open.get(FOR_HARM) ?? this.#texts.values())]
      .flatMap((text) => this.#weighedIn(text))
      .filter(({ statement, weight }) => statement.count >= TERMS_MIN && weight >= FOR_HARM)
      .flatMap((weighed) => this.#placesOf(weighed, 'redOf', this.#scale.red));
    const once = [...new Map(places.map((place) => [place.name, place])).values()];
    return { weight: once.reduce((sum, { weight }) => sum + weight, 0), evidence: heaviestOf(once) };
  }

  #mayWeighIn({ source, statements }: ReadText, atLeast: number, seen: Seen): boolean {
    if (!statements.some(({ count }) => count >= TERMS_MIN)) return false;
    const mostOf = this.#scale.mostOfConcepts(statements, source.scan, seen);
    // A concept more makes the sum greater and the root greater: without the root's growth it is what it can be at most.
    return statements.some(
      (statement, index) => statement.count >= TERMS_MIN && this.#weight(statement.sum + (mostOf[index] ?? 0), statement.count) >= atLeast,
    );
  }

  #heaviest(atLeast: number): WeighedStatement | undefined {
    let heaviest: WeighedStatement | undefined;
    for (const text of this.#open.get(atLeast) ?? this.#texts.values())
      for (const weighed of this.#weighedIn(text))
        if (
          weighed.statement.count >= TERMS_MIN &&
          weighed.weight >= atLeast &&
          weighed.weight > (heaviest?.weight ?? Number.NEGATIVE_INFINITY)
        )
          heaviest = weighed;
    return heaviest;
  }

  /** Every statement of a text with the concepts that are asserted in it. */
  #weighedIn(text: ReadText): readonly WeighedStatement[] {
    if (text.weighed !== undefined) return text.weighed;
    const { source, statements } = text;
    const mentionsOf: WeighedMention[][] = [];
    for (const weighed of this.#mentionsIn(source)) {
      const at = statementAt(statements, weighed.mention.start);
      if (at >= 0) (mentionsOf[at] ??= []).push(weighed);
    }
    return (text.weighed = statements.map((statement, at) => this.#weighOne(source, statement, mentionsOf[at] ?? NO_MENTIONS)));
  }

  #mentionsIn(source: Source): readonly WeighedMention[] {
    if (!this.#collected.isRead) return this.#weighedMentions(this.#toWeigh.mentionsIn(source));
    return (this.#mentionsByText ??= this.#allByText()).get(source.at) ?? NO_MENTIONS;
  }

  #allByText(): ReadonlyMap<string, readonly WeighedMention[]> {
    const { mentions, documents } = this.#collected;
    const byText = new Map<string, WeighedMention[]>();
    for (const weighed of this.#weighedMentions(mentions)) {
      const at = documents[weighed.mention.document]?.at ?? '';
      const known = byText.get(at);
      if (known === undefined) byText.set(at, [weighed]);
      else known.push(weighed);
    }
    return byText;
  }

  #weighedMentions(mentions: Mentions): readonly WeighedMention[] {
    const weighed: WeighedMention[] = [];
    for (const [concept, list] of mentions) {
      const fact = this.#scale.ofConcepts[concept] ?? -1;
      if (fact >= 0) for (const mention of list) weighed.push({ fact, mention });
    }
    return weighed;
  }

  #weighOne(source: Source, statement: Statement, mentions: readonly WeighedMention[]): WeighedStatement {
    const { count, weight } = this.#sumOfAll(mentions.map(({ fact }) => fact));
    return { source, statement, mentions, weight: this.#weight(statement.sum + weight, statement.count + count) };
  }

  #placesOf({ source, statement, mentions }: WeighedStatement, ofTerms: 'weightOf' | 'redOf', ofFacts: readonly number[]): Place[] {
    return [
      ...this.#reader
        .places(source.text, source.scan, statement)
        .map(({ term, start, end }) => ({ name: term, source, start, end, weight: this.#scale.terms[ofTerms](term) })),
      ...mentions.map(({ fact, mention: { start, end } }) => ({ name: ~fact, source, start, end, weight: ofFacts[fact] ?? 0 })),
    ];
  }

  /** Each term that the texts say, or only deny, once, and each category of a diagnosis; `terms` are those that are said. */
  #sumSpoken(): Sum & { readonly terms: number } {
    const { ofCategories, terms: table } = this.#scale;
    const all = this.#reader.terms();
    let [terms, weight] = [0, 0];
    table.begin();
    for (const { statements } of this.#texts.values())
      for (const { first, count } of statements)
        for (let at = first; at < first + count; at += 1) {
          const term = all[at] ?? 0;
          if (!table.isFirst(term)) continue;
          terms += 1;
          weight += table.weightOf(term);
        }
    const codes = this.#collected.codes.map(({ system, code }) =>
      system === 'icd-10' ? (ofCategories.get(code.slice(0, CATEGORY_LENGTH)) ?? -1) : -1,
    );
    const coded = this.#sumOfAll(codes);
    const denied = this.#reader.denied(weighedSources(this.#collected));
    for (const term of denied) weight += this.#scale.denied.weightOf(term);
    return { terms, count: terms + denied.length + coded.count, weight: weight + coded.weight };
  }

  #weighWhole(spoken: Sum): number {
    const { mentions, results } = this.#toWeigh.readInFull();
    const { ofConcepts, ofResults } = this.#scale;
    const concepts = [...mentions].map(([concept, list]) => (list.length > 0 ? (ofConcepts[concept] ?? -1) : -1));
    const found = [...results].flatMap(([kind, facts]) =>
      facts.map(({ positive }) => ofResults.get(positive ? kind : `not ${kind}`) ?? -1),
    );
    const { count, weight } = this.#sumOfAll([...concepts, ...found]);
    return this.#weight(spoken.weight + weight, spoken.count + count);
  }

  #mostOf({ concepts, results }: Seen): Sum {
    const { ofConcepts, ofResults, weights } = this.#scale;
    let [count, weight] = [0, 0];
    const add = (fact: number): void => {
      count += 1;
      weight += Math.max(0, weights[fact] ?? 0);
    };
    for (let concept = 0; concept < ofConcepts.length; concept += 1)
      if (concepts[concept] === 1 && (ofConcepts[concept] ?? -1) >= 0) add(ofConcepts[concept] ?? 0);
    for (const name of results) if (ofResults.has(name)) add(ofResults.get(name) ?? 0);
    return { count, weight };
  }

  /** What the whole record weighs at most, where not all of it has been read. */
  #mostOfWhole({ count, weight }: Sum): number {
    if (this.#most === undefined) return Number.POSITIVE_INFINITY;
    const sum = weight + this.#most.weight;
    // A concept that is denied may be missing from the root as well.
    return this.#weight(sum, sum < 0 ? count + this.#most.count : count);
  }

  /** Each of some facts once; -1 is none. */
  #sumOfAll(facts: readonly number[]): Sum {
    const once = new Set(facts);
    once.delete(-1);
    let weight = 0;
    for (const fact of once) weight += this.#scale.weights[fact] ?? 0;
    return { count: once.size, weight };
  }

  #weight(sum: number, terms: number): number {
    return this.#scale.bias + sum / Math.sqrt(Math.max(1, terms));
  }
}

/** Index of the statement that a place stands in, -1 where none does. */
function statementAt(statements: readonly Statement[], offset: number): number {
  let [low, high] = [0, statements.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const statement = statements[middle];
    if (statement === undefined) return -1;
    if (offset < statement.start) high = middle - 1;
    else if (offset >= statement.end) low = middle + 1;
    else return middle;
  }
  return -1;
}

/** The words that weigh most; those that overlap are one stretch. */
function heaviestOf(places: readonly Place[]): Evidence[] {
  const heavy = places
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || a.start - b.start)
    .slice(0, EVIDENCE_MAX)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const stretches: { source: Source; start: number; end: number }[] = [];
  for (const { source, start, end } of heavy) {
    const last = stretches.findLast((stretch) => stretch.source === source);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else stretches.push({ source, start, end });
  }
  return stretches.map(({ source: { at, text }, start, end }) => ({ at, start, end, text: text.slice(start, end) }));
}
