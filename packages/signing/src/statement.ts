import { canonicalBytes, ZhidaError } from '@zhida/core';
import { type ClaimReader, type Claims, claimReader } from './claims.js';
import { type MessageKind, signCompact, STATEMENT_LENGTH_MAX, verifyCompact } from './compact-jws.js';
import type { KeyDirectory } from './keys/key-directory.js';
import type { PayloadMode } from './mode.js';
import { instantMs } from './time.js';
import type { TrustStore } from './trust/trust-store.js';

/** The code of a statement that cannot be read. */
export const STATEMENT_UNREADABLE = 'ZD_ERR_ENVELOPE_UNREADABLE';

/** What one party tells another in a signed sentence: a receipt, a feedback, an opening, a day's count. */
export interface StatementKind<Read extends object> {
  readonly message: MessageKind;
  /** For error messages, with its article: `the receipt`. */
  readonly named: string;
  readonly read: (claims: Claims) => Read;
}

/** What every statement begins with. */
export interface StatementHead {
  readonly v: '1';
  readonly mode: PayloadMode;
  /** Who says it: `agency:…` or `relay:…`. */
  readonly iss: string;
  /** To whom: the other kind of party. */
  readonly aud: string;
}

/** Reads what every statement begins with, and hands on the reader for the rest. */
export function readStatementHead(claims: Claims): { readonly head: StatementHead; readonly read: ClaimReader } {
  const read = claimReader(claims, STATEMENT_UNREADABLE);
  // Whether the key carries the mode is checked with its signature.
  const mode = read.text('mode') as PayloadMode;
  return { head: { v: read.oneOf('v', ['1']), mode, iss: read.text('iss'), aud: read.text('aud') }, read };
}

/** When a statement says it was made: the time at which its key is judged. @throws ZhidaError {@link STATEMENT_UNREADABLE} where it does not say. */
export function statedAtMs({ at }: Claims): number {
  const atMs = instantMs(at);
  if (atMs === undefined) throw new ZhidaError(STATEMENT_UNREADABLE, 'a statement says when it was made, as RFC 3339 has it', { at: 'at' });
  return atMs;
}

/** A kind of statement of type `zhida-<name>+jws`, made by agencies alone unless `roles` says otherwise. */
export function statementKind<Read extends object>(
  name: string,
  read: (claims: Claims) => Read,
  roles: MessageKind['roles'] = ['agency'],
): StatementKind<Read> {
  return {
    message: { typ: `zhida-${name}+jws`, roles, unreadable: STATEMENT_UNREADABLE, lengthMax: STATEMENT_LENGTH_MAX },
    named: `the ${name}`,
    read,
  };
}

/** Signs the JCS bytes of the claims as a compact JWS. @throws ZhidaError as {@link signCompact} does, and for claims that are none. */
export async function signStatement<Read extends object & Parameters<typeof signCompact>[2]>(
  { message, read }: StatementKind<Read>,
  claims: Read,
  keys: KeyDirectory,
): Promise<string> {
  const checked = read({ ...claims });
  return signCompact(message, canonicalBytes(checked), checked, keys);
}

/** Verifies a statement addressed to the owner of `trusted`; its key is judged at `signedAtMs`, the time the statement says it was made. */
export async function verifyStatement<Read extends object & { readonly aud: string }>(
  { message, named, read }: StatementKind<Read>,
  jws: string,
  trusted: TrustStore,
  signedAtMs: (claims: Claims) => number = statedAtMs,
): Promise<Read> {
  const { claims: raw } = await verifyCompact(jws, message, { trusted, signedAtMs });
  const claims = read(raw);
  if (claims.aud !== trusted.owner.party) {
    throw new ZhidaError('ZD_ERR_ENVELOPE_AUDIENCE', `${named} is addressed to another party`, { at: 'aud' });
  }
  return claims;
}
