import { ATTACHMENT_RECEIPT } from './attachment.js';
import { claimReader } from './claims.js';
import { verifyCompact } from './compact-jws.js';
import { FEEDBACK } from './feedback.js';
import { OPENING } from './opening.js';
import { RECEIPT } from './receipt.js';
import { STATEMENT_UNREADABLE, statedAtMs, type StatementHead, type StatementKind } from './statement.js';
import type { TrustStore } from './trust/trust-store.js';

/** What an agency signs for one relay and another one may carry, by the last part of its address. */
export const FORWARDED_KINDS = ['receipts', 'feedback', 'openings', 'attachment-receipts'] as const;
export type ForwardedKind = (typeof FORWARDED_KINDS)[number];

const KINDS: Readonly<Record<ForwardedKind, Pick<StatementKind<StatementHead>, 'message'>>> = {
  receipts: RECEIPT,
  feedback: FEEDBACK,
  openings: OPENING,
  'attachment-receipts': ATTACHMENT_RECEIPT,
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
): Promise<{ readonly iss: string; readonly aud: string; readonly deliveryId: string | undefined }> {
  const { claims } = await verifyCompact(jws, KINDS[kind].message, { trusted, signedAtMs: statedAtMs });
  const read = claimReader(claims, STATEMENT_UNREADABLE);
  const { deliveryId } = claims;
  return { iss: read.text('iss'), aud: read.text('aud'), deliveryId: typeof deliveryId === 'string' ? deliveryId : undefined };
}
