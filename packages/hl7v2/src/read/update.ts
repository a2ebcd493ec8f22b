import type {
  EncounterSnapshot,
  Mode,
  SnapshotCondition,
  SnapshotEvent,
  SnapshotMedication,
  SnapshotNote,
  SnapshotObservation,
  SnapshotOrder,
  SnapshotPatient,
  SnapshotProcedure,
} from '@zhida/core';
import type { Patch } from './patient.js';
import type { People } from './people.js';
import type { Effect } from './trigger.js';
import type { VisitFields } from './visit.js';

/** The lists of a snapshot that messages fill fact by fact. */
export interface FactLists {
  readonly notes: SnapshotNote;
  readonly conditions: SnapshotCondition;
  readonly observations: SnapshotObservation;
  readonly procedures: SnapshotProcedure;
  readonly orders: SnapshotOrder;
  readonly medications: SnapshotMedication;
}
export type FactList = keyof FactLists;
export type FactValue = FactLists[FactList];

/** One fact a message tells, under a key by which a later message corrects it. */
export interface FactChange {
  readonly list: FactList;
  readonly key: string;
  /**
   * `set` puts it in the place of what had its key; `merge` adds its fields to that; `withdraw` keeps it, marked as entered
   * in error; `remove` takes it away.
   */
  readonly act: 'set' | 'merge' | 'withdraw' | 'remove';
  readonly value: FactValue;
  /** The fact or document it belongs to: a comment goes with its result. */
  readonly parent?: string;
  /** Not final yet: it does not stand in for a final one that came earlier. */
  readonly preliminary?: boolean;
  /** The sender says it stands in for a wrong one. */
  readonly corrects?: boolean;
  /** Where in the message it is. */
  readonly at: string;
}

/** A visit by the number it had, of the patient it had. */
export interface PriorVisit {
  /** Empty where the message names none. */
  readonly keys: readonly string[];
  /** Where it is named, and where its new number is: `MRG-5`, `PV1-19`. */
  readonly at: string;
  readonly toAt: string;
}

/** What one message says of one patient's visit. */
export interface VisitUpdate {
  readonly effect: Effect;
  readonly undoesDischarge: boolean;
  readonly facilityKey: string;
  readonly patientNumber: string | undefined;
  readonly patientKey: string | undefined;
  /** Keys the patient is no longer known under (MRG). */
  readonly retiredKeys: readonly string[];
  /** The visit a `move-visit` speaks of, by what it was known under before. */
  readonly prior?: PriorVisit | undefined;
  readonly visitNumber: string | undefined;
  /** Names the visit; absent where only the patient is known and the visit has to be found among the patient's. */
  readonly visitKey: string | undefined;
  readonly mode: Mode | undefined;
  readonly facility: EncounterSnapshot['facility'];
  readonly patient: Patch<SnapshotPatient>;
  readonly visit: Patch<VisitFields>;
  readonly people: People;
  readonly event: SnapshotEvent | undefined;
  /** PID-30 says dead. */
  readonly dead: boolean;
  /** When it happened, for a visit whose start nobody tells: the specimen, the event, the message. */
  readonly occurredAt: string | undefined;
  readonly facts: readonly FactChange[];
  /** Documents whose facts this message takes the place of. */
  readonly clears: readonly string[];
  readonly feeds: readonly string[];
}
