import { audit } from '../ledger/audit.js';
import { sql } from 'kysely';
import { dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import { raiseAlarm } from '../ledger/escalations.js';
import type { Priority } from '../schema.js';
import { isReleaseKind, type RecipientKind, type ReportKind } from '@zhida/report';
import { type LadderSubject, needsAcknowledgement, type RungDue } from './ladder.js';
import { isOwed, type RungRow } from './owed.js';

/** Deliveries looked at in one sweep; the next one goes on. */
const BATCH = 200;

/** A delivery whose next rung is due. */
export interface RungOfDelivery {
  readonly deliveryId: string;
  /** What the rung waits for was there when it was looked for. */
  readonly answered: boolean;
}

/** Rungs that wait for 已签收 or a person's hand-over alone. */
const UNTIL_NOT_OPEN = ['phone', 'no-stored'];

/** Deliveries of this facility whose next rung is due, the longest due first. */
export async function dueRungs(tenant: Tenant, { db, clock }: Pick<LedgerContext, 'db' | 'clock'>): Promise<RungOfDelivery[]> {
  const rows = await db
    .selectFrom('deliveries')
    .select(['delivery_id', 'next_rung', 'state'])
    .where('facility', '=', tenant)
    .where('rung_due_at', '<=', dateNow(clock))
    .orderBy('rung_due_at')
    .limit(BATCH)
    .execute();
  return rows.map(({ delivery_id: deliveryId, next_rung: rung, state }) => ({
    deliveryId,
    answered: state !== 'open' && UNTIL_NOT_OPEN.includes(rung ?? ''),
  }));
}

/**
 * Takes deliveries one rung further that have their answer already: almost all, for the telephone's rung is due with the press. All in one
 * transaction, because nobody is called; a state never falls back to open.
 */
export async function passRungs(tenant: Tenant, context: LedgerContext, deliveryIds: readonly string[]): Promise<void> {
  await context.db.transaction().execute(async (tx) => {
    const rows = await dueRows(tenant, tx, dateNow(context.clock))
      .where('delivery_id', 'in', sql<string>`(select unnest(${deliveryIds}::text[]))`)
      .where('state', '<>', 'open')
      .where('next_rung', 'in', UNTIL_NOT_OPEN)
      .execute();
    const next = rows.map((row) => context.escalation.ladder.after(row.next_rung ?? '', ladderSubjectOf(row)));
    await sql`
      update deliveries set next_rung = given.rung, rung_due_at = given.due_at
      from unnest(${rows.map((row) => row.delivery_id)}::text[], ${next.map((rung) => rung.next_rung)}::text[],
        ${next.map((rung) => rung.rung_due_at)}::timestamptz[]) as given (delivery_id, rung, due_at)
      where facility = ${tenant} and deliveries.delivery_id = given.delivery_id`.execute(tx);
  });
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
  const row = await dueRows(tenant, tx, now).where('delivery_id', '=', deliveryId).executeTakeFirst();
  if (row?.next_rung === undefined || row.next_rung === null || row.rung_due_at === null) return undefined;
  return { ...row, next_rung: row.next_rung, rung_due_at: row.rung_due_at };
}

/** Locks what is due. Whoever holds one is on the same rung or records a receipt: that one waits for the next look. */
function dueRows(tenant: Tenant, tx: Tx, now: Date) {
  return tx
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['delivery_id', 'deliveries.report_id', 'recipient_party', 'recipient_kind', 'state', 'attested_at', 'created_at'])
    .select(['next_rung', 'rung_due_at', 'deliveries.priority', 'view', 'kind', 'chain_id', 'number'])
    .where('deliveries.facility', '=', tenant)
    .where('rung_due_at', '<=', now)
    .forUpdate('deliveries')
    .skipLocked();
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
