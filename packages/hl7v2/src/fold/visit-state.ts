import type { EncounterSnapshot, Mode, SnapshotEvent, SnapshotPatient } from '@zhida/core';
import type { People } from '../read/people.js';
import type { FactList, FactValue } from '../read/update.js';
import type { VisitFields } from '../read/visit.js';

/** A fact a visit has, with the key by which a later message corrects it. */
export interface StoredFact {
  readonly list: FactList;
  readonly key: string;
  readonly value: FactValue;
  readonly parent?: string;
  readonly preliminary?: boolean;
}

/**
 * One visit as its messages have told it so far. Plain JSON, so that a service keeps it (sealed: it holds a chart) and goes
 * on folding after a restart.
 */
export interface VisitState {
  readonly v: '1';
  /** Id of the snapshot; it never changes, whatever is merged. */
  readonly id: string;
  /** The visit is found under each of these: its own key and those of its patient. */
  readonly keys: readonly string[];
  /** Messages folded into it. */
  readonly revision: number;
  /** Told to be cancelled (A11); it keeps its facts, but its snapshot has none. */
  readonly cancelled: boolean;
  readonly mode?: Mode;
  readonly facility?: EncounterSnapshot['facility'];
  readonly patient: SnapshotPatient;
  readonly visit: VisitFields;
  readonly people: People;
  readonly event?: SnapshotEvent;
  /** The start is only when the first message said something. */
  readonly startDefaulted: boolean;
  readonly facts: readonly StoredFact[];
  readonly feeds: readonly string[];
}
