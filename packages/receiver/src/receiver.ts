import { type Clock, systemClock } from '@zhida/core';
import type { KeyDirectory, Officer } from '@zhida/signing';
import { accept, type AcceptInput, type FeedbackInput, giveFeedback, misdirect, type MisdirectedInput, stopUsing } from './acts.js';
import { openAttachment, type OpenedAttachment, receiveAttachment } from './attachments.js';
import type { FeedbackNote, Inbox, StageReceipt } from './inbox.js';
import { type ReceiverLogger, silentLogger } from './logger.js';
import { type FlushResult, flushOutbox, type OutboxDeps, type OutboxSettings, resolveOutbox } from './outbox.js';
import { type InboxRow, listRows, openGroup, type OpenedGroup, type OpenedReport, openReport } from './reading.js';
import { receive, receiveCarried, type ReceiveAnswer, type ReceivedHeaders } from './receive.js';
import { createSweeper } from './sweeper.js';
import { createVault } from './vault.js';

/** Rows a list shows at most; an agency with more open reports than this has another problem. */
export const LIST_LIMIT = 200;

export interface ReceiverOptions {
  readonly keys: KeyDirectory;
  readonly inbox: Inbox;
  /** @defaultValue the system clock */
  readonly clock?: Clock;
  /** @defaultValue says nothing */
  readonly logger?: ReceiverLogger;
  /** @defaultValue the global fetch */
  readonly fetch?: typeof globalThis.fetch;
  readonly outbox?: Partial<OutboxSettings>;
}

/** The agency's end of the road, free of any framework. */
export interface Receiver {
  /** The party it signs as, for example `agency:police-440299`. */
  readonly party: string;
  readonly mode: string;
  /** Takes a pushed envelope; the answer goes back as it is. Never throws. */
  receive(rawBody: Uint8Array, headers: ReceivedHeaders): Promise<ReceiveAnswer>;
  /** Takes an envelope that was fetched or carried by file; the answer is the receipt. Never throws. */
  receiveCarried(envelope: Uint8Array): Promise<ReceiveAnswer>;
  /** Takes an attachment as lines (description, parts), by whatever road; the answer is its receipt. Never throws. */
  receiveAttachment(lines: AsyncIterable<string>): Promise<ReceiveAnswer>;
  /** 受理. The same receipt however often it is pressed. */
  accept(deliveryId: string, input: AcceptInput): Promise<StageReceipt>;
  misdirected(deliveryId: string, input: MisdirectedInput): Promise<StageReceipt>;
  stoppedUsing(deliveryId: string, input: { readonly officer: Officer }): Promise<StageReceipt>;
  feedback(deliveryId: string, input: FeedbackInput): Promise<FeedbackNote>;
  list(): Promise<readonly InboxRow[]>;
  /** One audit entry per call. */
  open(deliveryId: string, officer: Officer): Promise<OpenedReport>;
  openRestricted(deliveryId: string, group: string, officer: Officer, reason: string): Promise<OpenedGroup>;
  /** Opens an attachment; a restricted one needs a reason. */
  openAttachment(deliveryId: string, attachmentId: string, officer: Officer, reason?: string): Promise<OpenedAttachment>;
  /** Sends what is due now. */
  flushOutbox(): Promise<FlushResult>;
  /** Signed statements that have not reached the relay. */
  waiting(): Promise<number>;
  /** Begins to send what is due, each second and after each act. */
  start(): void;
  /** Ends sending; resolves when the sweep under way is over. What is unsent stays in the outbox. */
  stop(): Promise<void>;
}

/**
 * Builds the agency's receiver over a key directory and a store.
 *
 * @throws ZhidaError `ZD_ERR_KEY_MISSING` without a master key, `ZD_ERR_OPTION_INVALID` for settings out of bounds.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { keys, inbox, clock = systemClock, logger = silentLogger } = options;
  const settings = resolveOutbox(options.outbox);
  const deps: OutboxDeps = { keys, inbox, clock, logger, settings, vault: createVault(keys), fetch: options.fetch ?? globalThis.fetch };
  const sweeper = createSweeper({ sweep: () => flushOutbox(deps), everyMs: settings.sweepEveryMs, logger });
  /** A statement that is committed may leave at once; nobody waits for the relay. */
  const thenSend = async <T>(act: Promise<T>): Promise<T> => {
    const result = await act;
    sweeper.wake();
    return result;
  };
  return {
    party: keys.party,
    mode: keys.mode,
    receive: (rawBody, headers) => receive(deps, rawBody, headers),
    receiveCarried: (envelope) => receiveCarried(deps, envelope),
    receiveAttachment: (lines) => receiveAttachment(deps, lines),
    accept: (deliveryId, input) => thenSend(accept(deps, deliveryId, input)),
    misdirected: (deliveryId, input) => thenSend(misdirect(deps, deliveryId, input)),
    stoppedUsing: (deliveryId, { officer }) => thenSend(stopUsing(deps, deliveryId, officer)),
    feedback: (deliveryId, input) => thenSend(giveFeedback(deps, deliveryId, input)),
    list: () => listRows(deps, LIST_LIMIT),
    open: (deliveryId, officer) => openReport(deps, deliveryId, officer),
    openRestricted: (deliveryId, group, officer, reason) => thenSend(openGroup(deps, deliveryId, group, officer, reason)),
    openAttachment: (deliveryId, attachmentId, officer, reason) =>
      thenSend(openAttachment(deps, { deliveryId, attachmentId, officer, reason })),
    flushOutbox: () => sweeper.run(),
    waiting: () => inbox.waiting(),
    start: () => sweeper.start(),
    stop: () => sweeper.stop(),
  };
}
