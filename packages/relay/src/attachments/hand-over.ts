import { invariant, isId, ZhidaError } from '@zhida/core';
import { attachmentPartSealer, carriesMode, type KeyDirectory, signAttachment } from '@zhida/signing';
import { trustedRecipient } from '../delivery/route.js';
import { audit } from '../ledger/audit.js';
import type { LedgerContext, Tenant } from '../ledger/context.js';
import { dataKeyOf, sealedAs } from '../ledger/data-keys.js';
import { isDisabled } from '../ledger/endpoints.js';
import type { RecipientKind } from '@zhida/report';
import { ATTACHMENT_VIEWS, sealFor } from './access.js';

const PAGE = 50;

/** An attachment one agency has still to get. */
export interface WaitingAttachment {
  readonly facility: Tenant;
  readonly attachment_id: string;
  readonly upload_id: string;
  readonly delivery_id: string;
  readonly report_id: string;
  readonly mode: string;
  readonly view: RecipientKind;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly parts: number;
  readonly sha256: string;
  readonly received_at: Date;
}

/**
 * What one agency has still to get: attachments of reports it holds, as far as its view goes, until it has signed for each. A
 * report goes before its attachments, so an agency that has not signed for the report is told of none (INV-9).
 */
export async function waitingAttachments(ledger: LedgerContext, party: string, after: string): Promise<WaitingAttachment[]> {
  return waitingFor(ledger, party).where('due.attachment_id', '>', after).orderBy('due.attachment_id').limit(PAGE).execute();
}

function waitingFor({ db }: LedgerContext, party: string) {
  return db
    .selectFrom('attachment_dues as due')
    .innerJoin('attachments', 'attachments.attachment_id', 'due.attachment_id')
    .innerJoin('deliveries', 'deliveries.delivery_id', 'due.delivery_id')
    .innerJoin('reports', 'reports.report_id', 'attachments.report_id')
    .select(['attachments.facility', 'attachments.attachment_id', 'upload_id', 'deliveries.delivery_id', 'attachments.report_id'])
    .select(['mode', 'deliveries.view', 'content_type', 'size_bytes', 'parts', 'sha256', 'attachments.received_at'])
    .where('due.party', '=', party)
    .where('state', 'in', ['stored', 'accepted'])
    .where('hold_reason', 'is distinct from', 'conflict')
    .where('deliveries.view', 'in', ATTACHMENT_VIEWS);
}

/** The page of an agency: how much waits for it, and where the next page begins. */
export async function attachmentPage(ledger: LedgerContext, party: string, after: string) {
  const rows = await waitingAttachments(ledger, party, after);
  const attachments: { attachmentId: string; deliveryId: string; reportId: string; size: number }[] = [];
  for (const row of rows) {
    if (await isDisabled(row.facility, ledger.db, party)) continue;
    attachments.push({ attachmentId: row.attachment_id, deliveryId: row.delivery_id, reportId: row.report_id, size: row.size_bytes });
  }
  return { attachments, next: rows.length === PAGE ? (rows.at(-1)?.attachment_id ?? null) : null };
}

/**
 * One attachment for one agency as lines: its signed description, then its parts, each sealed to that agency. The same lines are the
 * answer to a fetch and the file of a ferry.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` for what does not wait for this agency.
 */
export async function attachmentLines(
  ledger: LedgerContext,
  keys: KeyDirectory,
  { party, attachmentId, nowMs }: { readonly party: string; readonly attachmentId: string; readonly nowMs: number },
): Promise<AsyncGenerator<string>> {
  const row = isId('att', attachmentId)
    ? await waitingFor(ledger, party).where('due.attachment_id', '=', attachmentId).executeTakeFirst()
    : undefined;
  const trusted = trustedRecipient(keys, party, nowMs);
  const seal = row === undefined ? undefined : sealFor(row.view);
  if (row === undefined || trusted === undefined || seal === undefined || (await isDisabled(row.facility, ledger.db, party)))
    throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such attachment waits for this agency', { at: 'id' });
  invariant(carriesMode(keys.mode, row.mode), 'a relay stores what its keys carry');
  const head = await signAttachment(
    {
      v: '1',
      mode: row.mode,
      iss: keys.party,
      aud: party,
      attachmentId,
      deliveryId: row.delivery_id,
      reportId: row.report_id,
      contentType: row.content_type,
      size: row.size_bytes,
      sha256: row.sha256,
      parts: row.parts,
      seal,
      at: row.received_at.toISOString(),
    },
    keys,
  );
  await recordHandOut(ledger, row, party);
  return lines(ledger, row, head, attachmentPartSealer(trusted.party, seal, nowMs));
}

async function* lines(
  ledger: LedgerContext,
  row: WaitingAttachment,
  head: string,
  seal: (part: Uint8Array) => string,
): AsyncGenerator<string> {
  const dataKey = await dataKeyOf(row.facility, ledger.db, ledger, row.report_id, 'report');
  yield `${head}\n`;
  for (let position = 0; position < row.parts; position += 1) {
    const { sealed } = await ledger.db
      .selectFrom('attachment_parts')
      .select('sealed')
      .where('facility', '=', row.facility)
      .where('upload_id', '=', row.upload_id)
      .where('position', '=', position)
      .executeTakeFirstOrThrow();
    yield `${seal(ledger.sealer.open(dataKey, sealed, sealedAs.attachmentPart(row.upload_id, position)))}\n`;
  }
}

/** Who was given what is known also where no receipt ever came. */
async function recordHandOut(ledger: LedgerContext, row: WaitingAttachment, party: string): Promise<void> {
  await ledger.db.transaction().execute((tx) =>
    audit(tx, ledger, {
      actor: ledger.keys.party,
      action: 'attachment.handed-out',
      subject: { attachmentId: row.attachment_id, reportId: row.report_id, deliveryId: row.delivery_id, party },
    }),
  );
}
