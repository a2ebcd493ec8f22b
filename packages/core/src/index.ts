export { aboutError, stackFrames } from './about-error.js';
export {
  type Age,
  type AgeBounds,
  ageBounds,
  ageOn,
  completedDays,
  completedMonths,
  completedYears,
  earliestBirth,
  isNobodysBirth,
  latestBirth,
} from './age.js';
export { bytesOfBase64 } from './base64.js';
export {
  type CalendarDate,
  type PartialDate,
  addDays,
  compareDates,
  dayNumber,
  daysBetween,
  daysInMonth,
  formatPartialDate,
  isCompleteDate,
  parsePartialDate,
} from './calendar.js';
export { JSON_DEPTH_MAX, type Json, canonicalBytes, canonicalJson } from './canonical-json.js';
export { type Clock, isoNow, systemClock } from './clock.js';
export {
  ARRIVALS,
  CERTAINTIES,
  CONDITION_ROLES,
  DISPOSITIONS,
  ENCOUNTER_CLASSES,
  EVENT_KINDS,
  FACT_STATUSES,
  MODES,
  NOTE_SECTIONS,
  SEXES,
  TRI_STATES,
} from './codes.js';
export type {
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
  TriState,
} from './codes.js';
export { type Defined, compact, orNone } from './compact.js';
export { ERROR_CODES } from './error-codes.js';
export { type Remedy, ZhidaError, type ZhidaErrorCode, isErrorCode, isZhidaError } from './errors.js';
export {
  type Exercise,
  type ExercisePatient,
  type ExerciseStage,
  type NamedPatient,
  assertPlanned,
  checkExercises,
  exerciseStage,
  isExercisePatient,
} from './exercise.js';
export { fingerprint } from './fingerprint.js';
export { type Html, escapeHtml, html, type HtmlValue } from './html.js';
export { type ResidentIdCheck, checkResidentId, checkUscc } from './identifiers.js';
export { ID_PREFIXES, type IdPrefix, createId, isId } from './ids.js';
export { assertNever, invariant } from './invariant.js';
export { isRecord } from './is-record.js';
export type { Issue, IssueCode } from './issue.js';
export { type IssueLog, createIssueLog } from './issue-log.js';
export { stepsOfPointer } from './json-pointer.js';
export {
  type LegalCalendar,
  type LegalCalendarYear,
  type LegalDeadline,
  type ServiceHours,
  afterServiceMinutes,
  isWorkingDay,
  legalDeadline,
  yearsNotKnown,
} from './legal-calendar.js';
export { NOTE_SECTION_BY_LOINC } from './note-sections.js';
export { SNAPSHOT_LIMITS } from './read/reading.js';
export { isNotDone } from './not-done.js';
export { pastEncounterOf } from './past-encounter.js';
export { asPortTaken } from './port-taken.js';
export { type Problem, problemOf } from './problem.js';
export { type SnapshotReading, readSnapshot } from './read/snapshot.js';
export { RECIPIENT_KINDS, RELEASE_KINDS, type RecipientKind, type ReleaseKind, isReleaseKind } from './recipient-kind.js';
export type {
  CodedPlace,
  EncounterSnapshot,
  Facility,
  Identifier,
  PastEncounter,
  PersonContact,
  SnapshotCondition,
  SnapshotEvent,
  SnapshotMedication,
  SnapshotNote,
  SnapshotObservation,
  SnapshotOrder,
  SnapshotPatient,
  SnapshotProcedure,
} from './snapshot.js';
export { type ScreenLocale, pickScreenLocale, screenLocaleOf } from './screen-locale.js';
export { type StatedAge, parseStatedAge } from './stated-age.js';
export { table } from './table.js';
export { type TextCharset, attachedText, charsetOfText, decodeText } from './text-charset.js';
export { DEFAULT_ZONE, hasOffset, localDate, parseInstant, zoneOffsetMs } from './time.js';
export { isWellFormed, wellFormed } from './well-formed.js';
export { wordFor } from './word-for.js';
