import { sql } from 'kysely';
import { dateNow, type LedgerContext, type Tenant } from './context.js';

/** A won claim: the only right to act on a delivery. `fence` tells this attempt from every other one. */
export interface Claim {
  readonly deliveryId: string;
  readonly fence: number;
}

/**
 * Tries to win a delivery, in one statement, and writes down that an attempt begins.
 *
 * The lease runs on the database's clock, which all workers share; what is due is judged by the injected clock. Of any
 * number of racing claims exactly one wins. An attempt row without an outcome later tells that a process died while it
 * may already have sent.
 */
export async function claimDelivery(
  tenant: Tenant,
  context: Pick<LedgerContext, 'db' | 'clock'>,
  deliveryId: string,
  leaseMs: number,
): Promise<Claim | undefined> {
  const now = dateNow(context.clock);
  const won = await sql<{ fence: number }>`
    with won as (
      update deliveries
      set fence = fence + 1, lease_until = now() + make_interval(secs => ${leaseMs / 1000})
      where facility = ${tenant} and delivery_id = ${deliveryId} and state = 'open' and next_due_at <= ${now}
        and hold_reason is null and (lease_until is null or lease_until < now())
      returning facility, delivery_id, fence
    )
    insert into attempts (facility, delivery_id, fence, started_at)
    select facility, delivery_id, fence, ${now} from won
    returning fence`.execute(context.db);
  const fence = won.rows[0]?.fence;
  return fence === undefined ? undefined : { deliveryId, fence };
}
