import { canonicalBytes, type Clock, type Json, ZhidaError } from '@zhida/core';
import { RELEASE_KINDS } from '@zhida/report';
import { sha256Hex, type FeedbackCode, feedbackCodesOf, type KeyDirectory, type Officer, type ReceiptStage } from '@zhida/signing';
import type { AuditDraft, Change, FeedbackNote, Inbox, InboxRecord, OutboxMessage, StageReceipt } from './inbox.js';
import { optionalText, requiredText } from './input.js';
import { type FeedbackDetails, makeFeedback, makeReceipt } from './statements.js';
import type { Vault } from './vault.js';

const NUMBER_LENGTH = 64;
const UNIT_LENGTH = 100;
const REASON_LENGTH = 500;
const KEY_LENGTH = 64;

export interface AcceptInput {
  readonly officer: Officer;
  /** 接报编号; may follow later, so that nobody waits for it. */
  readonly agencyNumber?: string | null | undefined;
}

export interface MisdirectedInput {
  readonly officer: Officer;
  /** The unit that has jurisdiction: a party name (`agency:…`) or its name in words. */
  readonly transferredTo: string;
}

export interface FeedbackInput {
  readonly officer: Officer;
  readonly code: string;
  readonly reason?: string | null | undefined;
  readonly transferredTo?: string | null | undefined;
  readonly releaseTo?: readonly string[] | undefined;
  readonly documentNumber?: string | null | undefined;
  /**
   * Unique for each form that is shown: sent twice with the same words it is one feedback. With other words it is another. Without a key
   * the words themselves say which it is: an agency that says the same of one delivery twice has said it once.
   */
  readonly key?: string | null | undefined;
}

export interface ActDeps {
  readonly keys: KeyDirectory;
  readonly inbox: Inbox;
  readonly vault: Vault;
  readonly clock: Clock;
}

/** 受理: an officer takes the report. A second time answers the first receipt. */
export async function accept(deps: ActDeps, deliveryId: string, { officer, agencyNumber }: AcceptInput): Promise<StageReceipt> {
  const number = optionalText(agencyNumber, 'agencyNumber', NUMBER_LENGTH);
  return reachStage(deps, deliveryId, officer, { stage: 'accepted', agencyNumber: number, transferredTo: null });
}

/** 转有管辖单位: the report is not ours. It stays received, and the relay opens a delivery to the unit named. */
export async function misdirect(deps: ActDeps, deliveryId: string, { officer, transferredTo }: MisdirectedInput): Promise<StageReceipt> {
  const unit = requiredText(transferredTo, 'transferredTo', UNIT_LENGTH);
  return reachStage(deps, deliveryId, officer, { stage: 'misdirected', agencyNumber: null, transferredTo: unit });
}

/** 已停止使用: the answer to an error notice. @throws ZhidaError `ZD_ERR_CONFLICT` for any other kind of report. */
export async function stopUsing(deps: ActDeps, deliveryId: string, officer: Officer): Promise<StageReceipt> {
  return reachStage(deps, deliveryId, officer, { stage: 'stopped-using', agencyNumber: null, transferredTo: null });
}

interface Stage {
  readonly stage: Exclude<ReceiptStage, 'stored'>;
  readonly agencyNumber: string | null;
  readonly transferredTo: string | null;
}

async function reachStage(deps: ActDeps, deliveryId: string, officer: Officer, stage: Stage): Promise<StageReceipt> {
  const after = await deps.inbox.change(deliveryId, async (record): Promise<Change | undefined> => {
    if (stage.stage === 'stopped-using' && record.kind !== 'error-notice') {
      throw new ZhidaError('ZD_ERR_CONFLICT', 'only an error notice is answered by stopping', { at: 'kind' });
    }
    if (receiptOf(record, stage.stage) !== undefined) return undefined;
    const receipt = await makeReceipt(deps.keys, deps.clock, record, { ...stage, officerId: officer.id });
    return {
      receipt,
      outbox: [outboxMessage(deps, record, { id: receipt.receiptId, kind: 'receipt', jws: receipt.jws })],
      audit: [
        officerEntry(record, officer, `delivery.${stage.stage}`, { receiptId: receipt.receiptId }, { transferredTo: stage.transferredTo }),
      ],
    };
  });
  const receipt = receiptOf(after, stage.stage);
  if (receipt === undefined) throw new ZhidaError('ZD_ERR_CONFLICT', 'the receipt was not kept', { at: 'stage' });
  return receipt;
}

/** The receipt of a stage, or `undefined` before it is reached. */
export function receiptOf(record: InboxRecord, stage: ReceiptStage): StageReceipt | undefined {
  return record.receipts.find((receipt) => receipt.stage === stage);
}

/** Tells the hospital what became of the report: a code of the agency's own table, signed. */
export async function giveFeedback(deps: ActDeps, deliveryId: string, input: FeedbackInput): Promise<FeedbackNote> {
  let note: FeedbackNote | undefined;
  await deps.inbox.change(deliveryId, async (record) => {
    const details = feedbackDetails(record, input);
    const request = requestOf(input.key, details);
    note = record.feedback.find(({ requestSha256 }) => requestSha256 === request.requestSha256);
    if (note !== undefined) return undefined;
    const { feedbackId, at, jws } = await makeFeedback(deps.keys, deps.clock, record, details);
    note = { feedbackId, code: details.code, documentNumber: details.documentNumber, at, officerId: input.officer.id, ...request };
    return {
      feedback: note,
      outbox: [outboxMessage(deps, record, { id: feedbackId, kind: 'feedback', jws })],
      audit: [officerEntry(record, input.officer, `feedback.${details.code}`, { feedbackId }, { reason: details.reason })],
    };
  });
  if (note === undefined) throw new ZhidaError('ZD_ERR_CONFLICT', 'the feedback was not kept', { at: 'feedback' });
  return note;
}

/** What tells a request from another: its key where it has one, and its words. */
function requestOf(key: string | null | undefined, details: FeedbackDetails): { readonly requestSha256: string } {
  const given = optionalText(key, 'key', KEY_LENGTH);
  // The key is not kept, so that nobody can try out which words were written.
  return {
    requestSha256: sha256Hex(canonicalBytes({ key: given, ...details, releaseTo: [...details.releaseTo] })),
  };
}

function feedbackDetails(record: InboxRecord, input: FeedbackInput): FeedbackDetails {
  const code: FeedbackCode | undefined = feedbackCodesOf(record.view).find((known) => known === input.code);
  if (code === undefined) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'not a feedback code of this kind of agency', { at: 'code' });
  const releaseTo = [...new Set(input.releaseTo ?? [])];
  const known: readonly string[] = RELEASE_KINDS;
  if (releaseTo.some((target) => !known.includes(target))) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'not a kind of recipient a report can be released to', { at: 'releaseTo' });
  }
  if ((code === 'release') !== releaseTo.length > 0) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a release names its recipients, and nothing else does', { at: 'releaseTo' });
  }
  return {
    code,
    reason: optionalText(input.reason, 'reason', REASON_LENGTH),
    transferredTo: optionalText(input.transferredTo, 'transferredTo', UNIT_LENGTH),
    releaseTo,
    documentNumber: optionalText(input.documentNumber, 'documentNumber', NUMBER_LENGTH),
  };
}

/** A signed statement on its way to the relay that sent the delivery. */
export function outboxMessage(
  { vault }: Pick<ActDeps, 'vault'>,
  record: InboxRecord,
  { id, kind, jws }: { id: string; kind: OutboxMessage['kind']; jws: string },
): OutboxMessage {
  const { deliveryId, relay, wrappedKey } = record;
  return { id, kind, deliveryId, relay, sealedJws: vault.seal(wrappedKey, deliveryId, 'outbox', new TextEncoder().encode(jws)) };
}

/** An audit entry for what an officer did: ids outside, the name and the words inside the sealed detail. */
export function officerEntry(
  record: InboxRecord,
  officer: Officer,
  action: string,
  subject: Readonly<Record<string, string>>,
  detail: { readonly [key: string]: Json },
): AuditDraft {
  return {
    actor: `officer:${officer.id}`,
    action,
    subject: { deliveryId: record.deliveryId, reportId: record.reportId, ...subject },
    detail: { officerName: officer.name, ...detail },
  };
}

/** The reason for opening a restricted group. @throws ZhidaError `ZD_ERR_REASON_MISSING` when it is blank. */
export function readReason(value: unknown): string {
  return requiredText(value, 'reason', REASON_LENGTH, 'ZD_ERR_REASON_MISSING');
}
