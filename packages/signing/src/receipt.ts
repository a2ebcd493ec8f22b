import { ZhidaError } from '@zhida/core';
import type { Claims } from './claims.js';
import type { KeyDirectory } from './keys/key-directory.js';
import { readStatementHead, signStatement, type StatementHead, statementKind, verifyStatement } from './statement.js';
import type { TrustStore } from './trust/trust-store.js';

export const RECEIPT = statementKind('receipt', readReceiptClaims);

/** What an agency says of a delivery: its system holds it, an officer took it, it belongs elsewhere, it is no longer used (INV-5). */
export const RECEIPT_STAGES = ['stored', 'accepted', 'misdirected', 'stopped-using'] as const;
export type ReceiptStage = (typeof RECEIPT_STAGES)[number];

/** The claims of a receipt. */
export interface ReceiptClaims extends StatementHead {
  readonly receiptId: string;
  readonly deliveryId: string;
  readonly reportId: string;
  readonly sequence: number;
  readonly payloadSha256: string;
  readonly stage: ReceiptStage;
  readonly agencyNumber: string | null;
  readonly transferredTo: string | null;
  /** RFC 3339 with offset. */
  readonly at: string;
}

/** What a receipt must speak of to close a delivery. `iss` is the delivery's recipient: nobody signs for another. */
export type ExpectedReceipt = Partial<Pick<ReceiptClaims, 'iss' | 'deliveryId' | 'reportId' | 'sequence' | 'payloadSha256' | 'mode'>>;

/** Signs a receipt as a compact JWS over the JCS bytes of its claims: equal claims give equal bytes. @throws ZhidaError as {@link signStatement} does, and for claims that are none. */
export async function signReceipt(claims: ReceiptClaims, keys: KeyDirectory): Promise<string> {
  return signStatement(RECEIPT, claims, keys);
}

/**
 * Verifies a receipt addressed to the owner of `trusted`. The signing key must have been in its time when the receipt says it
 * was made: a receipt stays proof after its key is retired, and a key taken out of the trust file proves nothing any more.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE`, `ZD_ERR_ENVELOPE_AUDIENCE`, `ZD_ERR_PARTY_UNKNOWN`,
 * `ZD_ERR_SIGNATURE_MISMATCH`, `ZD_ERR_MODE_REFUSED`, or `ZD_ERR_RECEIPT_MISMATCH` when it speaks of something else than `expected`.
 */
export async function verifyReceipt(
  jws: string,
  { trusted, expected = {} }: { trusted: TrustStore; expected?: ExpectedReceipt },
): Promise<ReceiptClaims> {
  const claims = await verifyStatement(RECEIPT, jws, trusted);
  requireExpected(claims, expected);
  return claims;
}

/** @throws ZhidaError `ZD_ERR_RECEIPT_MISMATCH` naming the first claim that differs. */
export function requireExpected(claims: ReceiptClaims, expected: ExpectedReceipt): void {
  for (const [name, value] of Object.entries(expected)) {
    if (claims[name as keyof ExpectedReceipt] !== value) {
      throw new ZhidaError('ZD_ERR_RECEIPT_MISMATCH', 'the receipt speaks of something else', { at: name });
    }
  }
}

function readReceiptClaims(claims: Claims): ReceiptClaims {
  const { head, read } = readStatementHead(claims);
  return {
    ...head,
    receiptId: read.text('receiptId'),
    deliveryId: read.text('deliveryId'),
    reportId: read.text('reportId'),
    sequence: read.integer('sequence', 1),
    payloadSha256: read.sha256('payloadSha256'),
    stage: read.oneOf('stage', RECEIPT_STAGES),
    agencyNumber: read.textOrNull('agencyNumber'),
    transferredTo: read.textOrNull('transferredTo'),
    at: read.instant('at'),
  };
}
