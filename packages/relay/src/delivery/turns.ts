import type { LedgerContext, Tenant } from '../ledger/context.js';
import { firstWaiting } from '../ledger/due.js';

/** Whose deliveries an endpoint's next free slot is for. */
export interface Turns {
  /** @returns the facility after the one that was served last and has something due; `own` where nobody else has. */
  next(party: string, own: Tenant): Promise<Tenant>;
  /** Notes that a facility has won a slot. */
  took(party: string, tenant: Tenant): void;
}

/**
 * Facilities take turns at an endpoint, because its slots are shared: the backlog of one would hold them all, and the first report of
 * another would wait for its end. Each process goes round by itself. Of one facility alone nothing is asked.
 *
 * @param facilities all that may have something due.
 */
export function createTurns(ledger: Pick<LedgerContext, 'db' | 'clock'>, facilities: () => readonly Tenant[]): Turns {
  const lastOf = new Map<string, Tenant>();
  return {
    async next(party, own) {
      const all = [...new Set([...facilities(), own])].sort();
      if (all.length === 1) return own;
      const last = lastOf.get(party) ?? '';
      const round = [...all.filter((facility) => facility > last), ...all.filter((facility) => facility <= last)];
      return (await firstWaiting(round, ledger, party)) ?? own;
    },
    took: (party, tenant) => void lastOf.set(party, tenant),
  };
}
