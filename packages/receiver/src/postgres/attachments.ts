import { ZhidaError } from '@zhida/core';
import type { Kysely, Selectable, Transaction } from 'kysely';
import type { AttachmentRecord, NewAttachment } from '../inbox.js';
import type { AttachmentsTable, ReceiverSchema } from './schema.js';

const COLUMNS = [
  'attachment_id',
  'delivery_id',
  'content_type',
  'size',
  'sha256',
  'restricted',
  'received_at',
  'receipt_jws',
] as const satisfies readonly (keyof AttachmentsTable)[];

/** Writes an attachment's row. @returns the record that stands, and whether it is this one. */
export async function insertAttachment(
  tx: Transaction<ReceiverSchema>,
  attachment: NewAttachment,
): Promise<{ record: AttachmentRecord; isNew: boolean }> {
  const { attachmentId, deliveryId, contentType, size, sha256, restricted, receivedAt, receiptJws, sealed } = attachment;
  const inserted = await tx
    .insertInto('attachments')
    .values({
      attachment_id: attachmentId,
      delivery_id: deliveryId,
      content_type: contentType,
      size,
      sha256,
      restricted,
      received_at: receivedAt,
      receipt_jws: receiptJws,
      sealed,
    })
    .onConflict((clash) => clash.column('attachment_id').doNothing())
    .returning(COLUMNS)
    .executeTakeFirst();
  if (inserted !== undefined) return { record: recordOf(inserted), isNew: true };
  const known = await tx.selectFrom('attachments').select(COLUMNS).where('attachment_id', '=', attachmentId).executeTakeFirst();
  if (known === undefined) throw new ZhidaError('ZD_ERR_BUSY', 'the attachment is being written by another process');
  return { record: recordOf(known), isNew: false };
}

export async function attachmentsOf(db: Kysely<ReceiverSchema>, deliveryId: string): Promise<AttachmentRecord[]> {
  const rows = await db.selectFrom('attachments').select(COLUMNS).where('delivery_id', '=', deliveryId).orderBy('attachment_id').execute();
  return rows.map(recordOf);
}

export async function contentOf(db: Kysely<ReceiverSchema>, attachmentId: string): Promise<Uint8Array | undefined> {
  return (await db.selectFrom('attachments').select('sealed').where('attachment_id', '=', attachmentId).executeTakeFirst())?.sealed;
}

function recordOf(row: Pick<Selectable<AttachmentsTable>, (typeof COLUMNS)[number]>): AttachmentRecord {
  const { size, sha256, restricted } = row;
  return {
    size,
    sha256,
    restricted,
    attachmentId: row.attachment_id,
    deliveryId: row.delivery_id,
    contentType: row.content_type,
    receivedAt: row.received_at,
    receiptJws: row.receipt_jws,
  };
}
