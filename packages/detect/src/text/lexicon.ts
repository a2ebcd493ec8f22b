import type { Concept, ConceptKind, CueKind, RulePack } from '@zhida/packs';
import { INVISIBLE_CODES, SPACE_CODES, buildBoundaries, buildFold, foldText, isLatinLetter } from './fold.js';
import { expandBraces } from './braces.js';
import { type Automaton, buildAutomaton } from './automaton.js';

/** What a term is to the reader of clauses. */
export type TokenKind = 'concept' | 'guard' | 'heading' | 'gestation' | 'gestation-after' | 'last-period' | CueKind;

/** One thing a term of the automaton stands for. */
export interface TermMeaning {
  readonly kind: TokenKind;
  /** Index of the concept, -1 for other kinds. */
  readonly concept: number;
  /** Section a heading opens, empty for other kinds. */
  readonly section: string;
}

/** Concepts of term `t`: `concepts[start[t] … start[t + 1] - 1]`. */
export interface ConceptsOfTerms {
  readonly start: Int32Array;
  readonly concepts: Int32Array;
}

export interface Lexicon {
  readonly automaton: Automaton;
  readonly fold: Uint16Array;
  /** The class of every code unit as it comes, not yet folded; {@link SPACE_CLASS} and {@link INVISIBLE_CLASS} stand apart. */
  readonly table: Uint16Array;
  /** Class of the space inside Latin terms, 0 when no term has one. */
  readonly spaceSymbol: number;
  readonly boundaries: Uint8Array;
  readonly lengths: Uint8Array;
  /** 1: a Latin letter may not stand before the term, 2: not after it, 3: neither. */
  readonly edges: Uint8Array;
  /** By term: its meanings, concepts by their index, the rest by name. */
  readonly meanings: readonly (readonly TermMeaning[])[];
  /** The concepts each term belongs to: all of them, those that can be asserted, and those that only help others. */
  readonly all: ConceptsOfTerms;
  readonly subjects: ConceptsOfTerms;
  readonly helpers: ConceptsOfTerms;
  /** 1 where one of the meanings can be asserted. */
  readonly isSubject: Uint8Array;
  readonly concepts: readonly Concept[];
  readonly conceptIndex: ReadonlyMap<string, number>;
}

/** A space: part of a Latin term, nothing in Chinese text. Above every class a pack can have. */
export const SPACE_CLASS = 65_534;
/** A character that is walked over without a step. */
export const INVISIBLE_CLASS = 65_535;

/** Compiles every word of a pack into one automaton. */
export function compileLexicon(pack: RulePack): Lexicon {
  const fold = buildFold(pack.folds);
  const meanings = new Map<string, TermMeaning[]>();
  const add = (terms: readonly string[], meaning: TermMeaning): void => {
    for (const term of terms.flatMap(expandBraces)) {
      const folded = foldText(term, fold);
      const known = meanings.get(folded);
      if (known === undefined) meanings.set(folded, [meaning]);
      else known.push(meaning);
    }
  };
  pack.concepts.forEach((concept, index) => add(concept.terms, { kind: 'concept', concept: index, section: '' }));
  for (const guard of pack.guards) add(guard.terms, meaningOf('guard'));
  for (const heading of pack.headings) add(heading.terms, { kind: 'heading', concept: -1, section: heading.section });
  for (const [cue, terms] of Object.entries(pack.cues)) add(terms, meaningOf(cue as CueKind));
  add(pack.gestation.before, meaningOf('gestation'));
  add(pack.gestation.after, meaningOf('gestation-after'));
  add(pack.gestation.lastPeriod, meaningOf('last-period'));

  const terms = [...meanings.keys()].sort();
  const automaton = buildAutomaton(terms);
  const conceptsOf = (isMeant: (kind: ConceptKind | undefined) => boolean): ConceptsOfTerms =>
    flatten(
      terms.map((term) =>
        (meanings.get(term) ?? []).flatMap(({ concept }) => (concept >= 0 && isMeant(pack.concepts[concept]?.kind) ? [concept] : [])),
      ),
    );
  return {
    automaton,
    fold,
    table: buildTable(automaton, fold),
    spaceSymbol: automaton.classes[0x20] ?? 0,
    boundaries: buildBoundaries(),
    lengths: Uint8Array.from(terms, (term) => term.length),
    edges: Uint8Array.from(terms, edgesOf),
    meanings: terms.map((term) => (meanings.get(term) ?? []).sort(byMeaning)),
    all: conceptsOf(() => true),
    subjects: conceptsOf((kind) => !isHelper(kind)),
    helpers: conceptsOf(isHelper),
    isSubject: Uint8Array.from(terms, (term) => (meanings.get(term)?.some((meaning) => isSubject(meaning, pack)) === true ? 1 : 0)),
    concepts: pack.concepts,
    conceptIndex: new Map(pack.concepts.map(({ id }, index) => [id, index])),
  };
}

function meaningOf(kind: TokenKind): TermMeaning {
  return { kind, concept: -1, section: '' };
}

/** Never the pack's own order of terms: what a reader sees must not depend on it. */
function byMeaning(a: TermMeaning, b: TermMeaning): number {
  return a.concept - b.concept || (a.kind < b.kind ? -1 : 1);
}

/** A word or an agent alone says nothing. */
export function isHelper(kind: ConceptKind | undefined): boolean {
  return kind === 'word' || kind === 'agent';
}

function flatten(lists: readonly (readonly number[])[]): ConceptsOfTerms {
  const start = new Int32Array(lists.length + 1);
  lists.forEach((list, index) => {
    start[index + 1] = (start[index] ?? 0) + list.length;
  });
  return { start, concepts: Int32Array.from(lists.flat()) };
}

function isSubject(meaning: TermMeaning, { concepts }: RulePack): boolean {
  if (meaning.kind === 'concept') return !isHelper(concepts[meaning.concept]?.kind);
  return meaning.kind === 'gestation' || meaning.kind === 'gestation-after' || meaning.kind === 'last-period';
}

function edgesOf(term: string): number {
  return (isLatinLetter(term.charCodeAt(0)) ? 1 : 0) + (isLatinLetter(term.charCodeAt(term.length - 1)) ? 2 : 0);
}

function buildTable({ classes }: Automaton, fold: Uint16Array): Uint16Array {
  const table = new Uint16Array(65_536);
  for (let code = 0; code < table.length; code += 1) {
    if (INVISIBLE_CODES.has(code)) table[code] = INVISIBLE_CLASS;
    else table[code] = SPACE_CODES.has(code) ? SPACE_CLASS : (classes[fold[code] ?? 0] ?? 0);
  }
  return table;
}
