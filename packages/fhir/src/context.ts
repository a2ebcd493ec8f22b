import type {
  IssueLog,
  SnapshotCondition,
  SnapshotMedication,
  SnapshotNote,
  SnapshotObservation,
  SnapshotOrder,
  SnapshotProcedure,
} from '@zhida/core';
import type { BundleEntry } from './bundle/entries.js';
import type { References } from './bundle/references.js';

/** What every reader of a resource may look at. */
export interface Context {
  readonly references: References;
  readonly log: IssueLog;
  /** Names of identifier systems by URI. */
  readonly identifierSystems: ReadonlyMap<string, string>;
}

/** What one resource adds to the visit it belongs to. */
export interface Contribution {
  readonly notes?: readonly SnapshotNote[];
  readonly conditions?: readonly SnapshotCondition[];
  readonly observations?: readonly SnapshotObservation[];
  readonly procedures?: readonly SnapshotProcedure[];
  readonly orders?: readonly SnapshotOrder[];
  readonly medications?: readonly SnapshotMedication[];
}

/** One Encounter of the bundle and what is known of it before its facts are read. */
export interface Visit {
  readonly entry: BundleEntry;
  readonly patient: BundleEntry | undefined;
  /** Equal for visits of one patient, also where the Patient resource is not in the bundle. */
  readonly patientKey: string | undefined;
  readonly startMs: number | undefined;
  readonly endMs: number | undefined;
  /** Diagnoses the Encounter itself names, with the part they play in it. */
  readonly diagnoses: ReadonlyMap<BundleEntry, SnapshotCondition['role']>;
}
