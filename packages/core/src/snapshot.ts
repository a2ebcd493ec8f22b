import type {
  Arrival,
  Certainty,
  ConditionRole,
  Disposition,
  EncounterClass,
  EventKind,
  FactStatus,
  Mode,
  NoteSection,
  Sex,
} from './codes.js';

export interface CodedPlace {
  readonly text?: string;
  readonly regionCode?: string;
}
export interface Identifier {
  readonly system: string;
  readonly value: string;
}
export interface PersonContact {
  readonly relationship?: string;
  readonly name?: string;
  readonly phone?: string;
}
export interface SnapshotPatient {
  readonly id?: string;
  readonly name?: string;
  readonly sex?: Sex;
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  readonly birthDate?: string;
  readonly statedAge?: string;
  readonly identityVerified?: boolean;
  readonly maritalStatus?: string;
  readonly deceasedAt?: string | null;
  readonly disability?: readonly string[];
  readonly identifiers?: readonly Identifier[];
  readonly address?: CodedPlace;
  readonly registeredAddress?: CodedPlace;
  readonly phone?: string;
  readonly school?: string;
  readonly nationality?: string;
  readonly ethnicity?: string;
}
export interface SnapshotNote {
  readonly section: NoteSection;
  readonly text: string;
  readonly at?: string;
  readonly author?: string;
}
export interface SnapshotCondition {
  readonly code?: string;
  readonly system?: string;
  readonly text?: string;
  readonly role?: ConditionRole;
  readonly certainty?: Certainty;
  readonly status?: FactStatus;
}
export interface SnapshotObservation {
  readonly code?: string;
  readonly system?: string;
  readonly name?: string;
  readonly value?: string | number | boolean | null;
  readonly unit?: string | null;
  readonly interpretation?: string;
  readonly specimen?: string;
  readonly performer?: string;
  readonly status?: FactStatus;
  readonly at?: string;
}
export interface SnapshotProcedure {
  readonly code?: string;
  readonly system?: string;
  readonly text?: string;
  readonly at?: string;
  readonly consentBy?: { readonly relationship?: string };
  readonly status?: FactStatus;
}
export interface SnapshotOrder {
  readonly code?: string;
  readonly text?: string;
  readonly status?: string;
  readonly at?: string;
}
export interface SnapshotMedication {
  readonly text?: string;
  readonly code?: string;
  readonly status?: string;
}
export interface SnapshotEvent {
  readonly kind: EventKind;
  readonly at?: string;
  readonly staffId?: string;
  readonly role?: string;
}
export interface Facility {
  readonly code?: string;
  readonly name?: string;
  readonly regionCode?: string;
}

/** One visit as the hospital knows it now: the neutral input of detection. Only `id` is required. */
export interface EncounterSnapshot {
  readonly schemaVersion?: '1';
  readonly id: string;
  readonly revision?: number;
  readonly mode?: Mode;
  readonly facility?: Facility;
  readonly department?: { readonly code?: string; readonly name?: string };
  readonly visitNumber?: string;
  readonly location?: string;
  readonly event?: SnapshotEvent;
  readonly class?: EncounterClass;
  readonly period?: { readonly start?: string; readonly end?: string };
  readonly arrival?: Arrival;
  readonly patient?: SnapshotPatient;
  /** `null`: recorded as alone. Absent: the feed does not carry it. */
  readonly companion?: PersonContact | null;
  readonly guardians?: readonly PersonContact[];
  /** Only in a newborn's own record. */
  readonly mother?: { readonly age?: number; readonly birthDate?: string };
  readonly notes?: readonly SnapshotNote[];
  readonly conditions?: readonly SnapshotCondition[];
  readonly observations?: readonly SnapshotObservation[];
  readonly procedures?: readonly SnapshotProcedure[];
  readonly orders?: readonly SnapshotOrder[];
  readonly medications?: readonly SnapshotMedication[];
  readonly disposition?: Disposition;
  /** Earlier visits, newest last; any part of a snapshot but `history`, the patient as recorded then. */
  readonly history?: readonly PastEncounter[];
  /** What this feed can carry, so that "absent" is not read as "nothing there". */
  readonly feedsPresent?: readonly string[];
}

export interface PastEncounter extends Omit<EncounterSnapshot, 'id' | 'history'> {
  readonly id?: string;
  readonly start?: string;
  readonly summary?: string;
  readonly reportId?: string | null;
}
