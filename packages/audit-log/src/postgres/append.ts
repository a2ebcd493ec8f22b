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
  const { seal, ...input } = append;
  const built = auditEntry(input as AuditEntryInput);
  await insertAuditEntry(executor, built);
  if (seal !== undefined && built.opening !== null) {
    const sealed = await seal(canonicalBytes(built.opening), built.entry.id);
    await executor.query(`insert into audit_details (entry_id, sealed) values ($1, decode($2, 'hex'))`, [built.entry.id, hex(sealed)]);
  }
  return built.entry.id;
}

/** Inserts an entry built beforehand; its opening, if any, is the caller's to keep. */
export async function insertAuditEntry(executor: SqlExecutor, { entry, bytes }: BuiltAuditEntry): Promise<void> {
  // Text and decode(), so that every driver and adapter passes the bytes on alike.
  await executor.query(`insert into audit_entries (id, bytes) values ($1, decode($2, 'hex'))`, [entry.id, hex(bytes)]);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
