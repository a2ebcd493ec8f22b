import type { ReportKind } from '@zhida/report';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import type { ProfileRecipient } from '../options.js';
import type { Priority, ReportRow } from '../schema.js';
import { deliveryIdFor } from './releases.js';

/** A later report of a case that is not written yet, and whom it goes to. */
export interface LaterReport {
  readonly reportId: string;
  readonly kind: ReportKind;
  readonly chainId: string;
  readonly priority: Priority;
  readonly recipients: readonly ProfileRecipient[];
}

/**
 * Opens the reports that came before to whoever hears of a case by this one: a follow-up says what is new, and the level above those with
 * a conflict of interest, or civil affairs of where the child has gone, could not act on that alone. They begin held; the next sweep
 * renders them. What an error notice speaks of is handed to nobody else. Under the lock of the case.
 */
export async function openToNewcomers(tenant: Tenant, tx: Tx, context: LedgerContext, later: LaterReport): Promise<void> {
  const reports = await tx
    .selectFrom('reports')
    .select(['report_id', 'kind', 'priority'])
    .where('facility', '=', tenant)
    .where('chain_id', '=', later.chainId)
    .orderBy('sequence')
    .execute();
  // It may have overtaken the first of them.
  if (reports.length === 0 || [later, ...reports].some(({ kind }) => kind === 'error-notice')) return;
  const known = await tx
    .selectFrom('deliveries')
    .select(['report_id', 'recipient_party'])
    .where('facility', '=', tenant)
    .where(
      'report_id',
      'in',
      reports.map((report) => report.report_id),
    )
    .execute();
  const has = new Set(known.map((row) => `${row.report_id} ${row.recipient_party}`));
  for (const report of reports) {
    for (const recipient of later.recipients) {
      if (!has.has(`${report.report_id} ${recipient.party}`)) await open(tenant, tx, context, { later, recipient, report });
    }
  }
}

interface Opening {
  readonly later: LaterReport;
  readonly recipient: ProfileRecipient;
  readonly report: Pick<ReportRow, 'report_id' | 'kind' | 'priority'>;
}

async function open(tenant: Tenant, tx: Tx, context: LedgerContext, { later, recipient, report }: Opening): Promise<void> {
  const now = dateNow(context.clock);
  const { party, kind, view } = recipient;
  const hold = recipient.system === 'no-system' ? 'no-system' : 'no-route';
  const deliveryId = deliveryIdFor(view, context);
  await tx
    .insertInto('deliveries')
    .values({
      facility: tenant,
      delivery_id: deliveryId,
      report_id: report.report_id,
      recipient_party: party,
      recipient_kind: kind,
      recipient_name: JSON.stringify(recipient.name),
      view,
      priority: report.priority,
      next_due_at: now,
      hold_reason: hold,
      held_by: context.keys.party,
      held_since: now,
      ...context.escalation.ladder.first({
        party,
        recipientKind: kind,
        reportKind: report.kind,
        priority: report.priority,
        createdAt: now,
        // One call about a case is enough: an urgent report asks for it by itself.
        phoned: later.priority === 'urgent',
      }),
      created_at: now,
    })
    .execute();
  await audit(tx, context, {
    actor: context.keys.party,
    action: 'delivery.opened',
    subject: { deliveryId, reportId: report.report_id, party, joinedBy: later.reportId, hold },
  });
}
