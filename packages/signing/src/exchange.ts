import { isCompleteDate, parsePartialDate, ZhidaError } from '@zhida/core';
import type { Claims } from './claims.js';
import type { KeyDirectory } from './keys/key-directory.js';
import { roleOfParty } from './party.js';
import { readStatementHead, signStatement, STATEMENT_UNREADABLE, type StatementHead, statementKind, verifyStatement } from './statement.js';
import type { TrustStore } from './trust/trust-store.js';

const EXCHANGE = statementKind('exchange', readExchangeClaims, ['agency', 'relay']);

/** Ids listed in one statement at most, so that it stays below the limit of statements; a busier day is told by count and root alone. */
export const EXCHANGE_IDS_MAX = 1_000;

/** What one end of a road says of one day: the receipts that are dated in it. An agency begins, and its relay answers with its own. */
export interface ExchangeClaims extends StatementHead {
  /** `YYYY-MM-DD` in the zone of the law, Asia/Shanghai. */
  readonly day: string;
  readonly count: number;
  /** Merkle root over the day's receipts, lower-case hex. */
  readonly root: string;
  /** Their ids, where there are at most {@link EXCHANGE_IDS_MAX}. */
  readonly receiptIds: readonly string[];
  /** RFC 3339 with offset. */
  readonly at: string;
}

/** Signs one end's word of a day. @throws ZhidaError as `signCompact` does, and for claims that are none. */
export async function signExchange(claims: ExchangeClaims, keys: KeyDirectory): Promise<string> {
  return signStatement(EXCHANGE, claims, keys);
}

/**
 * Verifies the other end's word of a day: an agency's for a relay, a relay's for an agency.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE`, `ZD_ERR_ENVELOPE_AUDIENCE`, `ZD_ERR_PARTY_UNKNOWN`,
 * `ZD_ERR_SIGNATURE_MISMATCH` or `ZD_ERR_MODE_REFUSED`.
 */
export async function verifyExchange(jws: string, { trusted }: { trusted: TrustStore }): Promise<ExchangeClaims> {
  const claims = await verifyStatement(EXCHANGE, jws, trusted);
  if (roleOfParty(claims.iss) === roleOfParty(claims.aud))
    throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'an exchange is between an agency and a relay', { at: 'iss' });
  return claims;
}

function readExchangeClaims(claims: Claims): ExchangeClaims {
  const { head, read } = readStatementHead(claims);
  const day = read.text('day');
  const date = parsePartialDate(day);
  if (date === undefined || !isCompleteDate(date)) throw new ZhidaError(STATEMENT_UNREADABLE, 'a day is a date', { at: 'day' });
  return {
    ...head,
    day,
    count: read.integer('count', 0),
    root: read.sha256('root'),
    receiptIds: read.texts('receiptIds'),
    at: read.instant('at'),
  };
}
