import type { ColumnType, Generated } from 'kysely';

type BytesOrNull = ColumnType<Buffer | null, Uint8Array | null, Uint8Array | null>;
type Instant = ColumnType<Date, Date, Date>;
type InstantOrNull = ColumnType<Date | null, Date | null, Date | null>;

/** A feed and how far it has read; the cursor is sealed, because the names of a hospital's files may name people. */
export interface FeedTable {
  facility: string;
  name: string;
  kind: string;
  wrapped_key: BytesOrNull;
  sealed_cursor: BytesOrNull;
  /** What was not taken: of another mode, oversized, no message at all. */
  refused: Generated<number>;
  /** Why the feed does not get on, while it does not. */
  problem_code: string | null;
  problem_since: InstantOrNull;
}

/** `received`: on disk, to be worked on. `set-aside`: kept for a person, can be replayed. `refused`: not taken, nothing kept of it. */
export type FeedMessageStatus = 'received' | 'processed' | 'set-aside' | 'refused';

/**
 * What a feed brought, in the order it came. Message and acknowledgements are sealed and erased at `purge_at`; the rest names
 * nobody: `message_key` and `visit_keys` are keyed hashes.
 */
export interface FeedMessageTable {
  id: string;
  seq: Generated<number>;
  facility: string;
  feed: string;
  message_key: string;
  format: string;
  /** `cda` of a CDA document, whose format is `his`; null of whatever its format says all of. */
  syntax: ColumnType<string | null, string | null | undefined, string | null>;
  /** MSH-9 as `ADT^A04`. */
  type: string | null;
  /** MSH-10, where it is a plain one. */
  control_id: string | null;
  file_key: string | null;
  record_number: number | null;
  line_number: number | null;
  status: FeedMessageStatus;
  problem_code: string | null;
  /** A place in the message, never a value from it. */
  problem_at: string | null;
  attempts: Generated<number>;
  /** MSA-1 of the last acknowledgement that was made. */
  ack_code: string | null;
  visit_keys: string[];
  /** Hashed keys of the adult a message was about, while nothing of it was folded. */
  passed_over_keys: ColumnType<string[] | null, string[] | null | undefined, string[] | null>;
  wrapped_key: BytesOrNull;
  sealed_message: BytesOrNull;
  sealed_accept: BytesOrNull;
  sealed_application: BytesOrNull;
  received_at: Instant;
  /** When it came again last, to the day; null where it came once. */
  told_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  settled_at: InstantOrNull;
  purge_at: Instant;
}

/** A file of a folder as it was when all of it had been taken. */
export interface FeedFileTable {
  facility: string;
  feed: string;
  file_key: string;
  /** Counts the contents a file has had: one that only grew is still the same. */
  generation: number;
  bytes: number;
  modified_at: Instant;
  content_key: string;
  read_at: Instant;
}

/** A visit as HL7 v2 messages have told it so far (`VisitState` of @zhida/hl7v2), so that folding goes on after a restart. */
export interface FoldedVisitTable {
  facility: string;
  visit_key: string;
  wrapped_key: ColumnType<Buffer, Uint8Array, Uint8Array>;
  sealed_state: ColumnType<Buffer, Uint8Array, Uint8Array>;
  /** Rises with every change: the visit folded last has the highest. */
  folded_order: Generated<number>;
  purge_at: Instant;
}

/** The keys a folded visit is found under, hashed. */
export interface FoldedVisitKeyTable {
  facility: string;
  key: string;
  visit_key: string;
}

export interface FeedSchema {
  feeds: FeedTable;
  feed_messages: FeedMessageTable;
  feed_files: FeedFileTable;
  folded_visits: FoldedVisitTable;
  folded_visit_keys: FoldedVisitKeyTable;
}
