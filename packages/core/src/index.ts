export { type Json, canonicalBytes, canonicalJson } from './canonical-json.js';
export { type Clock, isoNow, systemClock } from './clock.js';
export { ERROR_CODES, type Remedy, ZhidaError, type ZhidaErrorCode, isZhidaError } from './errors.js';
export { ID_PREFIXES, type IdPrefix, createId, isId } from './ids.js';
export { assertNever, invariant } from './invariant.js';
export type { Issue, IssueCode } from './issue.js';
export { type Problem, problemOf } from './problem.js';
export type {
  Arrival,
  CodedPlace,
  Disposition,
  EncounterClass,
  EncounterSnapshot,
  Facility,
  FactStatus,
  Identifier,
  Mode,
  NoteSection,
  PastEncounter,
  PersonContact,
  Sex,
  SnapshotCondition,
  SnapshotEvent,
  SnapshotMedication,
  SnapshotNote,
  SnapshotObservation,
  SnapshotOrder,
  SnapshotPatient,
  SnapshotProcedure,
  TriState,
} from './snapshot.js';
