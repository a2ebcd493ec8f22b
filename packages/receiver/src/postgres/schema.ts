import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { FeedbackNote, StageReceipt } from '../inbox.js';

/** A jsonb column: read as a value, written as text. */
type JsonColumn<Value> = ColumnType<Value, string | undefined, string>;

export interface InboxTable {
  delivery_id: string;
  report_id: string;
  number: string;
  sequence: number;
  kind: string;
  view: string;
  mode: string;
  relay: string;
  priority: 'urgent' | 'routine';
  /** As the relay signed it. */
  created_at: string;
  received_at: ColumnType<Date, string, never>;
  payload_sha256: string;
  wrapped_key: string;
  sealed_summary: Uint8Array;
  sealed_payload: Uint8Array;
  receipts: JsonColumn<StageReceipt[]>;
  feedback: JsonColumn<FeedbackNote[]>;
  conflicts: Generated<number>;
  open: Generated<boolean>;
}

export interface InboxConflictsTable {
  delivery_id: string;
  payload_sha256: string;
  wrapped_key: string;
  sealed_payload: Uint8Array;
  received_at: ColumnType<Date, string, never>;
}

export interface InboxTrailTable {
  position: GeneratedAlways<number>;
  entry_id: string;
  delivery_id: string;
}

export interface OutboxTable {
  id: string;
  kind: 'receipt' | 'feedback' | 'opening';
  delivery_id: string;
  relay: string;
  sealed_jws: Uint8Array;
  attempts: Generated<number>;
  next_due_at: ColumnType<Date, Date, Date>;
  sent_at: ColumnType<Date | null, undefined, Date>;
}

export interface AttachmentsTable {
  attachment_id: string;
  delivery_id: string;
  content_type: string;
  size: number;
  sha256: string;
  restricted: boolean;
  received_at: string;
  receipt_jws: string;
  sealed: Uint8Array;
}

/** Tables of an agency's database, the audit log's own apart. */
export interface ReceiverSchema {
  inbox: InboxTable;
  inbox_conflicts: InboxConflictsTable;
  inbox_trail: InboxTrailTable;
  outbox: OutboxTable;
  attachments: AttachmentsTable;
  audit_entries: { id: string; bytes: Uint8Array };
}
