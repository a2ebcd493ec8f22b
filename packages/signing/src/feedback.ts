import type { Claims } from './claims.js';
import type { KeyDirectory } from './keys/key-directory.js';
import { readStatementHead, signStatement, type StatementHead, statementKind, verifyStatement } from './statement.js';
import type { TrustStore } from './trust/trust-store.js';

export const FEEDBACK = statementKind('feedback', readFeedbackClaims);

/** What the police can say of a report. */
export const POLICE_FEEDBACK_CODES = [
  'case-accepted',
  'filed',
  'not-filed',
  'no-penalty',
  'transferred',
  'warning-letter',
  'terminated',
  'release',
] as const;
/** What civil affairs can say of a report. */
export const CIVIL_AFFAIRS_FEEDBACK_CODES = ['guardianship', 'aid', 'referred', 'not-our-duty', 'closed'] as const;
const FEEDBACK_CODES = [...POLICE_FEEDBACK_CODES, ...CIVIL_AFFAIRS_FEEDBACK_CODES];
export type FeedbackCode = (typeof FEEDBACK_CODES)[number];

/**
 * The outcome codes a kind of recipient may give, in the order a screen offers them. A kind without a table of its own may
 * use those of both, but for `release`: only the police release a case to others.
 */
export function feedbackCodesOf(kind: string): readonly FeedbackCode[] {
  if (kind === 'police') return POLICE_FEEDBACK_CODES;
  if (kind === 'civil-affairs') return CIVIL_AFFAIRS_FEEDBACK_CODES;
  return FEEDBACK_CODES.filter((code) => code !== 'release');
}

/** The claims of a feedback. */
export interface FeedbackClaims extends StatementHead {
  readonly feedbackId: string;
  readonly reportId: string;
  readonly code: FeedbackCode;
  readonly reason: string | null;
  readonly transferredTo: string | null;
  readonly releaseTo: readonly string[];
  readonly documentNumber: string | null;
  /** RFC 3339 with offset. */
  readonly at: string;
}

/** Signs a feedback as a compact JWS over the JCS bytes of its claims. @throws ZhidaError as {@link signStatement} does, and for claims that are none. */
export async function signFeedback(claims: FeedbackClaims, keys: KeyDirectory): Promise<string> {
  return signStatement(FEEDBACK, claims, keys);
}

/**
 * Verifies a feedback addressed to the owner of `trusted`; its key is judged at the time the feedback was made, as a receipt's is.
 *
 * @throws ZhidaError `ZD_ERR_ENVELOPE_UNREADABLE`, `ZD_ERR_ENVELOPE_AUDIENCE`, `ZD_ERR_PARTY_UNKNOWN`,
 * `ZD_ERR_SIGNATURE_MISMATCH` or `ZD_ERR_MODE_REFUSED`.
 */
export async function verifyFeedback(jws: string, { trusted }: { trusted: TrustStore }): Promise<FeedbackClaims> {
  return verifyStatement(FEEDBACK, jws, trusted);
}

function readFeedbackClaims(claims: Claims): FeedbackClaims {
  const { head, read } = readStatementHead(claims);
  return {
    ...head,
    feedbackId: read.text('feedbackId'),
    reportId: read.text('reportId'),
    code: read.oneOf('code', FEEDBACK_CODES),
    reason: read.textOrNull('reason'),
    transferredTo: read.textOrNull('transferredTo'),
    releaseTo: read.texts('releaseTo'),
    documentNumber: read.textOrNull('documentNumber'),
    at: read.instant('at'),
  };
}
