import type { Issue } from '@zhida/core';
import type { Report } from '@zhida/report';
import { audit } from '../ledger/audit.js';
import { dateNow, type Tenant, type Tx } from '../ledger/context.js';
import { type PaperContext, serialOf } from './blocks.js';

/** A report that may have been on paper first. */
export interface PaperEntry {
  readonly report: Report;
  readonly chainId: string;
  readonly actor: string;
}

/**
 * Ties the number of a paper form to the report it is entered as, once: in the transaction that takes the report, so that two
 * entries of one form cannot both have it. A number that is none, or was used or struck off before, is an issue and never holds the
 * report up (INV-9); `GET /v1/paper/numbers/:number` says so before anybody types.
 */
export async function enterPaperNumber(
  tenant: Tenant,
  tx: Tx,
  context: PaperContext,
  { report, chainId, actor }: PaperEntry,
  issues: Issue[],
): Promise<void> {
  const text = report.paper?.number ?? '';
  if (text === '') {
    if (report.source === 'paper') issues.push({ code: 'FIELD_MISSING', severity: 'warning', at: 'paper.number' });
    return;
  }
  const { ledger, profile } = context;
  const serial = await serialOf(tenant, tx, profile, text);
  if (serial === undefined) {
    issues.push({ code: 'PAPER_NUMBER_UNKNOWN', severity: 'error', at: 'paper.number' });
    return;
  }
  const { numInsertedOrUpdatedRows: written } = await tx
    .insertInto('paper_numbers')
    .values({
      facility: tenant,
      serial,
      report_id: report.reportId,
      settled_at: dateNow(ledger.clock),
      settled_by: actor,
      void_reason: null,
    })
    .onConflict((on) => on.doNothing())
    .executeTakeFirstOrThrow();
  if (written === 0n) {
    if (!(await isOfChain(tenant, tx, serial, chainId))) issues.push({ code: 'PAPER_NUMBER_USED', severity: 'error', at: 'paper.number' });
    return;
  }
  await audit(tx, ledger, {
    actor,
    action: 'paper.entered',
    subject: { facility: tenant, serial: String(serial), reportId: report.reportId },
  });
}

/** A follow-up names the form its case began on. */
async function isOfChain(tenant: Tenant, tx: Tx, serial: number, chainId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('paper_numbers')
    .innerJoin('reports', 'reports.report_id', 'paper_numbers.report_id')
    .select('chain_id')
    .where('paper_numbers.facility', '=', tenant)
    .where('serial', '=', serial)
    .executeTakeFirst();
  return row?.chain_id === chainId;
}
