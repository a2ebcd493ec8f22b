import { isReleaseKind, type RecipientKind, type Report } from '@zhida/report';
import type { LedgerContext, Tenant } from '../ledger/context.js';
import type { ProfileRecipient, RelayProfile } from '../options.js';
import type { AddressTable } from './address-table.js';
import { type ChainSoFar, readChain } from './chain-recipients.js';
import { conflictsOf, isConflicted } from './conflicts.js';
import { routeReport } from './route-report.js';

/** Who receives one report, and what the ledger keeps of why. */
export interface Routing {
  readonly recipients: readonly ProfileRecipient[];
  /** Of this report and of those before it. */
  readonly conflicts: readonly string[];
  /** Kinds that the police have released this case to earlier. */
  readonly releasedTo: readonly RecipientKind[];
  /** The case as it was routed by. */
  readonly chain: ChainSoFar;
}

/**
 * Routes a report: by the profile, and to everyone who got another report of its chain, but for those with a conflict. `overtaken` is the
 * first report of a case whose follow-up came before it.
 */
export async function recipientsOf(
  tenant: Tenant,
  context: { readonly ledger: LedgerContext; readonly profile: RelayProfile; readonly addressTable?: AddressTable | undefined },
  report: Report,
  overtaken = false,
): Promise<Routing> {
  const { ledger, profile, addressTable } = context;
  const chain = await readChain(tenant, ledger, report, overtaken);
  const conflicts = [...new Set([...chain.conflicts, ...conflictsOf(report)])].sort();
  const routed = routeReport(report, { profile, facility: tenant, conflicts, addressTable }).filter(
    (recipient) => !isNewBySilence(recipient, report, chain, (known) => isKept(known, conflicts, profile)),
  );
  const parties = new Set(routed.map(({ party }) => party));
  // Whoever has no conflict goes on hearing of the case; who has one was replaced above.
  const also = chain.recipients.filter(({ party, kind, view }) => {
    if (parties.has(party) || isKept({ party, kind }, conflicts, profile)) return false;
    return !isReleaseKind(view) || conflicts.length === 0;
  });
  const recipients = [...routed, ...also];
  return { recipients, conflicts, chain, releasedTo: [...new Set(also.map(({ view }) => view).filter(isReleaseKind))] };
}

type Known = Pick<ProfileRecipient, 'party' | 'kind'>;

/** A conflict of interest keeps the case from it. */
export function isKept({ party, kind }: Known, conflicts: readonly string[], profile: RelayProfile): boolean {
  return conflicts.includes(party) || isConflicted(kind, conflicts, profile);
}

/**
 * Civil affairs are told by where the child is. A later report that does not say it changes nothing: the ones that were told before go on
 * hearing of the case, and no others begin to.
 */
function isNewBySilence({ party, kind }: Known, report: Report, { recipients }: ChainSoFar, isKeptOut: (known: Known) => boolean): boolean {
  const { status = 'unknown' } = report.whereabouts ?? {};
  if (kind !== 'civil-affairs' || report.kind === 'initial' || status !== 'unknown') return false;
  const told = recipients.filter((known) => known.kind === kind && !isKeptOut(known));
  return told.length > 0 && told.every((known) => known.party !== party);
}
