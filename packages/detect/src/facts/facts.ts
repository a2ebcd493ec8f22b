import type { CalendarDate, EncounterSnapshot } from '@zhida/core';
import type { Evidence } from '../assessment.js';
import type { Clauses } from '../text/clauses.js';
import type { AgeFact } from './age.js';
import type { Measures } from './growth.js';
import type { MotherFact } from './mother.js';
import type { VisitFact } from './visits.js';
import type { Weights } from '../weighing/weigh.js';

/** One text of the encounter: a note, the words of a diagnosis, an order. */
export interface Document {
  readonly at: string;
  readonly text: string;
  readonly section: string;
  /** The day it was written, where the note says so. */
  readonly on: CalendarDate | undefined;
  readonly clauses: Clauses;
  /** The text as the lexicon is written, unit for unit; built when a number has to be read. */
  folded: string | undefined;
}

/** A concept the text asserts of this patient. Denied, asked, taught and other people's mentions never get here. */
export interface Mention {
  readonly document: number;
  readonly section: string;
  readonly start: number;
  readonly end: number;
  readonly clause: number;
  readonly run: number;
  readonly sentence: number;
  /** True when its clause is the inside of a bracket: it explains the clause before it. */
  readonly bracketed: boolean;
  readonly affirmed: boolean;
  readonly historical: boolean;
}

export interface CodeFact {
  readonly system: 'icd-10' | 'icd-9-cm-3' | 'marital-status';
  readonly code: string;
  readonly at: string;
}

export interface ResultFact {
  readonly positive: boolean;
  readonly evidence: Evidence;
}

/** Everything a rule may ask. Built once per encounter. */
export interface Facts {
  readonly snapshot: EncounterSnapshot;
  readonly on: CalendarDate;
  readonly age: AgeFact;
  /** Only in a newborn's record that gives his mother an age under 18. */
  readonly mother: MotherFact | undefined;
  /** Earlier visits, in the order of the feed. */
  readonly visits: readonly VisitFact[];
  readonly measures: () => Measures;
  readonly weights: () => Weights;
  /** What the texts say is complete from here on: until then `documents`, `mentions` and the results of texts may be empty. */
  readonly readInFull: () => void;
  readonly isRead: () => boolean;
  readonly documents: readonly Document[];
  /** By index of the concept, ordered by document and start. */
  readonly mentions: ReadonlyMap<number, readonly Mention[]>;
  readonly codes: readonly CodeFact[];
  /** By id of the result kind. */
  readonly results: ReadonlyMap<string, readonly ResultFact[]>;
}
