import { invariant, type ScreenLocale, ZhidaError } from '@zhida/core';
import { type RecipientKind, renderForm } from '@zhida/report';
import { viewOf } from '../intake/render.js';
import { reopen } from '../intake/reopen.js';
import { audit } from './audit.js';
import type { LedgerContext, Tenant, Tx } from './context.js';
import { dataKeyOf } from './data-keys.js';
import { type CaseOpening, visibleReport } from './open-case.js';

/** A report on paper, for one of its recipients. */
export interface FormRequest extends CaseOpening {
  readonly deliveryId: string;
  readonly locale: ScreenLocale;
}

/**
 * The report as a page to print, for the recipient of one delivery: what its own payload says and no more (INV-10), of restricted groups
 * the names alone. The log says who printed what for whom, before anything is shown.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this operator sees no such report, it has no such delivery, or that one is held for a conflict of
 * interest.
 */
export async function printForm(tenant: Tenant, context: LedgerContext, asked: FormRequest): Promise<string> {
  const { reportId, deliveryId, by, reason, locale } = asked;
  return context.db.transaction().execute(async (tx) => {
    // The report first: whom a case is hidden from learns of no delivery of it either.
    const report = await visibleReport(tenant, tx, asked);
    const kind = await viewOfDelivery(tenant, tx, asked);
    const dataKey = await dataKeyOf(tenant, tx, context, reportId, 'report');
    const pressed = await reopen(tenant, tx, context, { report, dataKey, view: kind });
    await audit(tx, context, { actor: by, action: 'report.printed', subject: { reportId, deliveryId } }, { detail: { reason }, dataKey });
    const view = viewOf(pressed, kind);
    invariant(view !== undefined, 'a delivery is opened only for a view that exists');
    return renderForm({ view, locale, number: report.number });
  });
}

/** Paper for a recipient with an interest of its own would tell it what the relay keeps from it. */
async function viewOfDelivery(tenant: Tenant, tx: Tx, { reportId, deliveryId }: FormRequest): Promise<RecipientKind> {
  const delivery = await tx
    .selectFrom('deliveries')
    .select('view')
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .where('delivery_id', '=', deliveryId)
    .where('hold_reason', 'is distinct from', 'conflict')
    .executeTakeFirst();
  if (delivery === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'this report has no such delivery', { at: 'deliveryId' });
  return delivery.view;
}
