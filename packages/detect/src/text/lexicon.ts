import type { Concept, CueKind, RulePack } from '@zhida/packs';
import { INVISIBLE_CODES, SPACE_CODES, buildBoundaries, buildFold, foldText, isLatinLetter } from './fold.js';
import { expandBraces } from './braces.js';
import { type Automaton, buildAutomaton } from './automaton.js';

/** What a term of the automaton stands for. */
export type TermMeaning =
  | { readonly kind: 'concept'; readonly concept: number }
  | { readonly kind: 'guard' }
  | { readonly kind: 'heading'; readonly section: string }
  | { readonly kind: 'gestation' | 'gestation-after' | 'last-period' }
  | { readonly kind: 'cue'; readonly cue: CueKind };

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
  readonly meanings: readonly (readonly TermMeaning[])[];
  /** The same without the concepts that only help others. */
  readonly subjectMeanings: readonly (readonly TermMeaning[])[];
  /** 1 where one of the meanings can be asserted: a text without any such hit is done after the walk. */
  readonly isSubject: Uint8Array;
  /** 1 where a rule asks for one of the meanings in what the desk wrote: the companion, the signer. */
  readonly isDeskWord: Uint8Array;
  readonly concepts: readonly Concept[];
  readonly conceptIndex: ReadonlyMap<string, number>;
  readonly longest: number;
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
  pack.concepts.forEach((concept, index) => add(concept.terms, { kind: 'concept', concept: index }));
  for (const guard of pack.guards) add(guard.terms, { kind: 'guard' });
  for (const heading of pack.headings) add(heading.terms, { kind: 'heading', section: heading.section });
  for (const [cue, terms] of Object.entries(pack.cues)) add(terms, { kind: 'cue', cue: cue as CueKind });
  add(pack.gestation.before, { kind: 'gestation' });
  add(pack.gestation.after, { kind: 'gestation-after' });
  add(pack.gestation.lastPeriod, { kind: 'last-period' });

  const terms = [...meanings.keys()].sort();
  const desk = new Set<string>();
  collectDesk([pack.rules, pack.conditions], desk);
  const automaton = buildAutomaton(terms);
  return {
    automaton,
    fold,
    table: buildTable(automaton, fold),
    spaceSymbol: automaton.classes[0x20] ?? 0,
    boundaries: buildBoundaries(),
    lengths: Uint8Array.from(terms, (term) => term.length),
    edges: Uint8Array.from(terms, edgesOf),
    meanings: terms.map((term) => meanings.get(term) ?? []),
    subjectMeanings: terms.map((term) =>
      (meanings.get(term) ?? []).filter((meaning) => meaning.kind !== 'concept' || isSubject(meaning, pack)),
    ),
    isSubject: Uint8Array.from(terms, (term) => (meanings.get(term)?.some((meaning) => isSubject(meaning, pack)) === true ? 1 : 0)),
    isDeskWord: Uint8Array.from(terms, (term) => (meanings.get(term)?.some((meaning) => isDesk(meaning, desk, pack)) === true ? 1 : 0)),
    concepts: pack.concepts,
    conceptIndex: new Map(pack.concepts.map(({ id }, index) => [id, index])),
    longest: Math.max(...terms.map((term) => term.length)),
  };
}

/** A word or an agent alone says nothing; the words that make a visit a child's are asked for by themselves. */
function isSubject(meaning: TermMeaning, { concepts }: RulePack): boolean {
  if (meaning.kind === 'concept') return !['word', 'agent'].includes(concepts[meaning.concept]?.kind ?? 'word');
  return meaning.kind === 'gestation' || meaning.kind === 'gestation-after' || meaning.kind === 'last-period';
}

const DESK = ['companion', 'consent'];

function isDesk(meaning: TermMeaning, desk: ReadonlySet<string>, { concepts }: RulePack): boolean {
  return meaning.kind === 'concept' && desk.has(concepts[meaning.concept]?.id ?? '');
}

/** Concepts that some condition asks for in a section of the desk. */
function collectDesk(value: unknown, into: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  const { mention, sections } = value as { mention?: unknown; sections?: unknown };
  if (typeof mention === 'string' && Array.isArray(sections) && DESK.some((section) => sections.includes(section))) into.add(mention);
  for (const part of Object.values(value)) collectDesk(part, into);
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
