import { sql } from 'kysely';
import type { Priority } from '../schema.js';
import { dateNow, type LedgerContext, type Tenant } from './context.js';

/** A delivery that may be claimed now. `fence` names the job that wakes it. */
export interface DueDelivery {
  readonly deliveryId: string;
  readonly fence: number;
  readonly priority: Priority;
  /** True if an attempt was made before. */
  readonly retry: boolean;
  readonly dueSinceMs: number;
}

/**
 * Of a busy endpoint, because slots are shared by all facilities and one that has work there must find a slot that becomes free now and
 * then; and of one that fails, where only one attempt passes as a probe, and whoever makes it goes on with the rest.
 */
const CHANCES = 4;

/**
 * What is due and unclaimed, at most `perEndpoint` for each recipient: the backlog of an agency that is away must not stand
 * before the first report of another. Of a busy endpoint hardly more than it has free slots: whoever holds one goes on with
 * what is due next, and a worker too many only asks the ledger for nothing.
 *
 * For each recipient urgent first, fresh before retries, then the longest due. An endpoint whose breaker is open has nothing
 * due until its next probe, and then hardly more than that. Rows another process is working on are passed over.
 */
export async function dueDeliveries(
  tenant: Tenant,
  context: Pick<LedgerContext, 'db' | 'clock'>,
  { perEndpoint, breakerPauseMs }: { readonly perEndpoint: number; readonly breakerPauseMs: number },
): Promise<DueDelivery[]> {
  const now = dateNow(context.clock);
  // A probe further off than one pause was set by a clock that is wrong.
  const latestProbe = new Date(context.clock.now() + breakerPauseMs);
  const due = await sql<{ delivery_id: string; fence: number; priority: Priority; rung: number; next_due_at: Date }>`
    with recursive parties (party) as (
      select min(recipient_party) from deliveries where facility = ${tenant} and state in ('open', 'attested') and hold_reason is null
      union all
      -- One step of the index for each recipient, however long its backlog.
      select (select min(recipient_party) from deliveries
        where facility = ${tenant} and state in ('open', 'attested') and hold_reason is null and recipient_party > parties.party)
      from parties where parties.party is not null
    )
    select due.delivery_id, due.fence, due.priority, due.rung, due.next_due_at from parties left join endpoint_gates gate using (party)
    cross join lateral (
      select count(*) filter (where lease_until >= now()) as busy, count(*) filter (where lease_until is null or lease_until < now()) as free
      from endpoint_slots where party = parties.party
    ) slots
    cross join lateral (
      select delivery_id, fence, priority, rung, next_due_at from deliveries
      where facility = ${tenant} and recipient_party = parties.party and state in ('open', 'attested') and hold_reason is null and next_due_at <= ${now}
        and (lease_until is null or lease_until < now())
      order by priority desc, (rung > 0), next_due_at, delivery_id
      limit case when gate.probe_at is not null then least(${perEndpoint}::bigint, ${CHANCES}) when slots.busy = 0 then ${perEndpoint} else least(${perEndpoint}, greatest(slots.free, ${CHANCES})) end for update skip locked
    ) due
    where gate.probe_at is null or gate.probe_at <= ${now} or gate.probe_at > ${latestProbe}
    order by due.priority desc, (due.rung > 0), due.next_due_at, due.delivery_id`.execute(context.db);
  return due.rows.map((row) => ({
    deliveryId: row.delivery_id,
    fence: row.fence,
    priority: row.priority,
    retry: row.rung > 0,
    dueSinceMs: now.getTime() - row.next_due_at.getTime(),
  }));
}

/** The first of these facilities that has something due at an endpoint which nobody is working on. */
export async function firstWaiting(
  tenants: readonly Tenant[],
  context: Pick<LedgerContext, 'db' | 'clock'>,
  party: string,
): Promise<Tenant | undefined> {
  const { rows } = await sql<{ facility: Tenant }>`
    select facility from unnest(${[...tenants]}::text[]) with ordinality as round (facility, place)
    where exists (
      -- One step of the index for each lane of an endpoint, however long what is not due yet.
      select from (values ('urgent', false), ('urgent', true), ('routine', false), ('routine', true)) as lane (priority, retry)
      cross join lateral (
        select from deliveries
        where facility = round.facility and recipient_party = ${party} and state in ('open', 'attested') and hold_reason is null
          and priority = lane.priority and (rung > 0) = lane.retry and next_due_at <= ${dateNow(context.clock)}
          and (lease_until is null or lease_until < now())
        limit 1
      ) waiting)
    order by place limit 1`.execute(context.db);
  return rows[0]?.facility;
}

/**
 * Makes due what a process with a clock that runs ahead has put off for longer than any rung lasts. Rows somebody is working
 * on are passed over; they have their own end.
 *
 * @returns how many there were.
 */
export async function bringBack(tenant: Tenant, context: Pick<LedgerContext, 'db' | 'clock'>, longestWaitMs: number): Promise<number> {
  const now = dateNow(context.clock);
  const { rows } = await sql`
    update deliveries set next_due_at = ${now} where delivery_id in (
      select delivery_id from deliveries
      where facility = ${tenant} and state in ('open', 'attested') and hold_reason is null
        and next_due_at > ${new Date(now.getTime() + longestWaitMs)}
        and (lease_until is null or lease_until < now())
      for update skip locked)
    returning 1`.execute(context.db);
  return rows.length;
}

/** The facility whose delivery this is. Asked of the ledger alone: proof counts, and what is open is owed, also for a facility that no longer reports here. */
export async function facilityOfDelivery(context: Pick<LedgerContext, 'db'>, deliveryId: string): Promise<Tenant | undefined> {
  const row = await context.db.selectFrom('deliveries').select('facility').where('delivery_id', '=', deliveryId).executeTakeFirst();
  return row?.facility;
}

/** The facility whose report this is; an agency's feedback names the report alone. */
export async function facilityOfReport(context: Pick<LedgerContext, 'db'>, reportId: string): Promise<Tenant | undefined> {
  const row = await context.db.selectFrom('reports').select('facility').where('report_id', '=', reportId).executeTakeFirst();
  return row?.facility;
}

/** Every facility this ledger has deliveries of, whether or not it reports here any more. */
export async function facilitiesKnown(context: Pick<LedgerContext, 'db'>): Promise<Tenant[]> {
  const { rows } = await sql<{ facility: Tenant | null }>`
    with recursive known (facility) as (
      select min(facility) from deliveries
      union all
      select (select min(facility) from deliveries where facility > known.facility) from known where known.facility is not null
    )
    select facility from known where facility is not null`.execute(context.db);
  return rows.flatMap(({ facility }) => (facility === null ? [] : [facility]));
}
