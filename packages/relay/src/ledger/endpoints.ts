import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Reader, type Tenant } from './context.js';

/** Who stops or restarts sending to an endpoint, and why. `by` is an account, never a name. */
export interface EndpointDecision {
  readonly by: string;
  readonly reason: string;
}

/** Stops sending to a party. Its deliveries are held from their next attempt on; none is dropped. */
export async function disableEndpoint(tenant: Tenant, context: LedgerContext, party: string, decision: EndpointDecision): Promise<void> {
  await setEndpoint(tenant, context, party, 'endpoint.disabled', decision, {
    disabled_since: dateNow(context.clock),
    disabled_by: decision.by,
    disabled_reason: decision.reason,
  });
}

/** Starts sending to a party again; the next sweep releases what was held for it. */
export async function enableEndpoint(tenant: Tenant, context: LedgerContext, party: string, decision: EndpointDecision): Promise<void> {
  await setEndpoint(tenant, context, party, 'endpoint.enabled', decision, {
    disabled_since: null,
    disabled_by: null,
    disabled_reason: null,
  });
}

/** True if somebody has stopped sending to this party. */
export async function isDisabled(tenant: Tenant, db: Reader, party: string): Promise<boolean> {
  const row = await db
    .selectFrom('endpoints')
    .select('disabled_since')
    .where('facility', '=', tenant)
    .where('party', '=', party)
    .executeTakeFirst();
  return row !== undefined && row.disabled_since !== null;
}

async function setEndpoint(
  tenant: Tenant,
  context: LedgerContext,
  party: string,
  action: 'endpoint.disabled' | 'endpoint.enabled',
  decision: EndpointDecision,
  state: { disabled_since: Date | null; disabled_by: string | null; disabled_reason: string | null },
): Promise<void> {
  await context.db.transaction().execute(async (tx) => {
    await tx
      .insertInto('endpoints')
      .values({ facility: tenant, party, ...state })
      .onConflict((on) => on.columns(['facility', 'party']).doUpdateSet(state))
      .execute();
    await audit(tx, context, {
      actor: decision.by,
      action,
      subject: { facility: tenant, party },
    });
  });
}
