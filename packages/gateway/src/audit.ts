import { auditOrigin } from '@zhida/audit-log';
import { appendAudit } from '@zhida/audit-log/postgres';
import type { Json } from '@zhida/core';
import { executorOf } from '@zhida/database';
import type { Transaction } from 'kysely';
import type { GatewayContext } from './context.js';
import type { GatewaySchema } from './schema.js';

export interface AuditDraft {
  readonly actor: 'gateway' | 'clinician' | 'feed' | 'operator';
  readonly action: string;
  /** Ids, codes and digests only. */
  readonly subject: Readonly<Record<string, string>>;
  /** What the entry commits to and keeps sealed apart, for example the account that acted. */
  readonly detail?: Json;
}

/** Writes what happened in the same transaction as the change itself (INV-12). */
export async function recordAudit(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { detail, ...draft }: AuditDraft,
): Promise<void> {
  const entry = { ...draft, origin: auditOrigin(context.keys), clock: context.clock };
  if (detail === undefined) {
    await appendAudit(executorOf(trx), entry);
    return;
  }
  const seal = (opening: Uint8Array, entryId: string): Uint8Array => context.sealing.sealWhole(opening, `audit-detail ${entryId}`);
  await appendAudit(executorOf(trx), { ...entry, detail, seal });
}
