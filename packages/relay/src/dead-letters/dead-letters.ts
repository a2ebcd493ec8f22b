import { isZhidaError, ZhidaError } from '@zhida/core';
import { sha256Hex } from '@zhida/signing';
import { type RawBuilder, sql } from 'kysely';
import { visibleTo } from '../escalation/hidden.js';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import { dataKeyOf, sealedAs } from '../ledger/data-keys.js';
import { raiseAlarm } from '../ledger/escalations.js';
import { redeliver, type RedeliverRequest } from '../ledger/redeliver.js';
import type { DeadLetterFault, DeliveryState, Priority } from '../schema.js';

/** A delivery this relay cannot bring on its way, and whose fault that is: ours. */
export interface DeadLetter {
  readonly deliveryId: string;
  readonly reportId: string;
  readonly number: string;
  readonly party: string;
  readonly fault: DeadLetterFault;
  readonly since: string;
  readonly lastAt: string;
  readonly times: number;
}

/** How an attempt ends that we could not make; an agency that is away, refuses or lies has no part in it. */
export function faultOf(detail: string): DeadLetterFault | undefined {
  return detail === 'not-opened' || detail === 'not-sealed' ? detail : undefined;
}

/**
 * Writes down that a delivery could not be brought on its way by our own fault, and calls a person the first time. It stays open,
 * and is tried on by its ladder (INV-6): a key that is put back mends it without a hand.
 */
export async function recordDeadLetter(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  { deliveryId, fault }: { readonly deliveryId: string; readonly fault: DeadLetterFault },
): Promise<void> {
  const now = dateNow(context.clock);
  const { rows } = await sql<{ since: Date; times: number }>`
    insert into dead_letters as letter (facility, delivery_id, since, fault, last_at) values (${tenant}, ${deliveryId}, ${now}, ${fault}, ${now})
    on conflict (delivery_id) where cleared_at is null do update set fault = ${fault}, last_at = ${now}, times = letter.times + 1
    returning since, times`.execute(tx);
  const letter = rows[0];
  if (letter === undefined || letter.times > 1) return;
  const about = await tx
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['deliveries.report_id', 'recipient_party', 'number', 'state', 'created_at'])
    .where('deliveries.facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirstOrThrow();
  const { report_id: reportId, recipient_party: party, number, state, created_at: createdAt } = about;
  await audit(tx, context, { actor: context.keys.party, action: 'dead-letter.opened', subject: { deliveryId, reportId, party, fault } });
  await raiseAlarm(tenant, tx, context, {
    subject: `${deliveryId}/dead-letter/${letter.since.toISOString()}`,
    rung: 'dead-letter',
    deliveryId,
    reportId,
    dueAt: now,
    state: state satisfies DeliveryState,
    about: { party, number, pressedAt: createdAt.toISOString(), why: fault },
    tell: true,
  });
}

/** Ends a dead letter once its delivery has left this relay again. */
export async function clearDeadLetter(tenant: Tenant, tx: Tx, context: LedgerContext, deliveryId: string): Promise<void> {
  const { rows } = await letterCleared(tenant, context, deliveryId).execute(tx);
  await auditCleared(tx, context, deliveryId, rows[0]?.times ?? null);
}

/** The statement that ends a delivery's dead letter, if it has one, so that it may be part of another; then {@link auditCleared} is due. */
export function letterCleared(tenant: Tenant, { clock }: Pick<LedgerContext, 'clock'>, deliveryId: string): RawBuilder<{ times: number }> {
  return sql`
    update dead_letters set cleared_at = ${dateNow(clock)}
    where facility = ${tenant} and delivery_id = ${deliveryId} and cleared_at is null returning times`;
}

/** @param times of the dead letter that ended; `null` if there was none. */
export async function auditCleared(tx: Tx, context: LedgerContext, deliveryId: string, times: number | null): Promise<void> {
  if (times === null) return;
  const subject = { deliveryId, times: String(times) };
  await audit(tx, context, { actor: context.keys.party, action: 'dead-letter.cleared', subject });
}

/** Dead letters an operator may see, by delivery; `after` is the last one of the page before. */
export async function listDeadLetters(
  tenant: Tenant,
  { db }: Pick<LedgerContext, 'db'>,
  { by, after, limit }: { readonly by: string; readonly after: string; readonly limit: number },
): Promise<DeadLetter[]> {
  const rows = await db
    .selectFrom('dead_letters')
    .innerJoin('deliveries', 'deliveries.delivery_id', 'dead_letters.delivery_id')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['dead_letters.delivery_id', 'deliveries.report_id', 'number', 'recipient_party', 'fault', 'since', 'last_at', 'times'])
    .where('dead_letters.facility', '=', tenant)
    .where('cleared_at', 'is', null)
    .where('dead_letters.delivery_id', '>', after)
    .where(visibleTo(by))
    .orderBy('dead_letters.delivery_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    reportId: row.report_id,
    number: row.number,
    party: row.recipient_party,
    fault: row.fault,
    since: row.since.toISOString(),
    lastAt: row.last_at.toISOString(),
    times: row.times,
  }));
}

/**
 * Has a dead letter tried again now, after a person has mended what was wrong. First it is looked whether the stored bytes open and
 * are those of intake: what goes out is that payload byte for byte, or nothing (INV-4).
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this operator sees no such dead letter; `ZD_ERR_SEALED_UNREADABLE` while its bytes cannot be
 * opened; `ZD_ERR_CONFLICT` as {@link redeliver} does.
 */
export async function replayDeadLetter(
  tenant: Tenant,
  context: LedgerContext,
  request: RedeliverRequest,
): Promise<{ priority: Priority; payloadSha256: string | null }> {
  const { deliveryId, by } = request;
  const row = await context.db
    .selectFrom('dead_letters')
    .innerJoin('deliveries', 'deliveries.delivery_id', 'dead_letters.delivery_id')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['deliveries.report_id', 'payload_sealed', 'payload_sha256'])
    .where('dead_letters.facility', '=', tenant)
    .where('dead_letters.delivery_id', '=', deliveryId)
    .where('cleared_at', 'is', null)
    .where(visibleTo(by))
    .executeTakeFirst();
  if (row === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such dead letter', { at: 'id' });
  if (row.payload_sealed !== null) {
    const dataKey = await dataKeyOf(tenant, context.db, context, row.report_id, 'report');
    const payload = context.sealer.open(dataKey, row.payload_sealed, sealedAs.payload(deliveryId));
    if (sha256Hex(payload) !== row.payload_sha256)
      throw new ZhidaError('ZD_ERR_SEALED_UNREADABLE', 'the stored payload is not the one of intake', { at: 'payload' });
  }
  const { priority } = await redeliver(tenant, context, request);
  return { priority, payloadSha256: row.payload_sha256 };
}

/** True for a failure of ours that a repeat does not mend by itself: not for a database that is away. */
export function isOwnFault(error: unknown): boolean {
  return !isZhidaError(error) || error.remedy !== 'retry';
}
