import { isId } from '@zhida/core';
import type { Report } from '@zhida/report';
import type { LedgerContext, Tenant } from '../ledger/context.js';
import type { ProfileRecipient } from '../options.js';

/** What the reports of a case that came before say about who must hear of the next one. */
export interface ChainSoFar {
  /** Whoever got an earlier report: a correction must reach everyone who got what it corrects. */
  readonly recipients: readonly ProfileRecipient[];
  readonly conflicts: readonly string[];
}

const NO_CHAIN: ChainSoFar = { recipients: [], conflicts: [] };

/** Reads the chain a report names; a first report asks nothing of the database, unless a later one has overtaken it. */
export async function readChain(
  tenant: Tenant,
  { db, recipientOf }: Pick<LedgerContext, 'db' | 'recipientOf'>,
  report: Report,
  overtaken: boolean,
): Promise<ChainSoFar> {
  const named = report.chain?.id ?? '';
  const chainId = named === '' ? report.reportId : named;
  if (!isId('rpt', chainId) || (chainId === report.reportId && !overtaken)) return NO_CHAIN;
  const rows = await db
    .selectFrom('deliveries')
    .innerJoin('reports', 'reports.report_id', 'deliveries.report_id')
    .select(['recipient_party', 'recipient_kind', 'recipient_name', 'view'])
    .distinctOn('recipient_party')
    .where('deliveries.facility', '=', tenant)
    .where('chain_id', '=', chainId)
    .orderBy('recipient_party')
    .execute();
  const recipients = rows.map(
    (row): ProfileRecipient =>
      recipientOf(row.recipient_party) ?? {
        party: row.recipient_party,
        kind: row.recipient_kind,
        name: row.recipient_name,
        view: row.view,
        system: 'push',
        priority: 9,
      },
  );
  return { recipients, conflicts: await conflictsOfChain(tenant, db, chainId) };
}

/** True if both reach and keep out the same parties. */
export function isSameChain(one: ChainSoFar, other: ChainSoFar): boolean {
  const words = ({ recipients, conflicts }: ChainSoFar): string => [...recipients.map(({ party }) => party), ...conflicts].join(' ');
  return words(one) === words(other);
}

/** What any report of a chain says of conflicts of interest, each once. */
export async function conflictsOfChain(tenant: Tenant, db: LedgerContext['db'], chainId: string): Promise<string[]> {
  const reports = await db
    .selectFrom('reports')
    .select('conflicts')
    .where('facility', '=', tenant)
    .where('chain_id', '=', chainId)
    .execute();
  return [...new Set(reports.flatMap(({ conflicts }) => conflicts))].sort();
}
