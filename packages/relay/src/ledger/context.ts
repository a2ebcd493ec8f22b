import type { Clock } from '@zhida/core';
import type { KeyDirectory, Sealer } from '@zhida/signing';
import type { Kysely, Transaction } from 'kysely';
import type { LimitsOf } from '../delivery/limits.js';
import type { EscalationRules } from '../escalation/rules.js';
import type { ProfileRecipient } from '../options.js';
import type { PartyName, RelaySchema } from '../schema.js';

/** The reporting facility's code. It comes first in every ledger function, so that no query forgets whose row it reads. */
export type Tenant = string;

/** What every ledger function works with. */
export interface LedgerContext {
  readonly db: Kysely<RelaySchema>;
  readonly clock: Clock;
  readonly sealer: Sealer;
  readonly keys: KeyDirectory;
  /** How the profile calls a party; its id where the profile does not know it. */
  readonly nameOf: (party: string) => PartyName;
  /** What the profile says of a party; `undefined` for one it does not know. */
  readonly recipientOf: (party: string) => ProfileRecipient | undefined;
  /** Whom a release to a kind of recipient reaches, given the conflicts of the case. */
  readonly releaseRecipients: (tenant: Tenant, kind: string, conflicts: readonly string[]) => readonly ProfileRecipient[];
  /** Whether a case with these conflicts may not be handed on to a party by another agency. */
  readonly isKeptFrom: (tenant: Tenant, party: string, conflicts: readonly string[]) => boolean;
  readonly escalation: EscalationRules;
  /** Told after a commit that changed what a status line says. */
  readonly changed: (reportId: string) => void;
  /** How an endpoint may be reached. */
  readonly limitsOf: LimitsOf;
}

export type Tx = Transaction<RelaySchema>;
/** A reading that may run inside a transaction or outside of one. */
export type Reader = Kysely<RelaySchema>;

/** How far two honest clocks may be apart. */
export const CLOCK_SKEW_MS = 300_000;

/** The clock's time as the database takes it. */
export function dateNow(clock: Clock): Date {
  return new Date(clock.now());
}
