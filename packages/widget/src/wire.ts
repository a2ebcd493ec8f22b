import type { Sex } from '@zhida/core';
import type { PhoneTemplate, Report } from '@zhida/report';

/** A report as far as the gateway can fill it; the page adds what a person says and when it was pressed. */
export type Prefill = Omit<Partial<Report>, 'reportId' | 'createdAt' | 'number'>;

export interface Recipient {
  readonly kind: string;
  readonly name: string;
  /** Where a person answers; empty when the profile knows none. */
  readonly phone: string;
}

/** Who sits at the screen, as the HIS's own sign-in says. */
export interface Operator {
  readonly name: string;
  readonly role: string;
}

/** What a press needs, whether a prompt or the person herself began it. */
export interface PressCase {
  readonly mode: 'production' | 'exercise' | 'test';
  /** The idempotency key of this person's press. */
  readonly pressId: string;
  /** The press ticket: the credential of this one press. */
  readonly ticket: string;
  readonly prefill: Prefill;
  readonly recipients: readonly Recipient[];
  readonly dutyContact: { readonly title: string; readonly phone: string };
  /** The hospital's security office (保卫科), where its number is configured. */
  readonly securityContact?: { readonly phone: string } | null;
  readonly operator: Operator;
  /** What can be said on the telephone of the case as it is prefilled. */
  readonly phone: PhoneTemplate;
  readonly patient: { readonly id: string; readonly maskedName: string; readonly sex: Sex; readonly ageText: string };
  readonly encounter: { readonly id: string; readonly revision: number; readonly visitNumber: string; readonly location: string };
}

export interface EvidenceLine {
  readonly label: string;
  readonly value: string;
  readonly source: string;
  readonly at: string;
}

export interface LegalSentence {
  readonly id: string;
  readonly text: string;
  /** Said by the gateway of a sentence that its legal pack has verified; any other is never rendered (INV-17). */
  readonly verified?: boolean;
}

export interface Reason {
  readonly ruleId: string;
  readonly family: string;
  readonly questionSet: string;
  readonly found: string;
  readonly why: string;
  readonly doNow: string;
  readonly preserve: readonly { readonly text: string; readonly deadlineHours: number }[];
  readonly legalSentences: readonly LegalSentence[];
  readonly evidence: readonly EvidenceLine[];
}

/** One question of an orange prompt; 异常 is the answer that speaks for a report. */
export interface Question {
  readonly id: string;
  readonly text: string;
  /** What 正常 says to it. */
  readonly normal: string;
  /** What 异常 says to it. */
  readonly abnormal: string;
  /** What 异常 adds to 看到了什么; empty where the report has a field for it. */
  readonly line: string;
}

export interface QuestionSet {
  readonly id: string;
  readonly questions: readonly Question[];
}

export type QuestionAnswer = 'normal' | 'abnormal';

/** What this clinician has answered so far; a question that is not there was not asked. */
export interface GivenAnswers {
  readonly savedAt: string;
  readonly answers: Readonly<Record<string, QuestionAnswer | undefined>>;
}

/** Whom one may ask before deciding. */
export interface Adviser {
  readonly kind: 'safeguarding' | 'senior-hospital' | 'procuratorate';
  readonly name: string;
  readonly phone: string;
}

/** What is to be kept: a code of the report's kinds of evidence, and until when it is of use. */
export interface ToKeep {
  readonly kind: string;
  readonly volatileUntil: string;
}

export type PromptState = 'shown' | 'opened' | 'deferred' | 'reported' | 'decided' | 'expired' | 'closed';

/** What a person had filled in and put aside; only the account that wrote it gets it back. */
export interface Draft {
  readonly savedAt: string;
  readonly form: unknown;
}

/** A prompt as the gateway tells it to one clinician. */
export interface Prompt extends PressCase {
  readonly schemaVersion: '1';
  readonly id: string;
  readonly version: number;
  readonly state: PromptState;
  readonly level: 'red' | 'orange';
  readonly statutory: boolean;
  readonly occurrence: number;
  readonly deferrals: number;
  /** When a deferred prompt is shown again. */
  readonly dueAt: string | null;
  readonly reasons: readonly Reason[];
  readonly questionSets: readonly QuestionSet[];
  readonly answers: GivenAnswers | null;
  readonly advisers: readonly Adviser[];
  /** Made from this prompt by whomever; `addable` is a colleague's of this visit. */
  readonly reports: readonly { readonly number: string; readonly at: string; readonly addable?: boolean }[];
  /** Since when the relay refuses what was pressed, while nothing of it stands: it is to be pressed again. */
  readonly refusedAt?: string | null;
  /** The result came when the child had left already. */
  readonly leftBeforeResult?: boolean;
  /** How the child has left, while nobody has said so to an open report, or of a red nobody has answered. */
  readonly leftAs?: 'left' | 'transferred' | 'deceased' | null;
  /** What an order puts at risk, while nobody has said whether it is kept. */
  readonly toKeep?: readonly ToKeep[];
  /** When its source took back what was reported. */
  readonly correctedAt?: string | null;
  readonly decisionCodes: readonly string[];
  /** The law that protects a reporter's name is among the verified sentences. */
  readonly reporterProtected: boolean;
  readonly draft: Draft | null;
}

export type DeliveryState = 'open' | 'attested' | 'stored' | 'accepted';

export interface StatusLine {
  readonly deliveryId: string;
  readonly recipient: { readonly kind: string; readonly name: { readonly zh: string; readonly en: string } };
  readonly state: DeliveryState;
  readonly storedAt: string | null;
  readonly acceptedAt: string | null;
  readonly attestedAt?: string | null;
  readonly agencyNumber: string | null;
}

export interface LoggedCall {
  readonly callId: string;
  readonly outcome: CallOutcome;
  readonly at: string;
}

/** How a report stands, as the relay tells; `held` comes from the gateway while the relay has not taken it. */
export interface ReportStatus {
  readonly headline: 'held' | 'submitted' | 'attested' | 'stored' | 'accepted';
  /** What the relay answered (`status-401`) while it refuses a held press. */
  readonly refused?: string;
  readonly reportId?: string;
  readonly number?: string;
  readonly createdAt?: string;
  readonly lines: readonly StatusLine[];
  readonly calls?: readonly LoggedCall[];
}

export type CallOutcome = 'answered' | 'no-answer';

/** A telephone call about a report; it is logged beside it and closes nothing (INV-5). */
export interface Call {
  readonly callId: string;
  readonly number: string;
  readonly at: string;
  readonly outcome: CallOutcome;
  readonly answeredBy: string;
  readonly incidentNumber: string;
}
