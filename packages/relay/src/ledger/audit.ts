import { auditOrigin, auditToken } from '@zhida/audit-log';
import { appendAudits, type AuditAppend, type AuditParts, auditParts } from '@zhida/audit-log/postgres';
import type { Json } from '@zhida/core';
import { executorOf } from '@zhida/database';
import type { LedgerContext, Tx } from './context.js';

/** What is appended to the log with a change of the ledger. */
export interface LedgerEntry {
  readonly actor: string;
  readonly action: string;
  /** Ids and fixed words only; every reader of the log sees them. */
  readonly subject: Readonly<Record<string, string>>;
}

/** What must be provable without being readable: the log gets a salted commitment, its opening is sealed with the report's key. */
export interface SealedDetail {
  readonly detail: Json;
  readonly dataKey: Uint8Array;
  /** The same key wrapped, where no report keeps it: it travels in front of what it seals. */
  readonly wrapped?: Uint8Array;
}

/** An entry and what belongs to it, before it is appended. */
export interface AuditDraft {
  readonly entry: LedgerEntry;
  readonly sealed?: SealedDetail;
}

export type Auditing = Pick<LedgerContext, 'clock' | 'keys' | 'sealer'>;

/** Appends an audit entry in the transaction that makes the change, so that neither exists without the other (INV-12). */
export async function audit(tx: Tx, context: Auditing, entry: LedgerEntry, sealed?: SealedDetail): Promise<void> {
  await auditAll(tx, context, [{ entry, ...(sealed === undefined ? {} : { sealed }) }]);
}

/** Appends several entries in one statement. */
export async function auditAll(tx: Tx, context: Auditing, entries: readonly AuditDraft[]): Promise<void> {
  await appendAudits(executorOf(tx), appendsOf(context, entries));
}

/** Appends several entries as parts of a statement that writes something else too; see {@link auditParts}. */
export async function auditBeside(context: Auditing, entries: readonly AuditDraft[], parametersBefore: number): Promise<AuditParts> {
  return auditParts(appendsOf(context, entries), parametersBefore);
}

function appendsOf(context: Auditing, entries: readonly AuditDraft[]): AuditAppend[] {
  return entries.map((draft) => appendOf(context, draft));
}

function appendOf(context: Auditing, { entry, sealed }: AuditDraft): AuditAppend {
  // An odd id or account must not stop a report: what is no token is withheld, and the change is logged all the same.
  const subject = Object.fromEntries(Object.entries(entry.subject).map(([key, value]) => [key, auditToken(value)]));
  const base = { origin: auditOrigin(context.keys), clock: context.clock, actor: auditToken(entry.actor), action: entry.action, subject };
  if (sealed === undefined) return base;
  const { detail, dataKey, wrapped = new Uint8Array() } = sealed;
  // Destroying the report's key makes the detail unreadable; the log's proofs stay as they are.
  const seal = (opening: Uint8Array, entryId: string): Uint8Array =>
    Buffer.concat([wrapped, context.sealer.seal(dataKey, opening, `${entryId}:audit`)]);
  return { ...base, detail, seal };
}
