import { createHash } from 'node:crypto';
import { createId, isId, isoNow, problemOf, ZhidaError } from '@zhida/core';
import { type AttachmentClaims, type Officer, openAttachmentPart, signAttachmentReceipt, verifyAttachment } from '@zhida/signing';
import { type ActDeps, officerEntry, outboxMessage, readReason } from './acts.js';
import type { AttachmentRecord, InboxRecord } from './inbox.js';
import type { ReceiveAnswer, ReceiveDeps } from './receive.js';
import { makeOpening } from './statements.js';

/** The largest attachment taken, in bytes; a relay takes 20 MiB unless it is told otherwise. */
export const ATTACHMENT_LIMIT_BYTES = 64 * 1024 * 1024;

/** An attachment as an officer opened it. */
export interface OpenedAttachment {
  readonly attachmentId: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/**
 * Takes an attachment as lines: its description as the relay signed it, then its parts. It is kept only for a report that is here,
 * and only whole. Never throws; the answer of a good one is its receipt, and of the same one again the same receipt.
 */
export async function receiveAttachment(deps: ReceiveDeps, lines: AsyncIterable<string>): Promise<ReceiveAnswer> {
  try {
    return { status: 200, contentType: 'application/jose', body: await take(deps, lines) };
  } catch (error) {
    const problem = problemOf(error);
    const fields = { code: problem.code };
    if (problem.status >= 500) deps.logger.error(fields, 'attachment not taken');
    else deps.logger.warn(fields, 'attachment refused');
    return { status: problem.status, contentType: 'application/problem+json', body: JSON.stringify(problem) };
  }
}

async function take(deps: ReceiveDeps, lines: AsyncIterable<string>): Promise<string> {
  const { keys, inbox, clock, vault, logger } = deps;
  const reading = lines[Symbol.asyncIterator]();
  const head = await reading.next();
  if (head.done === true) throw new ZhidaError('ZD_ERR_ENVELOPE_UNREADABLE', 'an attachment begins with its description', { at: '$' });
  const claims = await verifyAttachment(head.value.trim(), { trusted: keys.trusted, now: clock.now() });
  const record = await recordOf(deps, claims);
  const known = (await inbox.attachments(record.deliveryId)).find(({ attachmentId }) => attachmentId === claims.attachmentId);
  if (known?.sha256 === claims.sha256) {
    await reading.return?.();
    return known.receiptJws;
  }
  const content = await readParts(deps, claims, reading);
  const { attachmentId, deliveryId, reportId, contentType, size, sha256 } = claims;
  const at = isoNow(clock);
  const receiptJws = await signAttachmentReceipt(
    {
      v: '1',
      mode: claims.mode,
      iss: keys.party,
      aud: claims.iss,
      receiptId: createId('rcp', clock),
      attachmentId,
      deliveryId,
      reportId,
      sha256,
      at,
    },
    keys,
  );
  const kept = await inbox.attach(
    {
      attachmentId,
      deliveryId,
      contentType,
      size,
      sha256,
      restricted: claims.seal === 'restricted',
      receivedAt: at,
      receiptJws,
      sealed: vault.seal(record.wrappedKey, attachmentId, 'attachment', content),
    },
    { actor: claims.iss, action: 'attachment.stored', subject: { deliveryId, reportId, attachmentId } },
  );
  if (kept.sha256 !== sha256)
    throw new ZhidaError('ZD_ERR_PAYLOAD_CONFLICT', 'the attachment id is known with other bytes', { at: 'attachmentId' });
  logger.info({ deliveryId, attachmentId }, 'attachment stored');
  return kept.receiptJws;
}

/** The report comes first; an attachment that is early is asked for again later. */
async function recordOf({ inbox }: ReceiveDeps, claims: AttachmentClaims): Promise<InboxRecord> {
  if (!isId('att', claims.attachmentId))
    throw new ZhidaError('ZD_ERR_ENVELOPE_UNREADABLE', 'no id of an attachment', { at: 'attachmentId' });
  if (claims.size > ATTACHMENT_LIMIT_BYTES)
    throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the attachment is over the limit', { at: 'size' });
  const record = await inbox.find(claims.deliveryId);
  if (record === undefined || record.relay !== claims.iss || record.reportId !== claims.reportId)
    throw new ZhidaError('ZD_ERR_NOT_FOUND', 'the report of this attachment is not here', { at: 'deliveryId' });
  return record;
}

/**
 * Opens every part to see that the bytes are those described. What only a named officer may open is kept as it came, sealed to that
 * key; the rest as bytes, because the everyday key is rotated.
 */
async function readParts({ keys }: ReceiveDeps, claims: AttachmentClaims, reading: AsyncIterator<string>): Promise<Uint8Array> {
  const hash = createHash('sha256');
  const kept: Uint8Array[] = [];
  let size = 0;
  let parts = 0;
  for (let line = await reading.next(); line.done !== true; line = await reading.next()) {
    const jwe = line.value.trim();
    if (jwe === '') continue;
    const part = await openAttachmentPart(jwe, claims.seal, keys);
    size += part.length;
    parts += 1;
    if (size > claims.size) break;
    hash.update(part);
    kept.push(claims.seal === 'restricted' ? Buffer.from(`${jwe}\n`, 'ascii') : part);
  }
  if (parts !== claims.parts || size !== claims.size || hash.digest('hex') !== claims.sha256)
    throw new ZhidaError('ZD_ERR_ENVELOPE_UNREADABLE', 'the parts are not the attachment described', { at: 'sha256' });
  return Buffer.concat(kept);
}

/**
 * Opens an attachment for an officer; the audit entry is on disk before a byte of it is shown. A restricted one needs a reason, and
 * the hospital is told (INV-10).
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`; `ZD_ERR_REASON_MISSING` for a restricted one without a reason.
 */
export async function openAttachment(
  deps: ActDeps,
  { deliveryId, attachmentId, officer, reason }: { deliveryId: string; attachmentId: string; officer: Officer; reason: unknown },
): Promise<OpenedAttachment> {
  const found = (await deps.inbox.attachments(deliveryId)).find((attachment) => attachment.attachmentId === attachmentId);
  const sealed = found === undefined ? undefined : await deps.inbox.attachmentContent(attachmentId);
  const record = await deps.inbox.find(deliveryId);
  if (found === undefined || sealed === undefined || record === undefined)
    throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such attachment', { at: 'attachmentId' });
  const words = found.restricted ? readReason(reason) : undefined;
  const kept = deps.vault.open(record.wrappedKey, attachmentId, 'attachment', sealed);
  const content = found.restricted ? await openKept(deps, kept) : kept;
  await recordOpening(deps, found, officer, words);
  return { attachmentId, contentType: found.contentType, content };
}

async function openKept({ keys }: ActDeps, kept: Uint8Array): Promise<Uint8Array> {
  const lines = Buffer.from(kept).toString('ascii').split('\n');
  const parts: Uint8Array[] = [];
  for (const line of lines) if (line !== '') parts.push(await openAttachmentPart(line, 'restricted', keys));
  return Buffer.concat(parts);
}

async function recordOpening(
  deps: ActDeps,
  { deliveryId, attachmentId }: AttachmentRecord,
  officer: Officer,
  reason: string | undefined,
): Promise<void> {
  await deps.inbox.change(deliveryId, async (record) => {
    if (reason === undefined) return { outbox: [], audit: [officerEntry(record, officer, 'attachment.opened', { attachmentId }, {})] };
    const group = 'attachments';
    const { openingId, jws } = await makeOpening(deps.keys, deps.clock, record, { group, officerId: officer.id, reason });
    return {
      outbox: [outboxMessage(deps, record, { id: openingId, kind: 'opening', jws })],
      audit: [officerEntry(record, officer, 'restricted.opened', { group, attachmentId }, { reason })],
    };
  });
}

/** Longer than the line of any part. */
const LINE_LENGTH_MAX = 4 * 1024 * 1024;

/** Cuts bytes into lines. @throws ZhidaError `ZD_ERR_INPUT_TOO_LARGE` for a line nobody would write. */
export async function* linesIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of bytes) {
    const [first = '', ...others] = Buffer.from(chunk).toString('latin1').split('\n');
    rest += first;
    for (const next of others) {
      yield rest;
      rest = next;
    }
    if (rest.length > LINE_LENGTH_MAX) throw new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'a line is over the limit', { at: '$' });
  }
  if (rest !== '') yield rest;
}
