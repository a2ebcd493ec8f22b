import { type Claims, claimReader } from './claims.js';
import { type MessageKind, STATEMENT_LENGTH_MAX, verifyCompact } from './compact-jws.js';
import { STATEMENT_UNREADABLE, statementType } from './statement.js';
import { instantMs } from './time.js';
import type { TrustStore } from './trust/trust-store.js';

/** What an agency signs for one relay and another one may carry, by the last part of its address. */
export const FORWARDED_KINDS = ['receipts', 'feedback', 'openings', 'attachment-receipts'] as const;
export type ForwardedKind = (typeof FORWARDED_KINDS)[number];

const NAMES: Readonly<Record<ForwardedKind, string>> = {
  receipts: 'receipt',
  feedback: 'feedback',
  openings: 'opening',
  'attachment-receipts': 'attachment-receipt',
};

/**
 * Verifies that a pinned agency has signed a statement that is addressed to somebody else, so that what a relay carries is not just
 * anybody's. What it says is for its addressee to read.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE`, `ZD_ERR_PARTY_UNKNOWN`, `ZD_ERR_SIGNATURE_MISMATCH` or `ZD_ERR_MODE_REFUSED`.
 */
export async function verifyForwarded(
  jws: string,
  kind: ForwardedKind,
  { trusted }: { readonly trusted: TrustStore },
): Promise<{ readonly iss: string; readonly aud: string }> {
  const message: MessageKind = {
    typ: statementType(NAMES[kind]),
    roles: ['agency'],
    unreadable: STATEMENT_UNREADABLE,
    lengthMax: STATEMENT_LENGTH_MAX,
  };
  const signedAtMs = ({ at }: Claims): number => instantMs(at) ?? Number.NaN;
  const { claims } = await verifyCompact(jws, message, { trusted, signedAtMs });
  const read = claimReader(claims, STATEMENT_UNREADABLE);
  return { iss: read.text('iss'), aud: read.text('aud') };
}
