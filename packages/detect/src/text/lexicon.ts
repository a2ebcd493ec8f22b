import type { Concept, CueKind, RulePack } from '@zhida/packs';
import { BOUNDARY, INVISIBLE_CODES, SPACE_CODES, buildBoundaries, buildFold, foldText, isLatinLetter } from './fold.js';
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
  /** Per code unit: class in the low 12 bits, boundary kind in the next 4. */
  readonly table: Uint16Array;
  readonly lengths: Uint8Array;
  /** 1: a Latin letter may not stand before the term, 2: not after it, 3: neither. */
  readonly edges: Uint8Array;
  readonly meanings: readonly (readonly TermMeaning[])[];
  /** 1 where one of the meanings is a concept or a gestational age: a text without any such hit is done after the walk. */
  readonly isSubject: Uint8Array;
  readonly concepts: readonly Concept[];
  readonly conceptIndex: ReadonlyMap<string, number>;
  readonly longest: number;
}

/** Class of characters that are walked over without a step. It lies above every class a pack can have. */
export const SKIP_CLASS = 4095;
export const CLASS_MASK = 4095;
export const BOUNDARY_SHIFT = 12;

/** Compiles every word of a pack into one automaton. */
export function compileLexicon(pack: RulePack): Lexicon {
  const fold = buildFold(pack.folds);
  const meanings = new Map<string, TermMeaning[]>();
  const add = (terms: readonly string[], meaning: TermMeaning): void => {
    for (const term of terms) {
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
  const automaton = buildAutomaton(terms);
  return {
    automaton,
    fold,
    table: buildTable(automaton, fold),
    lengths: Uint8Array.from(terms, (term) => term.length),
    edges: Uint8Array.from(terms, edgesOf),
    meanings: terms.map((term) => meanings.get(term) ?? []),
    isSubject: Uint8Array.from(terms, (term) => (meanings.get(term)?.some(isSubject) === true ? 1 : 0)),
    concepts: pack.concepts,
    conceptIndex: new Map(pack.concepts.map(({ id }, index) => [id, index])),
    longest: Math.max(...terms.map((term) => term.length)),
  };
}

function isSubject({ kind }: TermMeaning): boolean {
  return kind === 'concept' || kind === 'gestation' || kind === 'gestation-after' || kind === 'last-period';
}

function edgesOf(term: string): number {
  return (isLatinLetter(term.charCodeAt(0)) ? 1 : 0) + (isLatinLetter(term.charCodeAt(term.length - 1)) ? 2 : 0);
}

function buildTable(automaton: Automaton, fold: Uint16Array): Uint16Array {
  const boundaries = buildBoundaries();
  const table = new Uint16Array(65_536);
  for (let code = 0; code < table.length; code += 1) {
    const symbol = INVISIBLE_CODES.has(code) ? SKIP_CLASS : (automaton.classes[fold[code] ?? 0] ?? 0);
    const boundary = SPACE_CODES.has(code) ? BOUNDARY.space : (boundaries[code] ?? 0);
    table[code] = symbol | (boundary << BOUNDARY_SHIFT);
  }
  return table;
}
