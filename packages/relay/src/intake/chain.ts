import { isId, type Issue } from '@zhida/core';
import type { Report } from '@zhida/report';
import type { Tenant, Tx } from '../ledger/context.js';

/** Where a report stands among the reports of one case: the id of the first report, and its position. */
export interface ChainPlace {
  readonly chainId: string;
  readonly sequence: number;
}

/**
 * Gives a follow-up, correction or error notice the next place of the chain it names. The sender's own count is not used:
 * two of them may be written at once. A chain this facility does not have is an issue, never a refusal; the report then
 * begins its own.
 */
export async function placeInChain(tenant: Tenant, tx: Tx, report: Report, issues: Issue[]): Promise<ChainPlace> {
  const named = report.chain?.id;
  const own = { chainId: report.reportId, sequence: 1 };
  if (named === undefined || named === '' || named === report.reportId) return own;
  const last = isId('rpt', named) ? await lastOfChain(tenant, tx, named) : undefined;
  if (last === undefined) {
    issues.push({ code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: 'chain.id' });
    return own;
  }
  return { chainId: named, sequence: last + 1 };
}

async function lastOfChain(tenant: Tenant, tx: Tx, chainId: string): Promise<number | undefined> {
  // The first report's row is the chain's lock: two follow-ups pressed at once take their places one after the other.
  const first = await tx
    .selectFrom('reports')
    .select('report_id')
    .where('facility', '=', tenant)
    .where('chain_id', '=', chainId)
    .where('sequence', '=', 1)
    .forUpdate()
    .executeTakeFirst();
  if (first === undefined) return undefined;
  const last = await tx
    .selectFrom('reports')
    .select((of) => of.fn.max('sequence').as('sequence'))
    .where('facility', '=', tenant)
    .where('chain_id', '=', chainId)
    .executeTakeFirstOrThrow();
  return last.sequence;
}
