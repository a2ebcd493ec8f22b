import { type Json, canonicalBytes } from '@zhida/core';
import { type AuditEntryInput, type BuiltAuditEntry, auditEntry } from '../entry.js';
import type { SqlExecutor } from './executor.js';

/** Seals the opening of a commitment. The entry id is there to be bound to the sealed bytes as additional data. */
export type SealOpening = (opening: Uint8Array, entryId: string) => Uint8Array | Promise<Uint8Array>;

/** What is appended. A detail needs somebody to seal it: a commitment nobody can open proves nothing. */
export type AuditAppend = Omit<AuditEntryInput, 'detail'> & ({ detail?: never; seal?: never } | { detail: Json; seal: SealOpening });

/**
 * Appends one entry inside the caller's transaction, so that the entry is there exactly when the change it speaks of is.
 * A detail is sealed into `audit_details`; the entry carries only its salted commitment.
 *
 * @returns the entry id, `aud_…`. Its place in the log is given later, by the sequencer.
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` when a value is not an id or short token; whatever `executor` throws.
 */
export async function appendAudit(executor: SqlExecutor, append: AuditAppend): Promise<string> {
  const [id] = await appendAudits(executor, [append]);
  return id ?? '';
}

/** Appends several entries as {@link appendAudit} does one, in one statement. @returns their ids, in the same order. */
export async function appendAudits(executor: SqlExecutor, appends: readonly AuditAppend[]): Promise<string[]> {
  const { ids, parts, values } = await auditParts(appends);
  await executor.query(`with ${parts} select`, values);
  return ids;
}

/** What appends entries as parts of a caller's own statement. */
export interface AuditParts {
  /** The entries' ids, in the order they were asked for. */
  readonly ids: string[];
  /** Parts of a `with` clause, named `audit_entry` and `audit_detail`. */
  readonly parts: string;
  /** The values of the parameters in {@link AuditParts.parts}. */
  readonly values: unknown[];
}

/**
 * Makes entries ready to be appended by a statement that writes the caller's rows too, so that both take one way to the database.
 *
 * @param parametersBefore how many parameters of the statement come before those of the parts.
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` when a value is not an id or short token.
 */
export async function auditParts(appends: readonly AuditAppend[], parametersBefore = 0): Promise<AuditParts> {
  const built = await Promise.all(appends.map(sealed));
  const details = built.filter(({ detail }) => detail !== null);
  const [id, bytes, entryId, detail] = [1, 2, 3, 4].map((index) => `$${parametersBefore + index}::text[]`);
  // Text and decode(), so that every driver and adapter passes the bytes on alike.
  const parts = `audit_entry as (
       insert into audit_entries (id, bytes) select id, decode(hex, 'hex') from unnest(${id}, ${bytes}) as entry (id, hex)
     ), audit_detail as (
       insert into audit_details (entry_id, sealed) select id, decode(hex, 'hex') from unnest(${entryId}, ${detail}) as detail (id, hex)
     )`;
  const values = [
    built.map((entry) => entry.id),
    built.map((entry) => entry.bytes),
    details.map((entry) => entry.id),
    details.map((entry) => entry.detail),
  ];
  return { ids: built.map((entry) => entry.id), parts, values };
}

interface SealedEntry {
  readonly id: string;
  readonly bytes: string;
  readonly detail: string | null;
}

async function sealed({ seal, ...input }: AuditAppend): Promise<SealedEntry> {
  const { entry, bytes, opening } = auditEntry(input as AuditEntryInput);
  const detail = seal === undefined || opening === null ? null : hex(await seal(canonicalBytes(opening), entry.id));
  return { id: entry.id, bytes: hex(bytes), detail };
}

/** Inserts an entry built beforehand; its opening, if any, is the caller's to keep. */
export async function insertAuditEntry(executor: SqlExecutor, { entry, bytes }: BuiltAuditEntry): Promise<void> {
  // Text and decode(), so that every driver and adapter passes the bytes on alike.
  await executor.query(`insert into audit_entries (id, bytes) values ($1, decode($2, 'hex'))`, [entry.id, hex(bytes)]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
