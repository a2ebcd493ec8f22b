/** What can be wrong with an audit directory. Stable codes; the wording is `wording.ts`. */
export type VerificationProblemCode =
  | 'entry-altered'
  | 'entry-missing'
  | 'entry-extra'
  | 'entries-swapped'
  | 'entry-cut'
  | 'entry-unreadable'
  | 'entry-repeated'
  | 'entry-of-other-log'
  | 'leaves-differ'
  | 'ids-differ'
  | 'tile-length'
  | 'tail-unsigned'
  | 'checkpoint-missing'
  | 'checkpoint-unreadable'
  | 'checkpoint-signature'
  | 'checkpoint-of-other-log'
  | 'checkpoint-root'
  | 'checkpoint-beyond-entries'
  | 'checkpoint-not-newest';

/** One thing that is wrong. Never holds a value of an entry but its id. */
export interface VerificationProblem {
  what: VerificationProblemCode;
  /** Place in the log, from 0. For a checkpoint: the first entry that no good checkpoint vouches for. */
  index?: number;
  /** The entry at that place, as the log recorded its id; else as its line has it. */
  entryId?: string;
  /** The other one of two swapped entries. */
  other?: { index: number; entryId?: string };
  /** How many in a row, when more than one. */
  count?: number;
  /** The file, when it is not an entry's. */
  at?: string;
}

/** Leaves undefined members out, so that a problem prints and compares as what it says. */
export function problem(
  what: VerificationProblemCode,
  facts: { [Key in keyof Omit<VerificationProblem, 'what'>]: VerificationProblem[Key] | undefined },
): VerificationProblem {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return { what, ...Object.fromEntries(known) };
}
