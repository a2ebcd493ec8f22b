import type { Json } from '@zhida/core';
import { isReleaseKind, type RecipientKind } from '@zhida/report';
import type { LedgerContext, Tenant, Tx } from '../ledger/context.js';
import { dataKeyOf, sealedAs } from '../ledger/data-keys.js';
import type { ReportRow } from '../schema.js';
import { type PressedReport, pressedFrom, withPlace } from './pressed.js';
import { readBody } from './read-body.js';

/** A stored report, the key of its body, and for whose view it is opened. */
export interface Reopening {
  readonly report: ReportRow;
  readonly dataKey: Uint8Array;
  readonly view: RecipientKind;
}

/**
 * A stored report as it was pressed, with what the credential and the ledger add to it: what a view is cut from long after the press.
 *
 * @throws ZhidaError where a key of the report is destroyed or its body cannot be opened.
 */
export async function reopen(tenant: Tenant, tx: Tx, ledger: LedgerContext, { report, dataKey, view }: Reopening): Promise<PressedReport> {
  const reportId = report.report_id;
  const body = readBody(Buffer.from(ledger.sealer.open(dataKey, report.body_sealed, sealedAs.body(reportId))));
  const { pressed } = pressedFrom(tenant, body, {
    reportId,
    mode: report.mode,
    receivedAt: report.received_at.toISOString(),
    reporterIdentity: await reopenReporter(tenant, tx, ledger, report),
    authDegraded: report.auth_degraded,
  });
  // A delivery to a kind that waits for a release is opened by one and by nothing else.
  const releasedTo = isReleaseKind(view) ? [view] : [];
  return withPlace(
    { ...pressed, releasedTo },
    {
      number: report.number,
      priority: report.priority,
      place: { chainId: report.chain_id, sequence: report.sequence },
    },
  );
}

async function reopenReporter(tenant: Tenant, tx: Tx, ledger: LedgerContext, report: ReportRow): Promise<Json | undefined> {
  if (report.reporter_sealed === null) return undefined;
  const key = await dataKeyOf(tenant, tx, ledger, report.report_id, 'reporter');
  const identity = ledger.sealer.open(key, report.reporter_sealed, sealedAs.reporter(report.report_id));
  return JSON.parse(Buffer.from(identity).toString('utf8')) as Json;
}
