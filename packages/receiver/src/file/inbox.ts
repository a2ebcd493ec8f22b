import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { auditEntry, auditOrigin } from '@zhida/audit-log';
import { canonicalBytes, type Clock, systemClock, ZhidaError } from '@zhida/core';
import type { KeyDirectory } from '@zhida/signing';
import { CLAIM_MS, withinClaim } from '../claim-time.js';
import type { AttachmentRecord, AuditDraft, Inbox, InboxRecord, NewAttachment, NewDelivery, Taken } from '../inbox.js';
import { createVault, type Vault } from '../vault.js';
import { type AttachmentFiles, attachmentFiles } from './attachment-files.js';
import { eventOf, fromBase64, type JournalAudit, type JournalEvent, jsonOf, toBase64 } from './events.js';
import { type Journal, openJournal } from './journal.js';
import { lockDirectory } from './lock.js';
import { createMutex, type Mutex } from './mutex.js';
import { FileState } from './state.js';

export interface FileInboxOptions {
  /** Created with mode 0700 when missing. One process at a time works in it. */
  readonly directory: string;
  readonly keys: KeyDirectory;
  /** @defaultValue the system clock */
  readonly clock?: Clock;
  /** How long a claim may take before it lapses. @defaultValue 10 000 */
  readonly claimMs?: number;
}

interface Store {
  readonly journal: Journal;
  readonly files: AttachmentFiles;
  readonly state: FileState;
  readonly mutex: Mutex;
  readonly vault: Vault;
  readonly origin: string;
  readonly clock: Clock;
  readonly claimMs: number;
}

/**
 * An inbox in one append-only file, for an agency without a database server. Every act is one flushed line; after a kill the
 * torn end is set aside and everything that was answered is there.
 *
 * @throws ZhidaError `ZD_ERR_BUSY` while another process holds the directory, `ZD_ERR_AUDIT_CORRUPT` for a damaged journal,
 * `ZD_ERR_MODE_REFUSED` when the journal belongs to another party or mode.
 */
export async function openFileInbox(options: FileInboxOptions): Promise<Inbox> {
  const { directory, keys, clock = systemClock, claimMs = CLAIM_MS } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(join(directory, 'inbox.lock'));
  try {
    const state = new FileState();
    const journal = await openJournal(join(directory, 'inbox.journal'), (value, position) => state.apply(eventOf(value), position));
    const store: Store = {
      journal,
      state,
      files: attachmentFiles(directory),
      mutex: createMutex(),
      vault: createVault(keys),
      origin: auditOrigin(keys),
      clock,
      claimMs,
    };
    await requireOrigin(store);
    return inboxOver(store, async () => {
      await store.mutex.idle();
      await journal.close();
      lock.release();
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function requireOrigin(store: Store): Promise<void> {
  const { state, origin, journal } = store;
  if (state.origin === undefined) await commit(store, { t: 'origin', v: '1', origin });
  if (state.origin === origin) return;
  await journal.close();
  throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'this inbox belongs to another party or mode', { at: 'inbox.journal' });
}

function inboxOver(store: Store, close: () => Promise<void>): Inbox {
  const { state, mutex, journal } = store;
  return {
    take: (delivery, acts) => mutex.run(delivery.deliveryId, () => take(store, delivery, acts)),
    find: async (deliveryId) => state.record(deliveryId),
    list: async (limit) => state.list(limit),
    payload: async (deliveryId) => {
      const position = state.payloadPosition(deliveryId);
      if (position === undefined) return undefined;
      const event = eventOf(await journal.read(position));
      return event.t === 'take' ? fromBase64(event.payload) : undefined;
    },
    change: (deliveryId, decide) => mutex.run(deliveryId, () => change(store, deliveryId, decide)),
    due: async (nowMs, limit) => state.due(nowMs, limit),
    sent: async (messageId, atMs) => {
      if (state.isWaiting(messageId)) await commit(store, { t: 'sent', messageId, atMs });
    },
    postponed: async (messageId, dueAtMs) => {
      if (state.isWaiting(messageId)) await commit(store, { t: 'postponed', messageId, dueAtMs });
    },
    waiting: async () => state.waiting(),
    trail: async (deliveryId) => state.trail(deliveryId),
    receiptsBetween: async (relay, fromMs, toMs) => state.receiptsBetween(relay, fromMs, toMs),
    attach: (attachment, stored) => mutex.run(attachment.deliveryId, () => attach(store, attachment, stored)),
    attachments: async (deliveryId) => state.attachments(deliveryId),
    attachmentContent: async (attachmentId) => (state.attachment(attachmentId) === undefined ? undefined : store.files.read(attachmentId)),
    close,
  };
}

async function take(store: Store, delivery: NewDelivery, acts: Parameters<Inbox['take']>[1]): Promise<Taken> {
  const known = store.state.record(delivery.deliveryId);
  if (known !== undefined) return takeAgain(store, known, delivery, acts.conflict);
  const receipt = await withinClaim(acts.sign(), store.claimMs);
  const { sealedSummary, sealedPayload, ...header } = delivery;
  await commit(store, {
    t: 'take',
    header,
    summary: toBase64(sealedSummary),
    payload: toBase64(sealedPayload),
    receipt,
    audit: [journalAudit(store, delivery, acts.stored)],
  });
  return { outcome: 'new', receipt };
}

async function takeAgain(store: Store, known: InboxRecord, delivery: NewDelivery, conflict: AuditDraft): Promise<Taken> {
  const receipt = known.receipts.find(({ stage }) => stage === 'stored');
  if (known.payloadSha256 === delivery.payloadSha256 && receipt !== undefined) return { outcome: 'repeat', receipt };
  // Kept once: a sender that repeats its conflict must not fill the disk.
  if (!store.state.hasConflict(known.deliveryId, delivery.payloadSha256)) {
    const { deliveryId, payloadSha256, wrappedKey, receivedAt } = delivery;
    const audit = [journalAudit(store, delivery, conflict)];
    await commit(store, {
      t: 'conflict',
      deliveryId,
      payloadSha256,
      wrappedKey,
      receivedAt,
      payload: toBase64(delivery.sealedPayload),
      audit,
    });
  }
  return { outcome: 'conflict' };
}

async function change(store: Store, deliveryId: string, decide: Parameters<Inbox['change']>[1]): Promise<InboxRecord> {
  const record = requireRecord(store, deliveryId);
  const decided = await decide(record);
  if (decided === undefined) return record;
  await commit(store, {
    t: 'change',
    deliveryId,
    receipt: decided.receipt ?? null,
    feedback: decided.feedback ?? null,
    outbox: decided.outbox.map(({ sealedJws, ...message }) => ({ ...message, jws: toBase64(sealedJws), dueAtMs: store.clock.now() })),
    audit: decided.audit.map((draft) => journalAudit(store, record, draft)),
  });
  return requireRecord(store, deliveryId);
}

/** The file first: a journal never names a content that is not there, and a content it does not name counts for nothing. */
async function attach(store: Store, { sealed, ...attachment }: NewAttachment, stored: AuditDraft): Promise<AttachmentRecord> {
  const { attachmentId, deliveryId } = attachment;
  const record = requireRecord(store, deliveryId);
  const known = store.state.attachment(attachmentId);
  if (known !== undefined) return known;
  await store.files.write(attachmentId, sealed);
  await commit(store, { t: 'attach', deliveryId, attachment, audit: [journalAudit(store, record, stored)] });
  return attachment;
}

function requireRecord({ state }: Store, deliveryId: string): InboxRecord {
  const record = state.record(deliveryId);
  if (record === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'deliveryId' });
  return record;
}

/** Memory follows the disk, never the other way. */
async function commit({ journal, state }: Store, event: JournalEvent): Promise<void> {
  state.apply(event, await journal.append(jsonOf(event)));
}

function journalAudit(store: Store, delivery: { wrappedKey: string }, draft: AuditDraft): JournalAudit {
  const { entry, bytes, opening } = auditEntry({ ...draft, origin: store.origin, clock: store.clock });
  const sealed = opening === null ? null : store.vault.seal(delivery.wrappedKey, entry.id, 'audit', canonicalBytes(opening));
  return { entry: new TextDecoder().decode(bytes), opening: sealed === null ? null : toBase64(sealed) };
}
