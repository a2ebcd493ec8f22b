import { randomUUID } from 'node:crypto';
import { canonicalBytes, type Json, ZhidaError } from '@zhida/core';
import { type Claims, claimReader } from './claims.js';
import { type MessageKind, signCompact, STATEMENT_LENGTH_MAX, verifyCompact } from './compact-jws.js';
import type { KeyDirectory } from './keys/key-directory.js';
import type { PayloadMode } from './mode.js';
import { PARTY_ROLES, type PartyRole } from './party.js';
import { SKEW_SECONDS } from './time.js';
import type { TrustStore } from './trust/trust-store.js';

const INVALID = 'ZD_ERR_TOKEN_INVALID';
const ASSERTION: MessageKind = { typ: 'zhida-assertion+jwt', roles: PARTY_ROLES, unreadable: INVALID, lengthMax: STATEMENT_LENGTH_MAX };

/** The longest an assertion may live, in seconds (a token lives at most 15 minutes). */
export const ASSERTION_SECONDS_MAX = 900;

/** The claims of an assertion; whatever `extra` added is there under its own name. */
export interface AssertionClaims {
  readonly iss: string;
  /** The party itself, unless `extra` named an account. */
  readonly sub: string;
  readonly aud: string;
  readonly scope: string;
  readonly facility?: string | undefined;
  readonly mode: PayloadMode;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly [claim: string]: unknown;
}

export interface SignAssertionOptions {
  readonly keys: KeyDirectory;
  /** The party that shall take it. */
  readonly audience: string;
  /** Space-separated scopes. */
  readonly scope: string;
  readonly facility?: string;
  /** 1 to {@link ASSERTION_SECONDS_MAX}. */
  readonly lifetimeSeconds: number;
  /** Further claims, `sub` among them; they may not name `iss`, `aud`, `mode`, `iat`, `exp` or `jti`. */
  readonly extra?: { readonly [claim: string]: Json };
  /** Milliseconds since 1970. @defaultValue the key directory's clock */
  readonly now?: number;
}

const RESERVED = ['iss', 'aud', 'mode', 'iat', 'exp', 'jti', 'scope', 'facility'];

/** Signs a short-lived JWT by which one party shows another who it is (in the style of SMART Backend Services). @throws ZhidaError `ZD_ERR_OPTION_INVALID` for a lifetime or claim out of bounds. */
export async function signAssertion(options: SignAssertionOptions): Promise<string> {
  const { keys, audience, scope, facility, lifetimeSeconds, extra = {}, now = keys.clock.now() } = options;
  if (!Number.isInteger(lifetimeSeconds) || lifetimeSeconds < 1 || lifetimeSeconds > ASSERTION_SECONDS_MAX) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', `an assertion lives 1 to ${ASSERTION_SECONDS_MAX} seconds`, { at: 'lifetimeSeconds' });
  }
  const reserved = RESERVED.find((name) => Object.hasOwn(extra, name));
  if (reserved !== undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'this claim is not free', { at: `extra.${reserved}` });
  const iat = Math.floor(now / 1000);
  const claims = {
    sub: keys.party,
    ...extra,
    ...(facility === undefined ? {} : { facility }),
    iss: keys.party,
    aud: audience,
    scope,
    mode: keys.mode,
    iat,
    exp: iat + lifetimeSeconds,
    jti: randomUUID(),
  };
  return signCompact(ASSERTION, canonicalBytes(claims), claims, keys);
}

export interface VerifyAssertionOptions {
  readonly trusted: TrustStore;
  /** Our own name as the sender must have written it. */
  readonly audience: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Who may come. @defaultValue every role */
  readonly roles?: readonly PartyRole[];
  /** How long past its time an assertion is still taken, flagged `expired` (INV-9). @defaultValue 0 */
  readonly toleranceExpiredSeconds?: number;
}

/**
 * Verifies an assertion.
 *
 * @throws ZhidaError `ZD_ERR_TOKEN_INVALID` when it is malformed, for somebody else, or made to live too long;
 * `ZD_ERR_SIGNATURE_EXPIRED` when it is past its time and the tolerance, or from the future; `ZD_ERR_PARTY_UNKNOWN`,
 * `ZD_ERR_SIGNATURE_MISMATCH`, `ZD_ERR_MODE_REFUSED`.
 */
export async function verifyAssertion(
  token: string,
  { trusted, audience, now, roles = PARTY_ROLES, toleranceExpiredSeconds = 0 }: VerifyAssertionOptions,
): Promise<{ readonly claims: AssertionClaims; readonly expired: boolean }> {
  const { claims: raw } = await verifyCompact(token, { ...ASSERTION, roles }, { trusted, signedAtMs: () => now });
  const claims = readAssertionClaims(raw);
  if (claims.aud !== audience) throw new ZhidaError(INVALID, 'the assertion is for another party', { at: 'aud' });
  const nowSeconds = Math.floor(now / 1000);
  if (claims.iat > nowSeconds + SKEW_SECONDS)
    throw new ZhidaError('ZD_ERR_SIGNATURE_EXPIRED', 'the assertion is from the future', { at: 'iat' });
  // Negated, so that a tolerance that is not a number lets nothing through.
  if (!(nowSeconds < claims.exp + toleranceExpiredSeconds)) {
    throw new ZhidaError('ZD_ERR_SIGNATURE_EXPIRED', 'the assertion is past its time', { at: 'exp' });
  }
  return { claims, expired: nowSeconds >= claims.exp };
}

function readAssertionClaims(claims: Claims): AssertionClaims {
  const read = claimReader(claims, INVALID);
  const known = {
    iss: read.text('iss'),
    sub: read.text('sub'),
    aud: read.text('aud'),
    scope: read.text('scope'),
    mode: read.text('mode') as PayloadMode,
    iat: read.integer('iat', 0),
    exp: read.integer('exp', 0),
    jti: read.text('jti'),
  };
  const facility = read.optionalText('facility');
  if (known.exp <= known.iat || known.exp - known.iat > ASSERTION_SECONDS_MAX) {
    throw new ZhidaError(INVALID, 'the assertion is made to live too long', { at: 'exp' });
  }
  return { ...claims, ...known, ...(facility === undefined ? {} : { facility }) };
}
