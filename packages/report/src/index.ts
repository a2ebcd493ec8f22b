export { RECIPIENT_KINDS, RELEASE_KINDS, type RecipientKind, type ReleaseKind, isReleaseKind } from '@zhida/core';
export { ageBand, ageBandOf, ageInYears } from './age-band.js';
export { type NextReport, nextInChain, priorityOf } from './chain.js';
export { CODED_FIELDS, CODE_SYSTEMS, type CodeSystemName } from './codes/coded-fields.js';
export { CONFLICTS } from './codes/findings.js';
export { type CodeEntry, type CodeSystem, displayOf, findCode } from './codes/code-system.js';
export type { RelationshipEntry } from './codes/relationships.js';
export type { HarmEntry, HarmGroup, SituationEntry } from './codes/situations.js';
export { wholeDayClock } from './day-clock.js';
export { type PhoneScriptOptions, phoneScript, phoneTemplate } from './forms/phone-script.js';
export { type PhoneAnswers, type PhoneTemplate, sayByPhone } from './forms/say-by-phone.js';
export { renderCsv } from './forms/render-csv.js';
export { type FormOptions, renderForm } from './forms/render-form.js';
export { guardianshipConcern } from './guardianship-concern.js';
export type { ReportDefaults } from './read/fill-minimum.js';
export { type ReportReading, readReport } from './read/read-report.js';
export { formatPaperNumber, type PaperNumber, parsePaperNumber } from './paper-number.js';
export { type ReportNumber, checkReportNumber, formatReportNumber, parseReportNumber } from './report-number.js';
export type {
  AgeBand,
  AllegedPerson,
  Clinical,
  Companion,
  ContactPlan,
  ErrorReason,
  EvidenceItem,
  Guardian,
  Injury,
  KnownToPolice,
  PackVersion,
  Pregnancy,
  RelatedReport,
  Report,
  ReportAttachment,
  ReportCall,
  ReportChain,
  ReportFacility,
  ReportIssue,
  ReportKind,
  ReportPatient,
  ReportPriority,
  ReportReporter,
  ReportSource,
  ReportTrigger,
  Safety,
  Quotation,
  SuspectedEvent,
  Suspicion,
  Whereabouts,
} from './report.js';
export { type SchemaNode, leafPaths } from './schema/node.js';
export { reportSchema } from './schema/report-schema.js';
export type { Coarsening } from './views/coarsen.js';
export { VIEW_MATRIX, type ViewCell, type ViewRow } from './views/matrix.js';
export { MODE_NOTICES, type RenderedView, type ViewContext, renderView, rowOf } from './views/render-view.js';
