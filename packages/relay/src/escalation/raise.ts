import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import { raiseAlarm } from '../ledger/escalations.js';
import type { Priority } from '../schema.js';
import { isReleaseKind, type RecipientKind, type ReportKind } from '@zhida/report';
import { type LadderSubject, needsAcknowledgement, type RungDue } from './ladder.js';
import { isOwed, type RungRow } from './owed.js';

/** Deliveries looked at in one sweep; the next one goes on. */
const BATCH = 200;

/** Deliveries of this facility whose next rung is due, the longest due first. */
export async function dueRungs(tenant: Tenant, { db, clock }: Pick<LedgerContext, 'db' | 'clock'>): Promise<string[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select('delivery_id')
    .where('facility', '=', tenant)
    .where('rung_due_at', '<=', dateNow(clock))
    .orderBy('rung_due_at')
    .limit(BATCH)
    .execute();
  return rows.map((row) => row.delivery_id);
}

/**
 * Takes one delivery one rung further. The state is read again under the delivery's lock, in the transaction that records the
 * rung, so that a receipt that has been recorded is never overtaken by an alarm about its absence.
 *
 * @returns the rung that was raised, if what it waits for has not come.
 */
export async function takeRung(tenant: Tenant, context: LedgerContext, deliveryId: string): Promise<string | undefined> {
  return context.db.transaction().execute(async (tx) => {
    const now = dateNow(context.clock);
    const row = await lockDue(tenant, tx, deliveryId, now);
    if (row === undefined) return undefined;
    const { ladder } = context.escalation;
    const subject = ladderSubjectOf(row);
    const next = ladder.after(row.next_rung, subject);
    await tx.updateTable('deliveries').set(next).where('facility', '=', tenant).where('delivery_id', '=', deliveryId).execute();
    const signs = context.recipientOf(row.recipient_party)?.system !== 'no-system';
    if (!(await isOwed(tenant, tx, row.next_rung, { ...row, owesFeedback: ladder.owesFeedback(subject), signs }, now))) return undefined;
    await raiseAlarm(tenant, tx, context, {
      subject: rungSubject(deliveryId, row.next_rung),
      rung: row.next_rung,
      deliveryId,
      reportId: row.report_id,
      dueAt: row.rung_due_at,
      state: row.state,
      about: { party: row.recipient_party, number: row.number, pressedAt: row.created_at.toISOString() },
      tell: !isToldByNext(row.next_rung, next, now),
    });
    return row.next_rung;
  });
}

/** What the ladder of a delivery depends on, as its rows keep it. */
export function ladderSubjectOf(
  row: Pick<DueRow, 'recipient_party' | 'recipient_kind' | 'view' | 'kind' | 'priority' | 'created_at'>,
): LadderSubject {
  return {
    party: row.recipient_party,
    recipientKind: row.recipient_kind,
    // As it was opened: who waits for a release investigates nothing.
    reportKind: isReleaseKind(row.view) ? 'follow-up' : row.kind,
    priority: row.priority,
    createdAt: row.created_at,
  };
}

/** The next rung is due already and says at least as much. A reminder takes the place of no alarm that must be acknowledged. */
function isToldByNext(rung: string, next: RungDue, now: Date): boolean {
  return next.rung_due_at <= now && (needsAcknowledgement(next.next_rung) || !needsAcknowledgement(rung));
}

/** What makes a rung of a delivery one thing. */
export function rungSubject(deliveryId: string, rung: string): string {
  return `${deliveryId}/${rung}`;
}

interface DueRow extends Omit<RungRow, 'owesFeedback' | 'signs'> {
  readonly next_rung: string;
  readonly rung_due_at: Date;
  readonly priority: Priority;
  readonly view: RecipientKind;
  readonly kind: ReportKind;
  readonly number: string;
}

async function lockDue(tenant: Tenant, tx: Tx, deliveryId: string, now: Date): Promise<DueRow | undefined> {
  const row = await tx
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['delivery_id', 'deliveries.report_id', 'recipient_party', 'recipient_kind', 'state', 'attested_at', 'created_at'])
    .select(['next_rung', 'rung_due_at', 'deliveries.priority', 'view', 'kind', 'chain_id', 'number'])
    .where('deliveries.facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .where('rung_due_at', '<=', now)
    .forUpdate('deliveries')
    // Whoever holds it is on the same rung or records a receipt: this one waits for the next look.
    .skipLocked()
    .executeTakeFirst();
  if (row?.next_rung === undefined || row.next_rung === null || row.rung_due_at === null) return undefined;
  return { ...row, next_rung: row.next_rung, rung_due_at: row.rung_due_at };
}

/** Ends the ladder of a delivery that another one takes the place of. */
export async function endLadder(tenant: Tenant, tx: Tx, context: LedgerContext, deliveryId: string, reason: string): Promise<void> {
  await tx
    .updateTable('deliveries')
    .set({ next_rung: null, rung_due_at: null })
    .where('facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .execute();
  await audit(tx, context, { actor: context.keys.party, action: 'escalation.ended', subject: { deliveryId, reason } });
}
