import { invariant, type ScreenLocale, ZhidaError } from '@zhida/core';
import { isReleaseKind, renderForm, renderView } from '@zhida/report';
import type { LedgerContext, Tenant } from './context.js';
import { type CaseOpening, openReport } from './open-case.js';

/** A report on paper, for one of its recipients. */
export interface FormRequest extends CaseOpening {
  readonly deliveryId: string;
  readonly locale: ScreenLocale;
}

/**
 * The report as a page to print, for the recipient of one delivery: the fields of its own view and no other (INV-10), of restricted groups the
 * names alone. The log says who printed what, before anything is shown.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if this operator sees no such report, or it has no such delivery.
 */
export async function printForm(tenant: Tenant, context: LedgerContext, asked: FormRequest): Promise<string> {
  const { reportId, deliveryId, locale } = asked;
  return context.db.transaction().execute(async (tx) => {
    const delivery = await tx
      .selectFrom('deliveries')
      .select('view')
      .where('facility', '=', tenant)
      .where('report_id', '=', reportId)
      .where('delivery_id', '=', deliveryId)
      .executeTakeFirst();
    if (delivery === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'this report has no such delivery', { at: 'deliveryId' });
    const report = await openReport(tenant, tx, context, asked, 'report.printed');
    // A delivery to a kind that waits for a release is opened by one and by nothing else.
    const releasedTo = isReleaseKind(delivery.view) ? [delivery.view] : [];
    const view = renderView(report, delivery.view, { releasedTo });
    invariant(view !== undefined, 'a delivery is opened only for a view that exists');
    return renderForm({ view, locale, number: report.number });
  });
}
