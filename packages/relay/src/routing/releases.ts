import { createId, invariant } from '@zhida/core';
import { isReleaseKind, type RecipientKind, wholeDayClock } from '@zhida/report';
import type { FeedbackClaims } from '@zhida/signing';
import { lockChain } from '../intake/chain.js';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import type { ProfileRecipient } from '../options.js';
import type { HoldReason } from '../schema.js';
import { UNNAMED } from './conflicts.js';

/**
 * Opens the deliveries that a signed police `release` allows: of every report of the case, to the recipients of the kinds it
 * names. They begin held; the next sweep renders them. A kind with a conflict of interest, or any kind where the conflict is not
 * named, gets nothing in spite of the release.
 */
export async function openReleases(tenant: Tenant, tx: Tx, context: LedgerContext, claims: FeedbackClaims): Promise<void> {
  const { chain_id: chainId } = await tx
    .selectFrom('reports')
    .select('chain_id')
    .where('report_id', '=', claims.reportId)
    .executeTakeFirstOrThrow();
  await lockChain(tenant, tx, chainId);
  const reports = await tx
    .selectFrom('reports')
    .select(['report_id', 'kind', 'priority', 'conflicts'])
    .where('facility', '=', tenant)
    .where('chain_id', '=', chainId)
    .orderBy('sequence')
    .execute();
  const conflicts = new Set(reports.flatMap((report) => report.conflicts));
  for (const kind of claims.releaseTo) {
    const recipients = conflicts.has(UNNAMED) ? [] : context.releaseRecipients(tenant, kind, [...conflicts]);
    if (recipients.length === 0) {
      await audit(tx, context, { actor: claims.iss, action: 'release.without-recipient', subject: { reportId: claims.reportId, kind } });
    }
    for (const recipient of recipients) {
      for (const report of reports) await open(tenant, tx, context, claims, { recipient, report });
    }
  }
}

interface Opening {
  readonly recipient: ProfileRecipient;
  readonly report: { readonly report_id: string; readonly kind: string; readonly priority: 'urgent' | 'routine' };
}

async function open(tenant: Tenant, tx: Tx, context: LedgerContext, claims: FeedbackClaims, { recipient, report }: Opening): Promise<void> {
  const now = dateNow(context.clock);
  const hold: HoldReason = recipient.system === 'no-system' ? 'no-system' : 'no-route';
  const opened = await tx
    .insertInto('deliveries')
    .values({
      facility: tenant,
      delivery_id: deliveryIdFor(recipient.view, context),
      report_id: report.report_id,
      recipient_party: recipient.party,
      recipient_kind: recipient.kind,
      recipient_name: JSON.stringify(recipient.name),
      view: recipient.view,
      priority: 'routine',
      next_due_at: now,
      hold_reason: hold,
      held_by: claims.iss,
      held_since: now,
      ...context.escalation.ladder.first({
        party: recipient.party,
        recipientKind: recipient.kind,
        // They support the child and investigate nothing: no feedback is owed.
        reportKind: 'follow-up',
        priority: 'routine',
        createdAt: now,
      }),
      created_at: now,
    })
    .onConflict((on) => on.columns(['report_id', 'recipient_party']).doNothing())
    .returning('delivery_id')
    .executeTakeFirst();
  if (opened === undefined) return;
  invariant(isReleaseKind(recipient.view), 'a release opens deliveries to kinds that wait for one');
  await audit(tx, context, {
    actor: claims.iss,
    action: 'delivery.opened',
    subject: { deliveryId: opened.delivery_id, reportId: report.report_id, party: recipient.party, releasedBy: claims.feedbackId, hold },
  });
}

/** Kinds that see the facility, or nothing of it, but no minute: an id of theirs says no more than the day (ADR 3). */
const DAY_ONLY: readonly RecipientKind[] = ['health-commission'];

/** A new id for a delivery to this kind of recipient. */
export function deliveryIdFor(view: RecipientKind, { clock }: Pick<LedgerContext, 'clock'>): string {
  return createId('dlv', isDayOnly(view) ? wholeDayClock(clock) : clock);
}

/** True for a kind to which no time finer than the day is told. */
export function isDayOnly(view: RecipientKind): boolean {
  return isReleaseKind(view) || DAY_ONLY.includes(view);
}
