import { ZhidaError } from '@zhida/core';
import type { AttachmentReceiptClaims } from '@zhida/signing';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant } from '../ledger/context.js';
import { raiseAlarm } from '../ledger/escalations.js';

/** The facility whose attachment this is; an agency's receipt names no facility. */
export async function facilityOfAttachment({ db }: Pick<LedgerContext, 'db'>, attachmentId: string): Promise<Tenant | undefined> {
  return (await db.selectFrom('attachments').select('facility').where('attachment_id', '=', attachmentId).executeTakeFirst())?.facility;
}

/**
 * Records a verified receipt for an attachment. Once it is there the attachment is owed to that agency no more. One that speaks of
 * other bytes, or of an agency the report never went to, moves nothing and calls a person.
 *
 * @throws ZhidaError `ZD_ERR_RECEIPT_MISMATCH` for such a one.
 */
export async function recordAttachmentReceipt(
  tenant: Tenant,
  context: LedgerContext,
  { claims, jws }: { readonly claims: AttachmentReceiptClaims; readonly jws: string },
): Promise<{ repeat: boolean }> {
  const { attachmentId, reportId, deliveryId, receiptId, iss } = claims;
  const result = await context.db.transaction().execute(async (tx) => {
    const target = await tx
      .selectFrom('attachments')
      .innerJoin('deliveries', 'deliveries.report_id', 'attachments.report_id')
      .innerJoin('reports', 'reports.report_id', 'attachments.report_id')
      .select(['sha256', 'number', 'state', 'reports.mode'])
      .where('attachments.facility', '=', tenant)
      .where('attachment_id', '=', attachmentId)
      .where('attachments.report_id', '=', reportId)
      .where('delivery_id', '=', deliveryId)
      .where('recipient_party', '=', iss)
      .executeTakeFirst();
    if (target?.sha256 !== claims.sha256 || target.mode !== claims.mode) {
      if (target !== undefined) {
        await raiseAlarm(tenant, tx, context, {
          subject: `${attachmentId}/receipt-conflict/${iss}`,
          rung: 'receipt-conflict',
          deliveryId,
          reportId,
          dueAt: dateNow(context.clock),
          state: target.state,
          about: { party: iss, number: target.number, at: 'sha256' },
          tell: true,
        });
      }
      return 'mismatch';
    }
    const inserted = await tx
      .insertInto('attachment_receipts')
      .values({
        facility: tenant,
        issuer: iss,
        receipt_id: receiptId,
        attachment_id: attachmentId,
        stated_at: claims.at,
        received_at: dateNow(context.clock),
        jws,
      })
      .onConflict((on) => on.doNothing())
      .returning('receipt_id')
      .executeTakeFirst();
    if (inserted === undefined) return 'repeat';
    const subject = { attachmentId, reportId, receiptId, deliveryId };
    await audit(tx, context, { actor: iss, action: 'attachment.received', subject });
    return 'new';
  });
  if (result === 'mismatch')
    throw new ZhidaError('ZD_ERR_RECEIPT_MISMATCH', 'the receipt speaks of something else than this attachment', { at: 'attachmentId' });
  return { repeat: result === 'repeat' };
}
