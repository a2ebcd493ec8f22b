import { type Json, ZhidaError, isRecord } from '@zhida/core';
import { openRestricted, type ReceiptStage, type Officer } from '@zhida/signing';
import { type ActDeps, officerEntry, outboxMessage, readReason, receiptOf } from './acts.js';
import type { AttachmentRecord, FeedbackNote, InboxRecord, StageReceipt, TrailEntry } from './inbox.js';
import { makeOpening } from './statements.js';
import { readSummary, type Summary } from './summary.js';
import type { Vault } from './vault.js';

/** One row of the inbox: enough to act, nothing that names a person. */
export interface InboxRow {
  readonly deliveryId: string;
  readonly reportId: string;
  readonly number: string;
  readonly sequence: number;
  readonly kind: string;
  readonly mode: string;
  readonly priority: 'urgent' | 'routine';
  readonly createdAt: string;
  readonly storedAt: string;
  readonly acceptedAt: string | null;
  readonly stages: readonly ReceiptStage[];
  readonly conflicts: number;
  readonly summary: Summary;
}

/** What an officer sees of an attachment before it is opened. */
export type ListedAttachment = Pick<AttachmentRecord, 'attachmentId' | 'contentType' | 'size' | 'sha256' | 'receivedAt' | 'restricted'>;

/** A report as a named officer sees it. */
export interface OpenedReport {
  readonly row: InboxRow;
  readonly view: string;
  readonly relay: string;
  readonly payloadSha256: string;
  /** The view, as the relay signed it. */
  readonly body: Json;
  /** What came after the report: each is opened by an act of its own. */
  readonly attachments: readonly ListedAttachment[];
  /** Names of the groups that open with a reason alone. */
  readonly restrictedGroups: readonly string[];
  readonly receipts: readonly StageReceipt[];
  readonly feedback: readonly FeedbackNote[];
  /** Who did what with this report, this opening included. */
  readonly trail: readonly TrailEntry[];
}

/** One restricted group, opened. */
export interface OpenedGroup {
  readonly group: string;
  /** Mode of the report: an exercise is marked here too. */
  readonly mode: string;
  readonly value: Json;
}

/** The newest and most urgent rows. */
export async function listRows(deps: ActDeps, limit: number): Promise<readonly InboxRow[]> {
  return (await deps.inbox.list(limit)).map((record) => rowOf(deps, record));
}

function rowOf({ vault }: ActDeps, record: InboxRecord): InboxRow {
  const { deliveryId, reportId, number, sequence, kind, mode, priority, createdAt, receivedAt, conflicts } = record;
  return {
    deliveryId,
    reportId,
    number,
    sequence,
    kind,
    mode,
    priority,
    createdAt,
    conflicts,
    storedAt: receiptOf(record, 'stored')?.at ?? receivedAt,
    acceptedAt: receiptOf(record, 'accepted')?.at ?? null,
    stages: record.receipts.map((receipt) => receipt.stage),
    summary: summaryOf(vault, record),
  };
}

/** One that our key does not open must not keep the other rows from the officers; opening the report itself says what is wrong. */
function summaryOf(vault: Vault, { wrappedKey, deliveryId, sealedSummary }: InboxRecord): Summary {
  try {
    return readSummary(vault.open(wrappedKey, deliveryId, 'summary', sealedSummary));
  } catch {
    return readSummary(new TextEncoder().encode('{}'));
  }
}

/** Opens a report for an officer. The audit entry is on disk before a word of it is shown. */
export async function openReport(deps: ActDeps, deliveryId: string, officer: Officer): Promise<OpenedReport> {
  const claims = await readPayload(deps, deliveryId);
  const record = await deps.inbox.change(deliveryId, async (found) => ({
    outbox: [],
    audit: [officerEntry(found, officer, 'delivery.opened', {}, {})],
  }));
  const { view, relay, payloadSha256, receipts, feedback } = record;
  const restrictedGroups = Object.keys(claims.restricted);
  const trail = await deps.inbox.trail(deliveryId);
  const attachments = (await deps.inbox.attachments(deliveryId)).map(listed);
  return {
    row: rowOf(deps, record),
    view,
    relay,
    payloadSha256,
    body: claims.body,
    attachments,
    restrictedGroups,
    receipts,
    feedback,
    trail,
  };
}

/**
 * Opens one restricted group (the reporter's identity, for one) for a named officer with a reason, and tells the relay.
 *
 * @throws ZhidaError `ZD_ERR_REASON_MISSING` without a reason; `ZD_ERR_NOT_FOUND` when the report has no such group.
 */
export async function openGroup(deps: ActDeps, deliveryId: string, group: string, officer: Officer, reason: unknown): Promise<OpenedGroup> {
  const words = readReason(reason);
  const { restricted } = await readPayload(deps, deliveryId);
  const jwe = Object.hasOwn(restricted, group) ? restricted[group] : undefined;
  if (typeof jwe !== 'string') throw new ZhidaError('ZD_ERR_NOT_FOUND', 'the report has no such restricted group', { at: 'group' });
  const value = await openRestricted(jwe, deps.keys);
  const { mode } = await deps.inbox.change(deliveryId, async (record) => {
    const { openingId, jws } = await makeOpening(deps.keys, deps.clock, record, { group, officerId: officer.id, reason: words });
    return {
      // The hospital learns who has seen what it sealed (INV-10).
      outbox: [outboxMessage(deps, record, { id: openingId, kind: 'opening', jws })],
      audit: [officerEntry(record, officer, 'restricted.opened', { group }, { reason: words })],
    };
  });
  return { group, mode, value };
}

async function readPayload(deps: ActDeps, deliveryId: string): Promise<{ body: Json; restricted: { readonly [group: string]: Json } }> {
  const record = await deps.inbox.find(deliveryId);
  const sealed = record === undefined ? undefined : await deps.inbox.payload(deliveryId);
  if (record === undefined || sealed === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'deliveryId' });
  const payload = deps.vault.open(record.wrappedKey, deliveryId, 'payload', sealed);
  const claims = JSON.parse(new TextDecoder().decode(payload)) as Json;
  if (!isRecord(claims)) throw new ZhidaError('ZD_ERR_SEALED_UNREADABLE', 'the stored payload is not an object', { at: 'payload' });
  return { body: claims['body'] ?? {}, restricted: isRecord(claims['restricted']) ? claims['restricted'] : {} };
}

function listed({ attachmentId, contentType, size, sha256, receivedAt, restricted }: AttachmentRecord): ListedAttachment {
  return { attachmentId, contentType, size, sha256, receivedAt, restricted };
}
