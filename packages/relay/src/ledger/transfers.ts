import { roleOfParty } from '@zhida/signing';
import { lockChain } from '../intake/chain.js';
import { conflictsOfChain } from '../routing/chain-recipients.js';
import { deliveryIdFor } from '../routing/releases.js';
import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';

/** An agency's word that a report belongs to another one. */
export interface Transfer {
  /** The delivery the receipt speaks of; the new one shows the same view of the same report. */
  readonly deliveryId: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Opens a delivery to the agency a misdirected report belongs to. It begins held: the next sweep renders its payload to that
 * agency's keys and sends it, or leaves it visibly open while nobody has pinned that agency. A name that is no agency's is
 * left to a person, who sees it in the receipt; so is a party with a conflict of interest, and one that waits for a release (INV-10).
 * Whom the profile knows gets the view of its own kind.
 *
 * @returns whether the report has a recipient in place of the one that gave it away.
 */
export async function openTransfer(tenant: Tenant, tx: Tx, context: LedgerContext, { deliveryId, from, to }: Transfer): Promise<boolean> {
  if (roleOfParty(to) !== 'agency') return false;
  const now = dateNow(context.clock);
  const {
    kind,
    chain_id: chainId,
    ...original
  } = await tx
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['deliveries.report_id', 'recipient_kind', 'view', 'deliveries.priority', 'kind', 'chain_id'])
    .where('deliveries.facility', '=', tenant)
    .where('delivery_id', '=', deliveryId)
    .executeTakeFirstOrThrow();
  await lockChain(tenant, tx, chainId);
  if (context.isKeptFrom(tenant, to, await conflictsOfChain(tenant, tx, chainId))) return false;
  const { kind: recipientKind, view } = context.recipientOf(to) ?? { kind: original.recipient_kind, view: original.view };
  const opened = await tx
    .insertInto('deliveries')
    .values({
      facility: tenant,
      delivery_id: deliveryIdFor(view, context),
      ...original,
      recipient_kind: recipientKind,
      view,
      recipient_party: to,
      recipient_name: JSON.stringify(context.nameOf(to)),
      next_due_at: now,
      hold_reason: 'no-route',
      held_by: from,
      held_since: now,
      ...context.escalation.ladder.first({
        party: to,
        recipientKind,
        reportKind: kind,
        priority: original.priority,
        createdAt: now,
      }),
      created_at: now,
    })
    .onConflict((on) => on.columns(['report_id', 'recipient_party']).doNothing())
    .returning('delivery_id')
    .executeTakeFirst();
  // Nobody but police can take the place of police: others are told as well, and a person is called.
  const replaces = original.recipient_kind !== 'police' || recipientKind === 'police';
  if (opened === undefined) return replaces && !(await hasGivenAway(tenant, tx, original.report_id, to));
  await audit(tx, context, {
    actor: from,
    action: 'delivery.opened',
    subject: { deliveryId: opened.delivery_id, reportId: original.report_id, party: to, transferredFrom: deliveryId, hold: 'no-route' },
  });
  return replaces;
}

/** Two agencies that name each other, or one that names itself: the report would be with nobody, and no clock would run. */
async function hasGivenAway(tenant: Tenant, tx: Tx, reportId: string, party: string): Promise<boolean> {
  const word = await tx
    .selectFrom('receipts')
    .select('row_id')
    .where('facility', '=', tenant)
    .where('kind', '=', 'receipt')
    .where('stage', '=', 'misdirected')
    .where('issuer', '=', party)
    .where('delivery_id', 'in', (of) =>
      of.selectFrom('deliveries').select('delivery_id').where('report_id', '=', reportId).where('recipient_party', '=', party),
    )
    .limit(1)
    .executeTakeFirst();
  return word !== undefined;
}
