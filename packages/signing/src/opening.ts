import type { Claims } from './claims.js';
import type { KeyDirectory } from './keys/key-directory.js';
import { readStatementHead, signStatement, type StatementHead, statementKind, verifyStatement } from './statement.js';
import type { TrustStore } from './trust/trust-store.js';

export const OPENING = statementKind('opening', readOpeningClaims);

/** The claims of an opening: a named officer has opened a restricted group, the reporter's identity for one, and gave a reason. */
export interface OpeningClaims extends StatementHead {
  readonly openingId: string;
  readonly deliveryId: string;
  readonly reportId: string;
  readonly group: string;
  /** The officer's account. */
  readonly officer: string;
  readonly reason: string;
  /** RFC 3339 with offset. */
  readonly at: string;
}

/** Signs an opening as a compact JWS over the JCS bytes of its claims. @throws ZhidaError as {@link signStatement} does, and for claims that are none. */
export async function signOpening(claims: OpeningClaims, keys: KeyDirectory): Promise<string> {
  return signStatement(OPENING, claims, keys);
}

/**
 * Verifies an opening addressed to the owner of `trusted`; its key is judged at the time of the opening, as a receipt's is.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE`, `ZD_ERR_ENVELOPE_AUDIENCE`, `ZD_ERR_PARTY_UNKNOWN`,
 * `ZD_ERR_SIGNATURE_MISMATCH` or `ZD_ERR_MODE_REFUSED`.
 */
export async function verifyOpening(jws: string, { trusted }: { trusted: TrustStore }): Promise<OpeningClaims> {
  return verifyStatement(OPENING, jws, trusted);
}

function readOpeningClaims(claims: Claims): OpeningClaims {
  const { head, read } = readStatementHead(claims);
  return {
    ...head,
    openingId: read.text('openingId'),
    deliveryId: read.text('deliveryId'),
    reportId: read.text('reportId'),
    group: read.text('group'),
    officer: read.text('officer'),
    reason: read.text('reason'),
    at: read.instant('at'),
  };
}
