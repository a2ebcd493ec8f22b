import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Reader, type Tenant } from './context.js';

/** Who stops or restarts sending to an endpoint, and why. `by` is an account, never a name. */
export interface EndpointDecision {
  readonly by: string;
  readonly reason: string;
}

/**
 * Stops sending to a party. Its deliveries are held from their next attempt on; none is dropped.
 *
 * @returns whether it was stopped before: since when, by whom and why then stay what they are.
 */
export async function disableEndpoint(
  tenant: Tenant,
  context: LedgerContext,
  party: string,
  decision: EndpointDecision,
): Promise<{ repeat: boolean }> {
  return setEndpoint(tenant, context, party, decision, 'disabled');
}

/** Starts sending to a party again; the next sweep releases what was held for it. @returns whether it was not stopped. */
export async function enableEndpoint(
  tenant: Tenant,
  context: LedgerContext,
  party: string,
  decision: EndpointDecision,
): Promise<{ repeat: boolean }> {
  return setEndpoint(tenant, context, party, decision, 'enabled');
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
  { by, reason }: EndpointDecision,
  to: 'disabled' | 'enabled',
): Promise<{ repeat: boolean }> {
  const state =
    to === 'disabled'
      ? { disabled_since: dateNow(context.clock), disabled_by: by, disabled_reason: reason }
      : { disabled_since: null, disabled_by: null, disabled_reason: null };
  return context.db.transaction().execute(async (tx) => {
    const { numInsertedOrUpdatedRows: changed } = await tx
      .insertInto('endpoints')
      .values({ facility: tenant, party, ...state })
      .onConflict((on) =>
        on
          .columns(['facility', 'party'])
          .doUpdateSet(state)
          .where('endpoints.disabled_since', to === 'disabled' ? 'is' : 'is not', null),
      )
      .executeTakeFirstOrThrow();
    if (changed === 0n) return { repeat: true };
    const entry = { actor: by, action: `endpoint.${to}`, subject: { facility: tenant, party } };
    await audit(tx, context, entry, { detail: { reason }, ...context.sealer.newDataKey() });
    return { repeat: false };
  });
}
