import { isId, type Issue } from '@zhida/core';
import type { Report } from '@zhida/report';
import { sql } from 'kysely';
import type { Tenant, Tx } from '../ledger/context.js';

/** Where a report stands among the reports of one case: the id of the first report, and its position. */
export interface ChainPlace {
  readonly chainId: string;
  readonly sequence: number;
}

/**
 * Gives a follow-up, correction or error notice the next place of the chain it names. The sender's own count is not used:
 * two of them may be written at once. One that overtakes the first report of its case takes a place behind it, and the place
 * of the first is kept free. Until that comes the reference is an issue, never a refusal.
 */
export async function placeInChain(tenant: Tenant, tx: Tx, report: Report, issues: Issue[]): Promise<ChainPlace> {
  const named = report.chain?.id;
  const own = { chainId: report.reportId, sequence: 1 };
  if (named === undefined || named === '' || named === report.reportId) return own;
  const last = isId('rpt', named) ? await lastOfChain(tenant, tx, named) : undefined;
  if (last === undefined || !last.begun) issues.push({ code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: 'chain.id' });
  return last === undefined ? own : { chainId: named, sequence: last.sequence + 1 };
}

async function lastOfChain(tenant: Tenant, tx: Tx, chainId: string): Promise<{ sequence: number; begun: boolean }> {
  await lockChain(tenant, tx, chainId);
  const { first, last } = await tx
    .selectFrom('reports')
    .select((of) => [of.fn.min('sequence').as('first'), of.fn.max('sequence').as('last')])
    .where('facility', '=', tenant)
    .where('chain_id', '=', chainId)
    .executeTakeFirstOrThrow();
  return { sequence: last ?? 1, begun: first === 1 };
}

/**
 * Whoever adds a report to a case, or a recipient, does it one after the other, also before there is a first report to lock. Taken after the
 * row of a delivery and before that of a report.
 */
export async function lockChain(tenant: Tenant, tx: Tx, chainId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant} ${chainId}`}, 0))`.execute(tx);
}
