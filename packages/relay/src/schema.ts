import type { ColumnType, Generated, GeneratedAlways, Insertable, JSONColumnType, Selectable } from 'kysely';
import type { Mode } from '@zhida/core';
import type { RecipientKind, ReportKind } from '@zhida/report';
import type { ReportStatus } from './ledger/status.js';

/** How far an agency's proof has come. It only rises; a trigger of the table holds that too. */
export type DeliveryState = 'open' | 'attested' | 'stored' | 'accepted';
/** The only three ends of an attempt; a time-out or a 2xx without a valid receipt is `unknown`. */
export type AttemptOutcome = 'receipted' | 'refused' | 'unknown';
export type ReceiptStage = 'stored' | 'accepted' | 'misdirected' | 'stopped-using';
export type Priority = 'urgent' | 'routine';
/** Why nothing is sent although the delivery is open. */
export type HoldReason = 'no-route' | 'no-system' | 'endpoint-disabled' | 'pull' | 'conflict';

/** A name in both languages of the screens. */
export interface PartyName {
  readonly zh: string;
  readonly en: string;
}

export interface ReportsTable {
  facility: string;
  report_id: string;
  number: string;
  chain_id: string;
  sequence: number;
  kind: ReportKind;
  mode: Exclude<Mode, 'training'>;
  priority: Priority;
  press_id: string;
  body_sha256: string;
  body_sealed: Buffer;
  reporter_sealed: Buffer | null;
  answer: Buffer;
  auth_degraded: boolean;
  version: number;
  received_at: Date;
  hidden_from: Generated<string[]>;
  conflicts: Generated<string[]>;
  exercise_id: Generated<string | null>;
}

export interface DeliveriesTable {
  facility: string;
  delivery_id: string;
  report_id: string;
  recipient_party: string;
  recipient_kind: string;
  recipient_name: JSONColumnType<PartyName>;
  view: RecipientKind;
  priority: Priority;
  state: Generated<DeliveryState>;
  payload_sealed: Buffer | null;
  payload_sha256: string | null;
  next_due_at: Date;
  rung: Generated<number>;
  fence: Generated<number>;
  lease_until: Date | null;
  hold_reason: HoldReason | null;
  held_by: string | null;
  held_since: Date | null;
  last_outcome: AttemptOutcome | null;
  stored_at: Date | null;
  accepted_at: Date | null;
  attested_at: Date | null;
  agency_number: string | null;
  next_rung: string | null;
  rung_due_at: Date | null;
  created_at: Date;
}

export interface AttemptsTable {
  facility: string;
  delivery_id: string;
  fence: number;
  started_at: Date;
  finished_at: Date | null;
  outcome: AttemptOutcome | null;
  status: number | null;
  detail: string | null;
  lease_lost: boolean | null;
}

export interface ReceiptsTable {
  facility: string;
  row_id: GeneratedAlways<string>;
  kind: 'receipt' | 'conflict' | 'attestation';
  issuer: string;
  receipt_id: string;
  delivery_id: string;
  report_id: string;
  stage: ReceiptStage | 'attested';
  payload_sha256: string | null;
  agency_number: string | null;
  transferred_to: string | null;
  stated_at: string;
  received_at: Date;
  via: 'answer' | 'posted' | 'operator';
  jws: string | null;
  jws_sealed: Buffer | null;
  jws_sha256: string;
}

export interface FeedbackTable {
  facility: string;
  issuer: string;
  feedback_id: string;
  report_id: string;
  code: string;
  document_number: string | null;
  transferred_to: string | null;
  stated_at: string;
  received_at: Date;
  jws_sealed: Buffer;
  jws_sha256: string;
}

export type CallOutcome = 'answered' | 'no-answer' | 'transferred';

export interface CallsTable {
  facility: string;
  call_id: string;
  report_id: string;
  outcome: CallOutcome;
  made_at: Date;
  recorded_at: Date;
  /** Parties the call has told; of nobody where it was not answered. */
  called: Generated<string[]>;
  /** Number dialled, who answered, 警情编号, account that logged it. */
  sealed: Buffer;
}

export interface ReportEventsTable {
  facility: string;
  report_id: string;
  version: number;
  at: Date;
  status: JSONColumnType<ReportStatus>;
}

export interface NumberSerialsTable {
  facility: string;
  day: ColumnType<Date, string, never>;
  last: number;
}

export interface DataKeysTable {
  facility: string;
  report_id: string;
  purpose: 'report' | 'reporter';
  wrapped: Buffer;
  created_at: Date;
}

export interface PartiesTable {
  facility: string;
  party: string;
  role: string;
  mode: string;
  base_url: string | null;
  first_seen: Date;
}

export interface PartyKeysTable {
  facility: string;
  party: string;
  kid: string;
  use: string;
  first_seen: Date;
}

export interface EndpointsTable {
  facility: string;
  party: string;
  disabled_since: Date | null;
  disabled_by: string | null;
  disabled_reason: string | null;
}

export interface EndpointGatesTable {
  party: string;
  failures: Generated<number>;
  probe_at: Date | null;
  opened_at: Date | null;
}

export interface EndpointSlotsTable {
  party: string;
  slot: number;
  delivery_id: string | null;
  fence: number | null;
  lease_until: Date | null;
  free_at: Generated<Date>;
}

export interface EscalationsTable {
  facility: string;
  escalation_id: string;
  subject: string;
  rung: string;
  delivery_id: string | null;
  report_id: string | null;
  due_at: Date;
  raised_at: Date | null;
  state: DeliveryState | null;
  about: JSONColumnType<Readonly<Record<string, string>>>;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  silenced_at: Date | null;
  silenced_by: string | null;
  silence_sealed: Buffer | null;
}

export interface NoticesTable {
  facility: string;
  notice_id: GeneratedAlways<string>;
  escalation_id: string;
  channel: string;
  next_due_at: Date | null;
  attempts: Generated<number>;
  lease_until: Date | null;
  sent: Generated<number>;
  outcome: 'sent' | 'no-address' | 'overtaken' | null;
}

export interface RosterShiftsTable {
  facility: string;
  starts_at: Date;
  ends_at: Date;
  title: string;
  phone: string | null;
  email: string | null;
}

export interface OpeningsTable {
  facility: string;
  issuer: string;
  opening_id: string;
  delivery_id: string;
  report_id: string;
  field_group: string;
  stated_at: string;
  received_at: Date;
  jws_sealed: Buffer;
  jws_sha256: string;
}

export interface AttachmentPartsTable {
  facility: string;
  upload_id: string;
  position: number;
  sealed: Buffer;
  stored_at: Date;
}

export interface AttachmentsTable {
  facility: string;
  attachment_id: string;
  report_id: string;
  upload_id: string;
  content_type: string;
  size_bytes: number;
  parts: number;
  sha256: string;
  received_at: Date;
}

export interface AttachmentReceiptsTable {
  facility: string;
  issuer: string;
  receipt_id: string;
  attachment_id: string;
  stated_at: string;
  received_at: Date;
  jws: string;
}

/** Written by triggers alone. */
export interface AttachmentDuesTable {
  party: ColumnType<string, never, never>;
  attachment_id: ColumnType<string, never, never>;
  delivery_id: ColumnType<string, never, never>;
}

export interface PaperSerialsTable {
  facility: string;
  last: number;
}

export interface PaperBlocksTable {
  facility: string;
  first: number;
  last: number;
  handed_to: string;
  handed_out_at: Date;
  handed_out_by: string;
}

export interface PaperNumbersTable {
  facility: string;
  serial: number;
  report_id: string | null;
  settled_at: Date;
  settled_by: string;
  void_reason: string | null;
}

/** What of ours failed: opening the stored payload, sealing or signing it, or rendering one that had waited for keys. */
export type DeadLetterFault = 'not-opened' | 'not-sealed' | 'not-rendered';

export interface DeadLettersTable {
  facility: string;
  delivery_id: string;
  since: Date;
  fault: DeadLetterFault;
  last_at: Date;
  times: Generated<number>;
  cleared_at: Date | null;
}

export interface ExchangesTable {
  party: string;
  day: ColumnType<Date, string, never>;
  agency_count: number;
  agency_root: string;
  agency_ids: string[];
  own_count: number;
  own_root: string;
  agrees: boolean;
  missing_here: string[];
  missing_there: string[];
  received_at: ColumnType<Date, Date, never>;
  checked_at: Date;
  jws: string;
}

export interface ForwardsTable {
  origin: string;
  delivery_id: string;
  recipient: string;
  envelope: string | null;
  taken_at: Date;
  next_due_at: Date;
  attempts: Generated<number>;
  lease_until: Date | null;
  last_detail: string | null;
  receipt: string | null;
}

export interface ForwardedStatementsTable {
  statement_id: GeneratedAlways<string>;
  relay: string;
  issuer: string;
  kind: string;
  jws_sha256: string;
  jws: string | null;
  taken_at: Date;
  next_due_at: Date;
  attempts: Generated<number>;
  lease_until: Date | null;
  sent_at: Date | null;
}

/** The relay's tables as Kysely sees them; the SQL is in `migrations.ts`. */
export interface RelaySchema {
  reports: ReportsTable;
  deliveries: DeliveriesTable;
  attempts: AttemptsTable;
  receipts: ReceiptsTable;
  feedback: FeedbackTable;
  calls: CallsTable;
  report_events: ReportEventsTable;
  number_serials: NumberSerialsTable;
  data_keys: DataKeysTable;
  parties: PartiesTable;
  party_keys: PartyKeysTable;
  endpoints: EndpointsTable;
  endpoint_gates: EndpointGatesTable;
  endpoint_slots: EndpointSlotsTable;
  escalations: EscalationsTable;
  notices: NoticesTable;
  roster_shifts: RosterShiftsTable;
  openings: OpeningsTable;
  attachment_parts: AttachmentPartsTable;
  attachments: AttachmentsTable;
  attachment_receipts: AttachmentReceiptsTable;
  attachment_dues: AttachmentDuesTable;
  dead_letters: DeadLettersTable;
  exchanges: ExchangesTable;
  forwards: ForwardsTable;
  forwarded_statements: ForwardedStatementsTable;
  paper_serials: PaperSerialsTable;
  paper_blocks: PaperBlocksTable;
  paper_numbers: PaperNumbersTable;
}

export type DeliveryRow = Selectable<DeliveriesTable>;
export type NewDelivery = Insertable<DeliveriesTable>;
export type ReportRow = Selectable<ReportsTable>;
