import { sql } from 'kysely';
import type { AttemptOutcome, DeliveryState, HoldReason, Priority } from '../schema.js';
import { visibleTo } from '../escalation/hidden.js';
import { dateNow, type LedgerContext, type Tenant } from './context.js';
import { NO_EXERCISE } from './exercises.js';
import { AWAITS_RECEIPT } from './status.js';

/**
 * Why an open delivery has not arrived: somebody or something holds it; an attempt is under way; it waits for its rung of the
 * ladder; its endpoint's breaker is open; all the attempts its endpoint may have are under way; it is next.
 */
export type WaitsFor = 'release' | 'answer' | 'rung' | 'breaker' | 'slot' | 'worker';

/** A delivery as an operator sees it: who is owed what since when, and why it waits; nothing of the child. */
export interface ListedDelivery {
  readonly deliveryId: string;
  readonly reportId: string;
  readonly number: string;
  readonly party: string;
  readonly kind: string;
  readonly state: DeliveryState;
  readonly priority: Priority;
  readonly attempts: number;
  readonly lastOutcome: AttemptOutcome | null;
  /** How the last attempt ended, in a fixed word: `timeout`, `connection`, `http-503` … */
  readonly lastDetail: string | null;
  /** `null` once it is not open any more. */
  readonly waitsFor: WaitsFor | null;
  readonly holdReason: HoldReason | null;
  readonly heldBy: string | null;
  readonly heldSince: string | null;
  readonly nextDueAt: string | null;
  readonly createdAt: string;
}

/** Deliveries of one state, by id; `after` is the last id of the page before. Given an operator's account, cases hidden from it are left out. */
export async function listDeliveries(
  tenant: Tenant,
  { db, clock, limitsOf }: Pick<LedgerContext, 'db' | 'clock' | 'limitsOf'>,
  { state, after, limit, by }: { state: DeliveryState; after: string; limit: number; by?: string },
): Promise<ListedDelivery[]> {
  const rows = await db
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .leftJoin('endpoint_gates', 'party', 'recipient_party')
    .leftJoin('attempts', (join) =>
      join.onRef('attempts.delivery_id', '=', 'deliveries.delivery_id').onRef('attempts.fence', '=', 'deliveries.fence'),
    )
    .select(['deliveries.delivery_id', 'deliveries.report_id', 'number', 'recipient_party', 'recipient_kind', 'state'])
    .select(['deliveries.priority', 'deliveries.fence', 'last_outcome', 'hold_reason', 'held_by', 'held_since', 'next_due_at'])
    .select(['created_at', 'attempts.detail', 'endpoint_gates.probe_at'])
    .select(sql<boolean>`coalesce(deliveries.lease_until >= now(), false)`.as('leased'))
    .select(
      sql<number>`(select count(*) from endpoint_slots slots where slots.party = recipient_party and slots.lease_until >= now())`.as(
        'busy',
      ),
    )
    .where('deliveries.facility', '=', tenant)
    .where('state', '=', state)
    .$if(by !== undefined, (query) => query.where(visibleTo(by ?? '')))
    .where('deliveries.delivery_id', '>', after)
    .orderBy('deliveries.delivery_id')
    .limit(limit)
    .execute();
  const nowMs = clock.now();
  return rows.map((row) => ({
    deliveryId: row.delivery_id,
    reportId: row.report_id,
    number: row.number,
    party: row.recipient_party,
    kind: row.recipient_kind,
    state: row.state,
    priority: row.priority,
    attempts: row.fence,
    lastOutcome: row.last_outcome,
    lastDetail: row.detail,
    waitsFor: AWAITS_RECEIPT.has(row.state) ? waitsFor(row, nowMs, limitsOf(row.recipient_party).concurrency) : null,
    holdReason: row.hold_reason,
    heldBy: row.held_by,
    heldSince: row.held_since?.toISOString() ?? null,
    nextDueAt: AWAITS_RECEIPT.has(row.state) && row.hold_reason === null ? row.next_due_at.toISOString() : null,
    createdAt: row.created_at.toISOString(),
  }));
}

interface Waiting {
  readonly hold_reason: HoldReason | null;
  readonly leased: boolean;
  readonly next_due_at: Date;
  readonly probe_at: Date | null;
  readonly busy: number;
}

function waitsFor(row: Waiting, nowMs: number, slots: number): WaitsFor {
  if (row.hold_reason !== null) return 'release';
  if (row.leased) return 'answer';
  if (row.next_due_at.getTime() > nowMs) return 'rung';
  if (row.probe_at !== null) return 'breaker';
  return row.busy >= slots ? 'slot' : 'worker';
}

/** Deliveries of a facility by how far they have come; it reads the whole ledger. */
export interface LedgerCounts {
  readonly byState: Readonly<Record<DeliveryState, number>>;
}

/** Counts all deliveries this facility has ever made, but for those of exercises. */
export async function countLedger(tenant: Tenant, { db }: Pick<LedgerContext, 'db'>): Promise<LedgerCounts> {
  const { rows } = await sql<{ state: DeliveryState; count: number }>`
    select state, count(*)::integer as count from deliveries where facility = ${tenant} and ${NO_EXERCISE} group by state`.execute(db);
  const byState: Record<DeliveryState, number> = { open: 0, attested: 0, stored: 0, accepted: 0 };
  for (const { state, count } of rows) byState[state] = count;
  return { byState };
}

/** What is still owed, in numbers. */
export interface OpenCounts {
  /** Without a receipt and being sent. What a person has attested is sent on. */
  readonly sent: Readonly<Record<'open' | 'attested', number>>;
  /** Without a receipt or an attestation, and not being sent. */
  readonly held: Readonly<Partial<Record<HoldReason, number>>>;
  /** How long the longest due, unclaimed delivery has been due; 0 if none is. */
  readonly oldestDueSeconds: number;
}

/** Counts what this facility is still owed, exercises left out. It is asked every few seconds: each query reads an index of open deliveries alone. */
export async function countOpen(tenant: Tenant, { db, clock }: Pick<LedgerContext, 'db' | 'clock'>): Promise<OpenCounts> {
  const now = dateNow(clock);
  const sending = await sql<{ state: 'open' | 'attested'; count: number; due: Date | null }>`
    select state, count(*)::integer as count,
      min(next_due_at) filter (where next_due_at <= ${now} and (lease_until is null or lease_until < now())) as due
    from deliveries where facility = ${tenant} and state in ('open', 'attested') and hold_reason is null and ${NO_EXERCISE}
    group by state`.execute(db);
  const holding = await sql<{ reason: HoldReason; count: number }>`
    select hold_reason as reason, count(*)::integer as count
    from deliveries where facility = ${tenant} and state = 'open' and hold_reason is not null and ${NO_EXERCISE} group by hold_reason`.execute(
    db,
  );
  const dueMs = sending.rows.flatMap(({ due }) => (due === null ? [] : [due.getTime()]));
  return {
    sent: { open: 0, attested: 0, ...Object.fromEntries(sending.rows.map(({ state, count }) => [state, count])) },
    held: Object.fromEntries(holding.rows.map(({ reason, count }) => [reason, count])),
    oldestDueSeconds: dueMs.length === 0 ? 0 : (now.getTime() - Math.min(...dueMs)) / 1000,
  };
}
