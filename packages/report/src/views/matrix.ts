import type { Coarsening } from './coarsen.js';

/**
 * What one kind of recipient sees of a row.
 *
 * `Y` always · `–` never · `C` if the child's guardianship is in question, else as `R` · `R` apart, for a named officer with
 * a reason · `G` after the police have released the case to this kind, without a conflict of interest · `K` coarsened.
 */
export type ViewCell = 'Y' | '–' | 'C' | 'R' | 'G' | `K ${Coarsening}` | `G ${Coarsening}` | `C, else K ${Coarsening}` | 'R (4.6–4.8: Y)';

type Cells = readonly [
  police: ViewCell,
  civilAffairs: ViewCell,
  procuratorate: ViewCell,
  healthCommission: ViewCell,
  education: ViewCell,
  womensFederation: ViewCell,
  socialWorkStation: ViewCell,
  comprehensiveGovernanceCentre: ViewCell,
];

/** One row: paths of the report, and who sees them. */
export interface ViewRow {
  /** A path stands for all that lies below it, except what a longer path of another row takes. */
  readonly paths: readonly string[];
  /** The restricted group these paths go to where a cell says `R`. */
  readonly group: string;
  /** In the order of `RECIPIENT_KINDS`. */
  readonly cells: Cells;
}

const row = (group: string, paths: string, ...cells: Cells): ViewRow => ({ group, paths: paths.split(' '), cells });

/**
 * The one table of who sees what (report schema 1, e4). It is an allow-list: a path in no row is seen by nobody. A row of
 * the specification that has several codes in one cell is several rows here.
 *
 * Two members differ from the specification's `Y`: `createdAt` is cut to the day for the health commission and for everyone
 * behind a release, because the number names hospital and day, and together with an hour that is a shift of a few people
 * (INV-10). `notice`, `incidentNumbers`, `guardianshipConcern`, `authDegraded`, `unread` and `reporterIdentity` are not
 * members of the report; the rendering adds them.
 */
export const VIEW_MATRIX: readonly ViewRow[] = [
  //                                                          P    M    J    H    E    W    S    Z
  row('header', 'notice mode schemaVersion reportId number', 'Y', 'Y', 'Y', 'Y', 'G', 'G', 'G', 'G'),
  row('header', 'exerciseId kind errorReason chain priority profile', 'Y', 'Y', 'Y', 'Y', 'G', 'G', 'G', 'G'),
  row('header', 'createdAt', 'Y', 'Y', 'Y', 'K date', 'G date', 'G date', 'G date', 'G date'),
  row('incident', 'incidentNumbers', 'Y', '–', '–', '–', '–', '–', '–', '–'),
  row('concern', 'guardianshipConcern', 'Y', 'Y', 'Y', '–', '–', '–', '–', '–'),
  row('press', 'authDegraded', 'Y', '–', 'Y', '–', '–', '–', '–', '–'),
  row('unread', 'unread', 'R', '–', '–', '–', '–', '–', '–', '–'),
  row('discovery', 'discoveredAt', 'Y', '–', 'Y', 'K date', '–', '–', '–', '–'),
  row('discovery', 'source clockOffsetMs eventId', 'Y', '–', 'Y', '–', '–', '–', '–', '–'),
  row('discovery', 'relatedReports', 'Y', 'Y', 'Y', '–', '–', '–', '–', '–'),
  row('trigger', 'trigger', '–', '–', 'Y', '–', '–', '–', '–', '–'),
  row('facility', 'facility', 'Y', 'Y', 'Y', 'Y', '–', '–', '–', '–'),
  row('reporter', 'reporter.sealed reporter.mode reporter.identityBasis reporterIdentity', 'R', '–', '–', '–', '–', '–', '–', '–'),
  row('reporter', 'reporter.interference', '–', '–', 'Y', '–', '–', '–', '–', '–'),
  row('reporter', 'reporter.threatened conflictOfInterest', 'Y', '–', 'Y', '–', '–', '–', '–', '–'),
  row('patient', 'patient.name', 'Y', 'C', 'R', '–', 'G', 'G', 'G', '–'),
  row('patient', 'patient.sex patient.ageBand', 'Y', 'Y', 'Y', 'Y', 'G', 'G', 'G', 'G'),
  row('patient', 'patient.birthDate patient.statedAge patient.ageBasis', 'Y', 'C', 'R', '–', '–', '–', '–', '–'),
  row('patient', 'patient.identifiers patient.phone patient.nationality', 'Y', 'C', 'R', '–', '–', '–', '–', '–'),
  row('patient', 'patient.ethnicity patient.registeredAddress patient.maritalStatus', 'Y', 'C', 'R', '–', '–', '–', '–', '–'),
  row('patient', 'patient.address', 'Y', 'C, else K 9-digit', 'K 6-digit', 'K 6-digit', '–', 'G 9-digit', 'G', 'G 9-digit'),
  row('school', 'patient.school suspicion.event.schoolRelated', 'Y', 'C', 'K yes/no', '–', 'G', '–', '–', '–'),
  row('safety', 'patient.disability patient.communication safety', 'Y', 'Y', 'Y', '–', '–', 'G', 'G', '–'),
  row('whereabouts', 'whereabouts.status', 'Y', 'Y', 'Y', '–', '–', '–', 'G', '–'),
  row('whereabouts', 'whereabouts', 'Y', 'C', 'R', '–', '–', '–', '–', '–'),
  row('companions', 'companions guardians', 'Y', 'C', 'K relationship, attitude', '–', '–', '–', '–', '–'),
  // In the group of the name, so that whoever opens a name reads first whom not to call.
  row('patient', 'contactPlan', 'Y', 'C', 'R', '–', 'G', 'G', 'G', '–'),
  row('suspicion', 'suspicion.situations', 'Y', 'Y', 'Y', 'K group', '–', 'G group', 'G group', '–'),
  row('suspicion', 'suspicion.localSituations', 'Y', 'Y', 'Y', 'K group', '–', 'G group', 'G group', '–'),
  row('suspicion', 'suspicion.harmTypes', 'Y', 'K sexual as 人身', 'Y', 'K group', '–', '–', '–', '–'),
  row('observed', 'suspicion.observed', 'Y', 'R (4.6–4.8: Y)', 'R', '–', '–', '–', '–', '–'),
  row('statements', 'suspicion.statements suspicion.inference', 'Y', '–', 'R', '–', '–', '–', '–', '–'),
  row('clinical', 'clinical', 'Y', '–', 'R', '–', '–', '–', '–', '–'),
  row('paper', 'paper', 'Y', '–', 'R', '–', '–', '–', '–', '–'),
  row('department', 'department', 'Y', '–', '–', '–', '–', '–', '–', '–'),
  row('event', 'suspicion.event', 'Y', '–', 'K month, 6-digit, kind', '–', '–', '–', '–', '–'),
  row('clinical', 'clinical.severity clinical.outcome', 'Y', 'Y', 'Y', 'Y', '–', '–', '–', '–'),
  row('clinical', 'clinical.pregnancy.conceivedBefore14', 'Y', '–', 'Y', '–', '–', '–', '–', '–'),
  row('alleged', 'allegedPersons', 'Y', 'K relationship, accessToChild', 'K relationship, specialDuty', '–', '–', '–', '–', '–'),
  row('needs', 'needs', 'Y', 'Y', 'Y', '–', 'G education-support', 'G', 'G', 'G yes/no'),
  row('wishes', 'childWishes guardianInformed', 'Y', 'C', '–', '–', '–', '–', 'G', '–'),
  row('evidence', 'evidence', 'Y', '–', 'K kind, status, volatileUntil', '–', '–', '–', '–', '–'),
  row('calls', 'calls knownToPolice', 'Y', 'K incidentNumber', 'Y', '–', '–', '–', '–', '–'),
  row('attachments', 'attachments', 'Y', '–', 'R', '–', '–', '–', '–', '–'),
  row('issues', 'issues', 'Y', '–', 'Y', '–', '–', '–', '–', '–'),
];
