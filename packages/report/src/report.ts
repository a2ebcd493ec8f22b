import type { CodedPlace, Identifier, Mode, SnapshotCondition, SnapshotObservation, SnapshotProcedure, TriState } from '@zhida/core';

/** A report is never withdrawn: what follows the first one corrects it, adds to it or says that it was in error. */
export type ReportKind = 'initial' | 'follow-up' | 'correction' | 'error-notice';
export type ErrorReason = 'wrong-patient' | 'duplicate' | 'entered-in-error' | 'new-findings';
export type ReportPriority = 'urgent' | 'routine';
export type ReportSource = 'prompt' | 'manual' | 'phone-first' | 'known-to-police' | 'paper' | 'retrospective';
export type AgeBand = '<1' | '1-3' | '4-6' | '7-13' | '14-15' | '16-17';

/** Which chain of reports this one belongs to; `id` is the id of the first report of the chain. */
export interface ReportChain {
  readonly id?: string;
  readonly sequence?: number;
  /** The report that a correction or an error-notice speaks of. */
  readonly replaces?: string | null;
}
export interface RelatedReport {
  readonly number?: string;
  readonly relation?: 'same-child' | 'sibling' | 'same-event';
}
export interface PackVersion {
  readonly id?: string;
  readonly version?: string;
}
/** What made the software ask. Only the procuratorate sees it: a rule id is not evidence. */
export interface ReportTrigger {
  readonly promptId?: string | null;
  readonly encounterId?: string;
  readonly revision?: number;
  readonly inputSha256?: string;
  readonly level?: 'red' | 'orange' | 'yellow' | 'none';
  readonly ruleIds?: readonly string[];
  /** `overlay`: digest of the hospital's own choices over the pack, where it has any. */
  readonly rulePack?: { readonly id?: string; readonly version?: string; readonly digest?: string; readonly overlay?: string };
}
export interface ReportFacility {
  /** GB 32100 code, or another code under `codeSystem`. */
  readonly code?: string;
  readonly codeSystem?: string;
  readonly name?: string;
  /** 22-digit 医疗机构登记号. */
  readonly registrationNumber?: string;
  readonly regionCode?: string;
  readonly address?: string;
  readonly dutyContact?: { readonly title?: string; readonly phone?: string };
}
/** Who pressed. The person's name is in `sealed` or in the press ticket, never in plain fields of the report. */
export interface ReportReporter {
  readonly mode?: 'unit' | 'person';
  readonly identityBasis?: 'login' | 'typed' | 'card';
  readonly sealed?: string;
  readonly threatened?: boolean;
  /** Text sealed by the gateway to the procuratorate's key alone. */
  readonly interference?: string | null;
}
export interface ReportPatient {
  readonly name?: string;
  /** Code of {@link CODE_SYSTEMS}.sex; anything else travels as text, with an issue. */
  readonly sex?: string;
  /** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
  readonly birthDate?: string;
  readonly statedAge?: string;
  readonly ageBasis?: 'document' | 'stated' | 'estimated';
  readonly ageBand?: AgeBand;
  readonly identifiers?: readonly Identifier[];
  readonly nationality?: string;
  readonly ethnicity?: string;
  readonly address?: CodedPlace;
  readonly registeredAddress?: CodedPlace;
  readonly phone?: string;
  readonly school?: { readonly name?: string; readonly grade?: string };
  readonly disability?: readonly string[];
  readonly communication?: readonly string[];
  readonly maritalStatus?: string;
}
export interface Whereabouts {
  readonly status?: 'in-facility' | 'left' | 'transferred' | 'deceased' | 'unknown';
  readonly place?: string;
  readonly since?: string;
  readonly destination?: string;
  readonly withWhom?: string;
  readonly expectedLeaveAt?: string | null;
}
export interface Companion {
  /** GB/T 4761 code or the words used. */
  readonly relationship?: string;
  readonly name?: string;
  readonly phone?: string;
  readonly isGuardian?: TriState;
  readonly mayBeInvolved?: TriState;
  readonly attitude?: 'cooperative' | 'refuses' | 'asks-not-to-report' | 'unknown';
}
export interface Guardian {
  readonly relationship?: string;
  readonly name?: string;
  readonly phone?: string;
}
/** How to reach the child's side without warning the wrong person; it goes wherever a name goes. */
export interface ContactPlan {
  readonly safeContact?: Guardian;
  readonly doNotContact?: readonly { readonly phone?: string; readonly reason?: string }[];
  readonly approach?: readonly string[];
}
/** What somebody said, in their own words. */
export interface Quotation {
  readonly speaker?: 'child' | 'companion' | 'other';
  readonly verbatim?: string;
  readonly at?: string;
  readonly prompted?: boolean;
}
export interface SuspectedEvent {
  readonly occurredAt?: string;
  readonly place?: {
    readonly text?: string;
    readonly regionCode?: string;
    readonly kind?: 'home' | 'school' | 'online' | 'work' | 'public' | 'unknown';
  };
  readonly repeated?: TriState;
  readonly mechanismStated?: string;
  readonly mechanismFits?: TriState;
  readonly careDelayed?: TriState;
  readonly schoolRelated?: TriState;
}
export interface Suspicion {
  /** `opinion-2020:4.1` to `4.9`. */
  readonly situations?: readonly string[];
  readonly localSituations?: readonly string[];
  readonly harmTypes?: readonly string[];
  /** What was seen, apart from what was said (`statements`) and what is concluded (`inference`). */
  readonly observed?: string;
  readonly statements?: readonly Quotation[];
  readonly inference?: string;
  readonly event?: SuspectedEvent;
}
export interface Injury {
  readonly site?: string;
  readonly side?: string;
  readonly kind?: string;
  readonly size?: string;
  readonly ageOfInjury?: string;
  readonly pattern?: string;
}
export interface Pregnancy {
  readonly gestationalAgeDays?: number | null;
  readonly conceptionFrom?: string;
  readonly conceptionTo?: string;
  readonly conceivedBefore14?: TriState;
  readonly outcome?: string;
}
export interface Clinical {
  readonly conditions?: readonly SnapshotCondition[];
  readonly injuries?: readonly Injury[];
  readonly observations?: readonly SnapshotObservation[];
  readonly procedures?: readonly SnapshotProcedure[];
  readonly plannedProcedureAt?: string | null;
  readonly pregnancy?: Pregnancy;
  readonly severity?: 'mild' | 'moderate' | 'severe' | 'critical';
  readonly outcome?: 'alive' | 'critical' | 'dead';
}
/** 可能涉事的人. */
export interface AllegedPerson {
  readonly known?: TriState;
  readonly name?: string;
  readonly relationship?: string;
  readonly sex?: string;
  readonly statedAge?: string;
  readonly address?: string;
  readonly phone?: string;
  readonly accessToChild?: TriState;
  readonly specialDuty?: 'none' | 'guardian' | 'teacher' | 'medical' | 'official' | 'employer' | 'unknown';
}
export interface Safety {
  readonly immediateDanger?: TriState;
  readonly safeToGoHome?: TriState;
  readonly otherChildrenAtRisk?: { readonly count?: number | null; readonly note?: string };
}
export interface EvidenceItem {
  readonly kind?: string;
  readonly status?: 'kept' | 'handed-over' | 'at-risk' | 'unavailable';
  readonly collectedAt?: string;
  readonly place?: string;
  readonly sealNumber?: string;
  readonly hash?: string;
  readonly volatileUntil?: string;
  readonly handedTo?: string;
}
/** A telephone call made about this child; it quietens the pager and closes no delivery. */
export interface ReportCall {
  readonly number?: string;
  readonly at?: string;
  readonly answeredBy?: string;
  /** 警情编号. */
  readonly incidentNumber?: string;
  readonly outcome?: 'answered' | 'no-answer' | 'transferred';
}
export interface KnownToPolice {
  readonly by?: 'brought' | '110' | 'other-hospital' | 'school';
  readonly officer?: string;
  readonly incidentNumber?: string;
  readonly at?: string;
}
export interface ReportAttachment {
  readonly id?: string;
  readonly contentType?: string;
  readonly sha256?: string;
}
/** An issue as it travels: `code` stays open, so that a newer gateway's codes pass an older relay. */
export interface ReportIssue {
  readonly code: string;
  readonly severity: 'information' | 'warning' | 'error';
  readonly at: string;
}

/**
 * A report of schema 1. Only the first six members are required; tri-states are `yes|no|unknown`, where `unknown` is an
 * answer and an absent or `null` member was not asked. Times are RFC 3339 with offset.
 */
export interface Report {
  readonly schemaVersion: '1';
  readonly reportId: string;
  readonly mode: Mode;
  readonly kind: ReportKind;
  readonly createdAt: string;
  readonly facility: ReportFacility;
  readonly number?: string;
  readonly exerciseId?: string | null;
  readonly errorReason?: ErrorReason | null;
  readonly chain?: ReportChain;
  readonly relatedReports?: readonly RelatedReport[];
  readonly eventId?: string | null;
  readonly priority?: ReportPriority;
  readonly discoveredAt?: string | null;
  readonly source?: ReportSource;
  readonly clockOffsetMs?: number;
  readonly profile?: PackVersion;
  readonly trigger?: ReportTrigger;
  readonly department?: string;
  readonly reporter?: ReportReporter;
  readonly patient?: ReportPatient;
  readonly whereabouts?: Whereabouts;
  readonly companions?: readonly Companion[];
  readonly guardians?: readonly Guardian[];
  readonly contactPlan?: ContactPlan;
  readonly suspicion?: Suspicion;
  readonly clinical?: Clinical;
  readonly allegedPersons?: readonly AllegedPerson[];
  readonly conflictOfInterest?: readonly string[];
  readonly safety?: Safety;
  readonly needs?: readonly string[];
  readonly childWishes?: string;
  readonly guardianInformed?: 'yes' | 'no' | 'defer-to-police';
  readonly evidence?: readonly EvidenceItem[];
  readonly calls?: readonly ReportCall[];
  readonly knownToPolice?: KnownToPolice;
  readonly attachments?: readonly ReportAttachment[];
  readonly paper?: { readonly number?: string; readonly sealed?: boolean };
  readonly issues?: readonly ReportIssue[];
}
