import type { LedgerContext, Tenant } from '../ledger/context.js';
import { ATTACHMENT_VIEWS } from './access.js';

/** An attachment as its hospital sees it: that it is stored, and which of the agencies it goes to have signed for it. */
export interface ListedAttachment {
  readonly attachmentId: string;
  readonly contentType: string;
  readonly size: number;
  readonly sha256: string;
  readonly receivedAt: string;
  readonly recipients: readonly { readonly party: string; readonly receivedAt: string | null }[];
}

/** The attachments of one report, oldest first. */
export async function listAttachments(tenant: Tenant, { db }: Pick<LedgerContext, 'db'>, reportId: string): Promise<ListedAttachment[]> {
  const rows = await db
    .selectFrom('attachments')
    .selectAll()
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .orderBy('attachment_id')
    .execute();
  const owed = await db
    .selectFrom('deliveries')
    .select('recipient_party')
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .where('view', 'in', ATTACHMENT_VIEWS)
    .where('hold_reason', 'is distinct from', 'conflict')
    .orderBy('recipient_party')
    .execute();
  const ids = rows.map((row) => row.attachment_id);
  const signed =
    ids.length === 0
      ? []
      : await db
          .selectFrom('attachment_receipts')
          .select(['attachment_id', 'issuer', 'received_at'])
          .where('facility', '=', tenant)
          .where('attachment_id', 'in', ids)
          .execute();
  return rows.map((row) => ({
    attachmentId: row.attachment_id,
    contentType: row.content_type,
    size: row.size_bytes,
    sha256: row.sha256,
    receivedAt: row.received_at.toISOString(),
    recipients: owed.map(({ recipient_party: party }) => ({
      party,
      receivedAt: signed.find((one) => one.attachment_id === row.attachment_id && one.issuer === party)?.received_at.toISOString() ?? null,
    })),
  }));
}
