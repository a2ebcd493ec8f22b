import { canonicalBytes, ZhidaError, isRecord } from '@zhida/core';
import { type Claims, claimReader } from './claims.js';
import { type MessageKind, signCompact, STATEMENT_LENGTH_MAX, verifyCompact } from './compact-jws.js';
import type { KeyDirectory } from './keys/key-directory.js';
import type { PayloadMode } from './mode.js';
import { SKEW_SECONDS } from './time.js';
import type { TrustStore } from './trust/trust-store.js';

const INVALID = 'ZD_ERR_TOKEN_INVALID';
const TICKET: MessageKind = { typ: 'zhida-press-ticket+jwt', roles: ['gateway'], unreadable: INVALID, lengthMax: STATEMENT_LENGTH_MAX };

/** The longest a press ticket may live, in seconds: 72 h. */
export const TICKET_SECONDS_MAX = 72 * 3600;

/** Who presses, as the hospital's own sign-in knows him. Every text may be empty: a missing name is no reason to lose a report (INV-9). */
export interface TicketReporter {
  readonly name: string;
  readonly role: string;
  readonly staffId: string;
  readonly phone?: string;
  readonly licenceNumber?: string;
}

/** The claims of a press ticket: one person, one facility, one encounter, one purpose. */
export interface TicketClaims {
  /** `gateway:…` */
  readonly iss: string;
  /** `relay:…` */
  readonly aud: string;
  /** The account that presses. */
  readonly sub: string;
  readonly facility: string;
  readonly encounterId: string;
  readonly promptId: string | null;
  /** The idempotency key of the press. */
  readonly pressId: string;
  readonly mode: PayloadMode;
  readonly purpose: 'report';
  readonly reporter: TicketReporter;
  /** Seconds since 1970. */
  readonly iat: number;
  /** At most {@link TICKET_SECONDS_MAX} after `iat`. */
  readonly exp: number;
  readonly jti: string;
}

/** Signs a press ticket. @throws ZhidaError as {@link signCompact} does, and `ZD_ERR_TOKEN_INVALID` for claims that are none. */
export async function signTicket(claims: TicketClaims, keys: KeyDirectory): Promise<string> {
  const checked = readTicketClaims({ ...claims });
  return signCompact(TICKET, canonicalBytes(checked), checked, keys);
}

export interface VerifyTicketOptions {
  readonly trusted: TrustStore;
  /** The relay the ticket must be for. */
  readonly audience: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The gateway's own keys, where it checks a ticket it has signed itself. */
  readonly self?: KeyDirectory;
}

/**
 * Verifies a press ticket. One past its time, or from a clock that is wrong, is still a ticket: it comes back `expired` and
 * the report is taken and flagged (INV-9). Its key is judged at the time it was issued.
 *
 * @throws ZhidaError `ZD_ERR_TOKEN_INVALID` when it is malformed or for somebody else, `ZD_ERR_PARTY_UNKNOWN`,
 * `ZD_ERR_SIGNATURE_MISMATCH`, `ZD_ERR_MODE_REFUSED`.
 */
export async function verifyTicket(
  token: string,
  { trusted, audience, now, self }: VerifyTicketOptions,
): Promise<{ readonly claims: TicketClaims; readonly expired: boolean }> {
  const { claims: raw } = await verifyCompact(token, TICKET, {
    trusted,
    self,
    signedAtMs: ({ iat }) => (typeof iat === 'number' ? iat * 1000 : Number.NaN),
  });
  const claims = readTicketClaims(raw);
  if (claims.aud !== audience) throw new ZhidaError(INVALID, 'the ticket is for another party', { at: 'aud' });
  const nowSeconds = Math.floor(now / 1000);
  return { claims, expired: nowSeconds >= claims.exp || nowSeconds < claims.iat - SKEW_SECONDS };
}

function readTicketClaims(claims: Claims): TicketClaims {
  const read = claimReader(claims, INVALID);
  const checked: TicketClaims = {
    iss: read.text('iss'),
    aud: read.text('aud'),
    sub: read.text('sub'),
    facility: read.text('facility'),
    encounterId: read.text('encounterId'),
    promptId: read.textOrNull('promptId'),
    pressId: read.text('pressId'),
    mode: read.text('mode') as PayloadMode,
    purpose: read.oneOf('purpose', ['report']),
    reporter: readReporter(claims['reporter']),
    iat: read.integer('iat', 0),
    exp: read.integer('exp', 0),
    jti: read.text('jti'),
  };
  if (checked.exp <= checked.iat || checked.exp - checked.iat > TICKET_SECONDS_MAX) {
    throw new ZhidaError(INVALID, 'a press ticket lives at most 72 hours', { at: 'exp' });
  }
  return checked;
}

function readReporter(value: unknown): TicketReporter {
  const member = (name: string): string | undefined => {
    const text = isRecord(value) ? value[name] : undefined;
    if (text !== undefined && typeof text !== 'string') throw new ZhidaError(INVALID, 'this must be text', { at: `reporter.${name}` });
    return text;
  };
  const phone = member('phone');
  const licenceNumber = member('licenceNumber');
  return {
    name: member('name') ?? '',
    role: member('role') ?? '',
    staffId: member('staffId') ?? '',
    ...(phone === undefined ? {} : { phone }),
    ...(licenceNumber === undefined ? {} : { licenceNumber }),
  };
}
