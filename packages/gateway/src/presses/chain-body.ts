import { isRecord } from '@zhida/core';
import { nextInChain, readReport, type Report } from '@zhida/report';
import type { GatewayContext } from '../context.js';
import type { FollowKind } from '../schema.js';
import { openPress } from './sealed-press.js';

const LATER_KINDS: readonly FollowKind[] = ['follow-up', 'correction', 'error-notice'];
/** What the case itself says of a report; the page's own words about it are not used. */
const OWN = ['schemaVersion', 'reportId', 'number', 'mode', 'kind', 'createdAt', 'chain', 'errorReason'];

/** What a body says it is; a follow-up where it says nothing a case knows (INV-9). */
export function followKindOf({ kind }: Readonly<Record<string, unknown>>): FollowKind {
  return LATER_KINDS.find((known) => known === kind) ?? 'follow-up';
}

/**
 * The report that goes out for a press that follows another: the case, child and hospital are those of the first report as it was
 * pressed, and only what has changed is the page's. So nothing a page says can put it into another child's case. The same press gives
 * the same words at every attempt.
 *
 * @returns undefined while the relay has not taken the first report.
 * @throws ZhidaError `ZD_ERR_SEALED_UNREADABLE`
 */
export async function bodyInChain(
  context: GatewayContext,
  { body, follows }: { readonly body: Uint8Array; readonly follows: string },
): Promise<Uint8Array | undefined> {
  const first = await context.database.db
    .selectFrom('presses')
    .select(['report_id', 'wrapped_key', 'sealed_body', 'sealed_ticket'])
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', follows)
    .executeTakeFirst();
  if (first === undefined || first.report_id === null) return undefined;
  const report = { ...reportPressed(context, follows, first), reportId: first.report_id };
  return new TextEncoder().encode(JSON.stringify(laterReport(report, objectIn(body))));
}

/** The report of a press as it was pressed. One whose text was erased can still be followed: the relay has it. */
export function reportPressed(context: GatewayContext, pressId: string, row: Parameters<typeof openPress>[2]): Report {
  const pressed = row.wrapped_key === null ? {} : objectIn(openPress(context, pressId, row).body);
  return readReport(pressed, { mode: context.mode, facility: context.facility }).report;
}

function laterReport(first: Report, said: Readonly<Record<string, unknown>>): object {
  const text = (name: string): string => (typeof said[name] === 'string' ? said[name] : '');
  const kind = followKindOf(said);
  const errorReason = text('errorReason') || (kind === 'error-notice' ? 'entered-in-error' : '');
  const { patient, ...changes } = Object.fromEntries(Object.entries(said).filter(([name]) => !OWN.includes(name)));
  const { id: chainId } = first.chain ?? {};
  const { reportId: _its, ...later } = nextInChain(
    { ...first, chain: chainId ? { id: chainId } : {} },
    {
      reportId: first.reportId,
      kind,
      createdAt: text('createdAt'),
      ...(errorReason === '' ? {} : { errorReason: errorReason as NonNullable<Report['errorReason']> }),
      changes: { ...(changes as Partial<Report>), ...(isRecord(patient) ? { patient: { ...first.patient, ...patient } } : {}) },
    },
  );
  return later;
}

function objectIn(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
  return isRecord(value) ? value : {};
}
