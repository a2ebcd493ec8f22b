import type { Whereabouts } from '@zhida/report';
import type { ColumnType, Generated } from 'kysely';
import type { FeedSchema } from './feeds/tables.js';

type BytesOrNull = ColumnType<Buffer | null, Uint8Array | null, Uint8Array | null>;
type Instant = ColumnType<Date, Date, Date>;
type InstantOrNull = ColumnType<Date | null, Date | null, Date | null>;

/**
 * A visit as last told. Snapshot and assessment are sealed under a key of their own and erased at `purge_at` when nobody
 * reported; what stands in the clear names nobody: both keys are keyed hashes, not the hospital's own numbers.
 */
export interface EncounterTable {
  facility: string;
  encounter_key: string;
  revision: number;
  mode: string;
  patient_key: string;
  level: string;
  rule_ids: string[];
  pack_digest: string;
  input_sha256: string;
  wrapped_key: BytesOrNull;
  sealed_snapshot: BytesOrNull;
  sealed_assessment: BytesOrNull;
  started_at: Instant;
  received_at: Instant;
  purge_at: Instant;
  purged_at: InstantOrNull;
}

export type WhereaboutsStatus = NonNullable<Whereabouts['status']>;
/** Not in the hospital any more. */
export type Gone = 'left' | 'transferred' | 'deceased';

export type PromptState = 'shown' | 'opened' | 'deferred' | 'reported' | 'decided' | 'expired' | 'closed';
export type PromptLevel = 'red' | 'orange';

/** One prompt per child and episode (the visits of one patient in one facility with gaps of at most 72 h). */
export interface PromptTable {
  id: string;
  facility: string;
  /** The visit that speaks for the prompt: the last one that gave it a reason. */
  encounter_key: string;
  patient_key: string;
  version: number;
  state: PromptState;
  level: PromptLevel;
  statutory: boolean;
  rule_ids: string[];
  pack_digest: string;
  /** Hash of rules, levels and evidence as they stand: what a decision was made on. */
  evidence_sha256: string;
  /** Accounts that caused a revision, and departments that treat: whom the prompt is for. Empty when no feed says so. */
  staff_ids: string[];
  departments: string[];
  /** Of a patient of an exercise's record. */
  exercise: boolean;
  occurrence: number;
  deferrals: number;
  due_at: InstantOrNull;
  /** When what a report was made on was taken back by its source (U33); null again when it stands once more. */
  corrected_at: InstantOrNull;
  /** Where the child's newest visit says the child is; null before any visit has told. */
  whereabouts: WhereaboutsStatus | null;
  /** When that visit began, and its key: an older one that speaks late does not move it. */
  whereabouts_at: InstantOrNull;
  whereabouts_key: string | null;
  /** S7: how the child has left, while nobody has said what became of it; null when nothing is asked. */
  left_as: Gone | null;
  /** S7: what was ordered that puts evidence at risk, while nobody has said whether it is kept; and since when. */
  keep_acts: string[];
  keep_at: InstantOrNull;
  /** Acts that were asked about before, each after the key of its visit. */
  acts_asked: string[];
  episode_first_at: Instant;
  episode_last_at: Instant;
  created_at: Instant;
  updated_at: Instant;
}

/** What each visit of an episode gives a prompt to say; a row without rules is a visit whose facts were corrected away. */
export interface PromptEncounterTable {
  prompt_id: string;
  facility: string;
  encounter_key: string;
  level: PromptLevel | 'none';
  statutory: boolean;
  rule_ids: string[];
  pack_digest: string;
  evidence_sha256: string;
  updated_at: Instant;
}

/** Everything that happened to a prompt, a press among it; with rules and digests as they stood, so that a decision can be replayed. */
export interface PromptEventTable {
  id: Generated<string>;
  prompt_id: string;
  version: number;
  kind: string;
  account: string | null;
  code: string | null;
  rule_ids: string[];
  pack_digest: string;
  evidence_sha256: string;
  wrapped_key: BytesOrNull;
  sealed_text: BytesOrNull;
  /** What this person had answered of the prompt's questions when they decided or pressed: a FHIR QuestionnaireResponse. */
  sealed_answers: BytesOrNull;
  at: Instant;
}

/** What may come after a first report; nothing takes one back (INV-8). */
export type FollowKind = 'follow-up' | 'correction' | 'error-notice';

/** A press is committed here before the relay is asked; it is `held` until the relay has answered for it. */
export interface PressTable {
  press_id: string;
  facility: string;
  prompt_id: string | null;
  account: string;
  /** Keyed hash of the visit it was pressed for; null for one without a prompt, and for those of earlier versions. */
  encounter_key: string | null;
  /** Pressed as one of an exercise. */
  exercise: boolean;
  body_sha256: string;
  wrapped_key: BytesOrNull;
  sealed_body: BytesOrNull;
  sealed_ticket: BytesOrNull;
  /** `conflict`: the relay already holds another body under this key, and the first report stands. */
  state: 'held' | 'submitted' | 'conflict';
  report_id: string | null;
  number: string | null;
  /** The relay's 202, byte for byte. */
  answer: BytesOrNull;
  attempts: number;
  last_problem: string | null;
  next_due_at: Instant;
  pressed_at: Instant;
  /** When the relay answered for it: took it, or said that another stands. */
  submitted_at: InstantOrNull;
  /** Since when the relay refuses a held press; null again when it is pressed again or taken. */
  refused_at: InstantOrNull;
  /** The press of the first report of the case, of a follow-up, correction or error notice. */
  follows: string | null;
  /** The key its page gave it, one of that case. */
  follow_key: string | null;
  follow_kind: FollowKind | null;
}

/** What a clinician had filled in of a report and put aside. It is erased with the press, and when it has become old. */
export interface DraftTable {
  facility: string;
  prompt_id: string;
  account: string;
  wrapped_key: Buffer;
  sealed_form: Buffer;
  saved_at: Instant;
}

/** 交班: what was open at the duty desk when one person left, and who took it over. */
export interface DeskHandoverTable {
  handover_id: string;
  facility: string;
  handed_over_by: string;
  handed_over_at: Instant;
  /** Numbers of real reports; `—` for a press the relay had not taken. */
  open_rows: string[];
  /** As `open_rows`, of exercises. */
  exercise_rows: string[];
  confirmed_by: string | null;
  confirmed_at: InstantOrNull;
}

/** What one person has answered of a prompt's questions so far, as a FHIR QuestionnaireResponse. */
export interface PromptAnswersTable {
  facility: string;
  prompt_id: string;
  account: string;
  /** Moves with each answer, so that another page of the same person hears of it. */
  revision: number;
  wrapped_key: Buffer;
  sealed_response: Buffer;
  saved_at: Instant;
}

/** What one person has told of a case before anybody reported it, or beside a report: where the child has gone, what evidence is kept. */
export interface PromptToldTable {
  facility: string;
  prompt_id: string;
  account: string;
  wrapped_key: Buffer;
  sealed_told: Buffer;
  saved_at: Instant;
}

export interface GatewaySchema extends FeedSchema {
  encounters: EncounterTable;
  prompts: PromptTable;
  prompt_encounters: PromptEncounterTable;
  prompt_events: PromptEventTable;
  presses: PressTable;
  drafts: DraftTable;
  desk_handovers: DeskHandoverTable;
  prompt_answers: PromptAnswersTable;
  prompt_told: PromptToldTable;
}
