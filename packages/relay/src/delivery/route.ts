import type { KeyDirectory, TrustedParty } from '@zhida/signing';
import { isDisabled } from '../ledger/endpoints.js';
import type { Reader, Tenant } from '../ledger/context.js';
import type { HoldReason } from '../schema.js';

/** A pinned agency as it is reached now. */
export interface TrustedRecipient {
  readonly party: TrustedParty;
  readonly baseUrl: string;
}

/** Why nothing can be sent to a recipient. */
export interface HeldRoute {
  readonly kind: 'held';
  readonly reason: Extract<HoldReason, 'no-route' | 'endpoint-disabled'>;
}

/** Where and with which keys a recipient is reached now, or why nothing can be sent to it. */
export type Route = ({ readonly kind: 'open' } & TrustedRecipient) | HeldRoute;

/** Looks up endpoint and current keys of a recipient that deliveries are held for. */
export async function resolveRoute(tenant: Tenant, db: Reader, keys: KeyDirectory, party: string, nowMs: number): Promise<Route> {
  const trusted = trustedRecipient(keys, party, nowMs);
  if (trusted === undefined) return { kind: 'held', reason: 'no-route' };
  if (await isDisabled(tenant, db, party)) return { kind: 'held', reason: 'endpoint-disabled' };
  return { kind: 'open', ...trusted };
}

/**
 * A pinned agency with keys of this moment and an address; `undefined` if one of them is missing. Looked up at every attempt,
 * so that a rotated key or a moved endpoint drains the backlog without touching a delivery.
 */
export function trustedRecipient(keys: KeyDirectory, party: string, nowMs: number): TrustedRecipient | undefined {
  const trusted = keys.trusted.party(party);
  if (trusted === undefined || trusted.role !== 'agency' || trusted.mode !== keys.mode) return undefined;
  if (trusted.baseUrl === undefined || trusted.encKey(nowMs) === undefined || trusted.restrictedKey(nowMs) === undefined) return undefined;
  return { party: trusted, baseUrl: trusted.baseUrl };
}
