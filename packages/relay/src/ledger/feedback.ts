import { createHash } from 'node:crypto';
import { ZhidaError } from '@zhida/core';
import type { FeedbackClaims } from '@zhida/signing';
import { audit } from './audit.js';
import { dateNow, type LedgerContext, type Tenant } from './context.js';
import { dataKeyOf, sealedAs } from './data-keys.js';
import { appendEvent } from './events.js';

/**
 * Records an agency's verified feedback (受案, 立案, 不予立案 …). Its words may name a person, so the whole of it is sealed
 * with the report's key and only the code stays readable. It moves no delivery: only a receipt does.
 *
 * @returns whether this feedback was already known.
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` if the report is not this facility's or was never sent to the issuer;
 * `ZD_ERR_CONFLICT` if the same id came with other words.
 */
export async function recordFeedback(
  tenant: Tenant,
  context: LedgerContext,
  feedback: { readonly claims: FeedbackClaims; readonly jws: string },
): Promise<{ repeat: boolean }> {
  const { claims, jws } = feedback;
  const jwsSha256 = createHash('sha256').update(jws).digest('hex');
  const repeat = await context.db.transaction().execute(async (tx) => {
    const sent = await tx
      .selectFrom('deliveries')
      .select('delivery_id')
      .where('facility', '=', tenant)
      .where('report_id', '=', claims.reportId)
      .where('recipient_party', '=', claims.iss)
      .executeTakeFirst();
    if (sent === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report was sent to this agency', { at: 'reportId' });
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
        jws_sha256: jwsSha256,
      })
      .onConflict((on) => on.columns(['issuer', 'feedback_id']).doNothing())
      .returning('feedback_id')
      .executeTakeFirst();
    if (inserted === undefined) {
      const known = await tx
        .selectFrom('feedback')
        .select('jws_sha256')
        .where('facility', '=', tenant)
        .where('issuer', '=', claims.iss)
        .where('feedback_id', '=', claims.feedbackId)
        .executeTakeFirst();
      if (known?.jws_sha256 !== jwsSha256)
        throw new ZhidaError('ZD_ERR_CONFLICT', 'this feedback id was used for other words', { at: 'feedbackId' });
      return true;
    }
    await audit(tx, context, {
      actor: claims.iss,
      action: 'feedback.recorded',
      subject: { reportId: claims.reportId, feedbackId: claims.feedbackId, code: claims.code, jwsSha256 },
    });
    await appendEvent(tenant, tx, context.clock, claims.reportId);
    return false;
  });
  if (!repeat) context.changed(claims.reportId);
  return { repeat };
}
