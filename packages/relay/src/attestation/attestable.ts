import { rungSubject } from '../escalation/raise.js';
import type { LedgerContext, Reader, Tenant } from '../ledger/context.js';

/** The rung after which a handover to a recipient with a system may be attested. */
const ATTESTABLE_AFTER = 'no-accepted';

/** A delivery and whom it is for. */
export interface DeliveryTo {
  readonly deliveryId: string;
  readonly party: string;
}

/**
 * Which of these a named person may attest: those whose recipient has no system, as its profile says, and those whose 30-minute rung
 * was raised (INV-5). What is accepted or attested already is the caller's to leave out.
 */
export async function attestableOf(
  tenant: Tenant,
  db: Reader,
  { recipientOf }: Pick<LedgerContext, 'recipientOf'>,
  deliveries: readonly DeliveryTo[],
): Promise<ReadonlySet<string>> {
  const byHand = deliveries.filter(({ party }) => recipientOf(party)?.system === 'no-system').map(({ deliveryId }) => deliveryId);
  const others = deliveries.map(({ deliveryId }) => deliveryId).filter((deliveryId) => !byHand.includes(deliveryId));
  if (others.length === 0) return new Set(byHand);
  const raised = await db
    .selectFrom('escalations')
    .select('delivery_id')
    .where('facility', '=', tenant)
    .where(
      'subject',
      'in',
      others.map((deliveryId) => rungSubject(deliveryId, ATTESTABLE_AFTER)),
    )
    .where('raised_at', 'is not', null)
    .execute();
  return new Set([...byHand, ...raised.flatMap(({ delivery_id: deliveryId }) => (deliveryId === null ? [] : [deliveryId]))]);
}
