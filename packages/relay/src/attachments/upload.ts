import { createHash, type Hash } from 'node:crypto';
import { createId, isId, ZhidaError } from '@zhida/core';
import { readReport, type ReportAttachment } from '@zhida/report';
import { readBody } from '../intake/read-body.js';
import { audit } from '../ledger/audit.js';
import { dateNow, type LedgerContext, type Tenant, type Tx } from '../ledger/context.js';
import { dataKeyOf, sealedAs } from '../ledger/data-keys.js';

/** Bytes of one part: what an upload holds in memory, whatever its size. */
const PART_BYTES = 1024 * 1024;

/** An upload as it comes in. */
export interface Upload {
  /** The client's own id (`att_…`), the same at every repeat. */
  readonly attachmentId: string;
  readonly reportId: string;
  readonly contentType: string;
  /** What the client says the bytes hash to, lower-case hex. */
  readonly sha256: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Who brings it, as the audit log names it. */
  readonly actor: string;
}

export interface StoredAttachment {
  readonly attachmentId: string;
  readonly sha256: string;
  readonly size: number;
  readonly repeat: boolean;
}

/**
 * Stores an attachment of a report of this facility: hashed and sealed part by part as it comes, and an attachment only once it is
 * whole. An upload that breaks off leaves nothing but parts that are swept away, and is repeated under the same id.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` without such a report; `ZD_ERR_INPUT_TOO_LARGE` over `bytesMax`; `ZD_ERR_INPUT_UNREADABLE` for
 * bytes that are none, or not those the client or the report names; `ZD_ERR_CONFLICT` if the id was used for something else.
 */
export async function storeAttachment(tenant: Tenant, context: LedgerContext, upload: Upload, bytesMax: number): Promise<StoredAttachment> {
  const dataKey = await dataKeyOfReport(tenant, context, upload.reportId);
  const named = await namedIn(tenant, context, upload, dataKey);
  const uploadId = createId('att', context.clock);
  const written = await writeChecked(tenant, context, { uploadId, dataKey, bytes: upload.bytes, bytesMax }, [
    { at: 'content-digest', sha256: upload.sha256 },
    { at: 'attachments.sha256', sha256: named?.sha256?.toLowerCase() },
  ]);
  const { attachmentId } = upload;
  const entered = await context.db.transaction().execute((tx) => enter(tenant, tx, context, { upload, uploadId, written, dataKey }));
  if (entered !== 'new') await dropParts(context, uploadId);
  if (entered === 'conflict')
    throw new ZhidaError('ZD_ERR_CONFLICT', 'this attachment id was used for other bytes', { at: 'idempotency-key' });
  return { attachmentId, sha256: written.sha256, size: written.size, repeat: entered === 'repeat' };
}

/**
 * Writes the parts and compares what they hash to. Nothing is left of bytes that are refused. Parts are not taken away for a failure
 * after this: where the answer to a commit is lost, the attachment may be entered, and these parts are all there is of it.
 */
async function writeChecked(
  tenant: Tenant,
  context: LedgerContext,
  parts: Parts,
  expected: readonly { readonly at: string; readonly sha256: string | undefined }[],
): Promise<Written> {
  try {
    const written = await writeParts(tenant, context, parts);
    if (written.size === 0) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'an attachment has bytes', { at: '$' });
    for (const { at, sha256 } of expected) {
      if (written.sha256 !== (sha256 ?? written.sha256))
        throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the bytes are not those that were named', { at });
    }
    return written;
  } catch (error) {
    await dropParts(context, parts.uploadId).catch(() => undefined);
    throw error;
  }
}

async function dataKeyOfReport(tenant: Tenant, context: LedgerContext, reportId: string): Promise<Uint8Array> {
  const report = isId('rpt', reportId)
    ? await context.db
        .selectFrom('reports')
        .select('report_id')
        .where('facility', '=', tenant)
        .where('report_id', '=', reportId)
        .executeTakeFirst()
    : undefined;
  if (report === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'this facility has no such report', { at: 'id' });
  return dataKeyOf(tenant, context.db, context, reportId, 'report');
}

/** What the report itself says of this attachment, if it names it. */
async function namedIn(
  tenant: Tenant,
  context: LedgerContext,
  { reportId, attachmentId }: Upload,
  dataKey: Uint8Array,
): Promise<ReportAttachment | undefined> {
  const { body_sealed: sealed, received_at: receivedAt } = await context.db
    .selectFrom('reports')
    .select(['body_sealed', 'received_at'])
    .where('facility', '=', tenant)
    .where('report_id', '=', reportId)
    .executeTakeFirstOrThrow();
  const body = readBody(Buffer.from(context.sealer.open(dataKey, sealed, sealedAs.body(reportId))));
  const { report } = readReport(body.value, { createdAt: receivedAt.toISOString(), facility: { code: tenant } });
  return report.attachments?.find(({ id }) => id === attachmentId);
}

interface Written {
  readonly sha256: string;
  readonly size: number;
  readonly parts: number;
}

interface Parts {
  readonly uploadId: string;
  readonly dataKey: Uint8Array;
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly bytesMax: number;
}

async function writeParts(tenant: Tenant, context: LedgerContext, { uploadId, dataKey, bytes, bytesMax }: Parts): Promise<Written> {
  const hash: Hash = createHash('sha256');
  let [size, parts] = [0, 0];
  for await (const part of inParts(bytes)) {
    size += part.length;
    if (size > bytesMax) throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the attachment is over the limit', { at: '$' });
    hash.update(part);
    const sealed = Buffer.from(context.sealer.seal(dataKey, part, sealedAs.attachmentPart(uploadId, parts)));
    await context.db
      .insertInto('attachment_parts')
      .values({ facility: tenant, upload_id: uploadId, position: parts, sealed, stored_at: dateNow(context.clock) })
      .execute();
    parts += 1;
  }
  return { sha256: hash.digest('hex'), size, parts };
}

/** Cuts a stream into parts of {@link PART_BYTES}, the last one shorter. */
async function* inParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < PART_BYTES) continue;
    const whole = Buffer.concat(waiting);
    const cut = whole.length - (whole.length % PART_BYTES);
    for (let at = 0; at < cut; at += PART_BYTES) yield whole.subarray(at, at + PART_BYTES);
    waiting = [whole.subarray(cut)];
    length = whole.length - cut;
  }
  if (length > 0) yield Buffer.concat(waiting);
}

interface Entry {
  readonly upload: Upload;
  readonly uploadId: string;
  readonly written: Written;
  readonly dataKey: Uint8Array;
}

/** `repeat` where the attachment was there already, `conflict` where its id stands for other bytes or another report. */
async function enter(
  tenant: Tenant,
  tx: Tx,
  context: LedgerContext,
  { upload: { attachmentId, reportId, contentType, actor }, uploadId, written, dataKey }: Entry,
): Promise<'new' | 'repeat' | 'conflict'> {
  const { sha256, size, parts } = written;
  const inserted = await tx
    .insertInto('attachments')
    .values({
      facility: tenant,
      attachment_id: attachmentId,
      report_id: reportId,
      upload_id: uploadId,
      content_type: contentType,
      size_bytes: size,
      parts,
      sha256,
      received_at: dateNow(context.clock),
    })
    .onConflict((on) => on.column('attachment_id').doNothing())
    .returning('attachment_id')
    .executeTakeFirst();
  if (inserted === undefined) {
    const known = await tx
      .selectFrom('attachments')
      .select('sha256')
      .where('facility', '=', tenant)
      .where('attachment_id', '=', attachmentId)
      .where('report_id', '=', reportId)
      .executeTakeFirst();
    return known?.sha256 === sha256 ? 'repeat' : 'conflict';
  }
  const subject = { attachmentId, reportId, bytes: String(size) };
  await audit(tx, context, { actor, action: 'attachment.stored', subject }, { detail: { sha256, contentType }, dataKey });
  return 'new';
}

async function dropParts({ db }: Pick<LedgerContext, 'db'>, uploadId: string): Promise<void> {
  await db.deleteFrom('attachment_parts').where('upload_id', '=', uploadId).execute();
}

/** How long an upload may take before its parts count as left behind. */
const ABANDONED_MS = 24 * 3_600_000;

/** Takes away the parts of uploads that broke off: their process died before it could. */
export async function dropAbandoned({ db, clock }: Pick<LedgerContext, 'db' | 'clock'>): Promise<void> {
  await db
    .deleteFrom('attachment_parts')
    .where('stored_at', '<', new Date(clock.now() - ABANDONED_MS))
    .where((of) =>
      of.not(
        of.exists(
          of.selectFrom('attachments').select('attachment_id').whereRef('attachments.upload_id', '=', 'attachment_parts.upload_id'),
        ),
      ),
    )
    .execute();
}
