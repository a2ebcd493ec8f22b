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
  const built = await Promise.all(appends.map(sealed));
  const details = built.filter(({ detail }) => detail !== null);
  // Text and decode(), so that every driver and adapter passes the bytes on alike.
  await executor.query(
    `with entries as (
       insert into audit_entries (id, bytes) select id, decode(hex, 'hex') from unnest($1::text[], $2::text[]) as entry (id, hex)
     )
     insert into audit_details (entry_id, sealed) select id, decode(hex, 'hex') from unnest($3::text[], $4::text[]) as detail (id, hex)`,
    [built.map(({ id }) => id), built.map(({ bytes }) => bytes), details.map(({ id }) => id), details.map(({ detail }) => detail)],
  );
  return built.map(({ id }) => id);
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
