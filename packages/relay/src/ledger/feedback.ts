import { ZhidaError } from '@zhida/core';
import { type FeedbackClaims, feedbackCodesOf, sha256Hex } from '@zhida/signing';
import { openReleases } from '../routing/releases.js';
import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from './context.js';
import { dataKeyOf, sealedAs } from './data-keys.js';
import { appendEvent } from './events.js';

/** A feedback whose signature has been verified with a pinned key of its issuer. */
export interface SignedFeedback {
  readonly claims: FeedbackClaims;
  readonly jws: string;
}

/**
 * Records an agency's verified feedback (受案, 立案, 不予立案 …). Its words may name a person, so the whole of it is sealed
 * with the report's key and only the code stays readable. It moves no delivery: only a receipt does.
 *
 * @returns whether this feedback was already known.
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if the report is not this facility's or was never sent to the issuer;
 * `ZD_ERR_INPUT_UNREADABLE` for an outcome that is not of the issuer's kind; `ZD_ERR_CONFLICT` if the same id came with other words.
 */
export async function recordFeedback(tenant: Tenant, context: LedgerContext, feedback: SignedFeedback): Promise<{ repeat: boolean }> {
  const { claims } = feedback;
  const repeat = await context.db.transaction().execute(async (tx) => {
    const kind = await kindOfIssuer(tenant, tx, claims);
    if (!feedbackCodesOf(kind).includes(claims.code)) {
      throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this kind of recipient does not give this outcome', { at: 'code' });
    }
    if (!(await insertFeedback(tenant, tx, context, feedback))) return true;
    const { iss: actor, reportId, feedbackId, code } = claims;
    const entry = { actor, action: 'feedback.recorded', subject: { reportId, feedbackId, code, jwsSha256: sha256Hex(feedback.jws) } };
    const releases = code === 'release';
    // The log says first what was said and then what was opened for it.
    if (releases) await audit(tx, context, entry);
    if (releases) await openReleases(tenant, tx, context, claims);
    await appendEvent(tenant, tx, context, reportId, releases ? [] : [{ entry }]);
    return false;
  });
  if (!repeat) context.changed(claims.reportId);
  return { repeat };
}

/** What kind of recipient the issuer is for this report. */
async function kindOfIssuer(tenant: Tenant, tx: Tx, claims: FeedbackClaims): Promise<string> {
  const sent = await tx
    .selectFrom('deliveries')
    .select('recipient_kind')
    .where('facility', '=', tenant)
    .where('report_id', '=', claims.reportId)
    .where('recipient_party', '=', claims.iss)
    .executeTakeFirst();
  if (sent === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report was sent to this agency', { at: 'reportId' });
  return sent.recipient_kind;
}

/** @returns false if this feedback was known. @throws ZhidaError `ZD_ERR_CONFLICT` for other words under its id. */
async function insertFeedback(tenant: Tenant, tx: Tx, context: LedgerContext, { claims, jws }: SignedFeedback): Promise<boolean> {
  const dataKey = await dataKeyOf(tenant, tx, context, claims.reportId, 'report');
  const inserted = await tx
    .insertInto('feedback')
    .values({
      facility: tenant,
      issuer: claims.iss,
      feedback_id: claims.feedbackId,
      report_id: claims.reportId,
      code: claims.code,
      document_number: claims.documentNumber,
      transferred_to: claims.transferredTo,
      stated_at: claims.at,
      received_at: dateNow(context.clock),
      jws_sealed: Buffer.from(context.sealer.seal(dataKey, Buffer.from(jws), sealedAs.feedback(claims.feedbackId))),
      jws_sha256: sha256Hex(jws),
    })
    .onConflict((on) => on.columns(['issuer', 'feedback_id']).doNothing())
    .returning('feedback_id')
    .executeTakeFirst();
  if (inserted !== undefined) return true;
  const known = await tx
    .selectFrom('feedback')
    .select('jws_sha256')
    .where('facility', '=', tenant)
    .where('issuer', '=', claims.iss)
    .where('feedback_id', '=', claims.feedbackId)
    .executeTakeFirst();
  if (known?.jws_sha256 !== sha256Hex(jws))
    throw new ZhidaError('ZD_ERR_CONFLICT', 'this feedback id was used for other words', { at: 'feedbackId' });
  return false;
}
