import { isUtf8 } from 'node:buffer';
import { type Clock, charsetOfText, isZhidaError } from '@zhida/core';
import { decodeBytes } from '../wire/charset.js';
import { type AckCode, acknowledgement } from './acknowledge.js';
import { type RawHeader, bodyDigest, readRawHeader } from './header.js';
import type { AcknowledgementKey, AcknowledgementStore, KeptAcknowledgements } from './store.js';

/** A message as it came off the wire. */
export interface ReceivedMessage {
  /** The message without its frame, as sent. */
  readonly bytes: Uint8Array;
  /** MSH-10. */
  readonly controlId: string;
  /** MSH-9.1 and MSH-9.2. */
  readonly type: string;
  readonly trigger: string;
  /** MSH-11.1 as sent: P, T or D. */
  readonly processingId: string;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly remoteAddress: string;
  /** What it is known by when it comes again: the key its acknowledgements are kept under. */
  readonly key: AcknowledgementKey;
}

/** `committed`: it is on disk and will not be lost. `refused`: it was not taken, and sending it again as it is does not help. */
export type Commitment = 'committed' | 'refused';
/** `set-aside`: it is kept, but could not be used; a person has to look at it. */
export type Processing = 'processed' | 'set-aside';

export interface ExchangeHandlers {
  /**
   * Commits a message. It MUST NOT resolve with `committed` before the message is durable: the acknowledgement goes out
   * next, and the sender forgets the message. A rejection answers CE or AE, upon which a sender tries again.
   */
  onMessage(message: ReceivedMessage): Promise<Commitment>;
  /**
   * Works on a committed message. Its outcome is the application acknowledgement; a rejection counts as `set-aside`. It is asked
   * again about a message that comes again while nothing but its CA was made.
   */
  onCommitted?(message: ReceivedMessage): Promise<Processing>;
  readonly acknowledgements: AcknowledgementStore;
  readonly clock: Clock;
  /** A fresh MSH-10 for an acknowledgement. */
  readonly nextControlId: () => string;
  readonly onIncident: (incident: MllpIncident) => void;
}

/** Something an operator should be able to see. It names messages by their control id, never by what is in them. */
export interface MllpIncident {
  readonly kind:
    | 'repeated'
    | 'refused'
    | 'not-committed'
    | 'set-aside'
    | 'unreadable'
    | 'oversized'
    | 'abandoned'
    | 'noise'
    | 'idle'
    | 'stalled'
    | 'connection-limit'
    | 'connection-error'
    | 'store-error';
  readonly remoteAddress: string;
  readonly controlId?: string;
  /** Stable code of the error behind it, where there is one. */
  readonly code?: string;
}

/** Which acknowledgements a message asks for (HL7 v2 §2.9.2). Without MSH-15 and MSH-16: the one of the original mode. */
interface Asked {
  readonly enhanced: boolean;
  readonly accept: string;
  readonly application: string;
}

/** One conversation about one message: commit, acknowledge, process, acknowledge. Messages of one key share one outcome. */
export type Exchange = (bytes: Uint8Array, remoteAddress: string, write: (ack: Uint8Array) => void) => Promise<void>;

export function createExchange(handlers: ExchangeHandlers): Exchange {
  const underWay = new Map<string, Promise<void>>();
  return async (bytes, remoteAddress, write) => {
    const header = readRawHeader(bytes);
    if (header === undefined || header.type === '' || header.controlId === '') {
      refuseUnreadable(handlers, header, remoteAddress, write);
      return;
    }
    const key: AcknowledgementKey = {
      sender: `${header.sendingApplication}|${header.sendingFacility}`,
      controlId: header.controlId,
      digest: bodyDigest(bytes, header),
    };
    const name = JSON.stringify(key);
    // The same message on two connections at once: the second waits for what becomes of the first.
    for (let other = underWay.get(name); other !== undefined; other = underWay.get(name)) await other.catch(() => undefined);
    const conversation = converse(handlers, { header, key, bytes, remoteAddress, write });
    underWay.set(name, conversation);
    try {
      await conversation;
    } finally {
      if (underWay.get(name) === conversation) underWay.delete(name);
    }
  };
}

interface Conversation {
  readonly header: RawHeader;
  readonly key: AcknowledgementKey;
  readonly bytes: Uint8Array;
  readonly remoteAddress: string;
  readonly write: (ack: Uint8Array) => void;
}

async function converse(handlers: ExchangeHandlers, conversation: Conversation): Promise<void> {
  const { header, key, remoteAddress, write } = conversation;
  const message = receivedFrom(conversation);
  const asked = askedBy(header);
  const kept = await findKept(handlers, key, remoteAddress);
  if (kept !== undefined) {
    handlers.onIncident({ kind: 'repeated', remoteAddress, controlId: key.controlId });
    for (const ack of [kept.accept, kept.application]) if (ack !== undefined) write(ack);
    // Cut off between CA and AA: the sender that asked for both still waits for the second.
    if (kept.application === undefined && asked.application !== '' && asked.application !== 'NE') {
      await processAndAnswer(handlers, conversation, message, asked);
    }
    return;
  }
  const commitment = await commit(handlers, message);
  if (commitment !== 'committed') {
    if (!asked.enhanced || wants(asked.accept, 'ER')) write(refusal(handlers, header, commitment, asked.enhanced));
    return;
  }
  const accept = asked.enhanced ? ackFor(handlers, header, 'CA') : undefined;
  if (accept !== undefined && wants(asked.accept, 'SU')) {
    await keep(handlers, key, { accept }, remoteAddress);
    write(accept);
  } else if (asked.enhanced) await keep(handlers, key, {}, remoteAddress);
  await processAndAnswer(handlers, conversation, message, asked);
}

/** Rejected (R): as it is it will not be taken. In error (E): send it again. */
function refusal(handlers: ExchangeHandlers, header: RawHeader, commitment: 'refused' | 'failed', enhanced: boolean): Buffer {
  if (commitment === 'refused') return ackFor(handlers, header, enhanced ? 'CR' : 'AR', 'refused', '207');
  return ackFor(handlers, header, enhanced ? 'CE' : 'AE', 'not stored, send again', '207');
}

async function processAndAnswer(
  handlers: ExchangeHandlers,
  { header, key, remoteAddress, write }: Conversation,
  message: ReceivedMessage,
  asked: Asked,
): Promise<void> {
  const outcome = await workOn(handlers, message);
  // In the enhanced mode the application speaks only if there is one; in the original mode its answer is the only one.
  if (asked.enhanced && outcome === undefined) return;
  const failed = outcome === 'set-aside';
  const application = ackFor(
    handlers,
    header,
    failed ? 'AE' : 'AA',
    failed ? 'kept, set aside for a person' : undefined,
    failed ? '207' : undefined,
  );
  if (asked.enhanced && !wants(asked.application, failed ? 'ER' : 'SU')) return;
  await keep(handlers, key, { application }, remoteAddress);
  write(application);
}

async function commit(handlers: ExchangeHandlers, message: ReceivedMessage): Promise<Commitment | 'failed'> {
  const { remoteAddress, controlId } = message;
  try {
    const commitment = await handlers.onMessage(message);
    if (commitment === 'refused') handlers.onIncident({ kind: 'refused', remoteAddress, controlId });
    return commitment;
  } catch (error) {
    handlers.onIncident({ kind: 'not-committed', remoteAddress, controlId, ...codeOf(error) });
    return 'failed';
  }
}

async function workOn(handlers: ExchangeHandlers, message: ReceivedMessage): Promise<Processing | undefined> {
  const { remoteAddress, controlId } = message;
  try {
    const outcome = await handlers.onCommitted?.(message);
    if (outcome === 'set-aside') handlers.onIncident({ kind: 'set-aside', remoteAddress, controlId });
    return outcome;
  } catch (error) {
    handlers.onIncident({ kind: 'set-aside', remoteAddress, controlId, ...codeOf(error) });
    return 'set-aside';
  }
}

async function findKept(
  { acknowledgements, onIncident }: ExchangeHandlers,
  key: AcknowledgementKey,
  remoteAddress: string,
): Promise<KeptAcknowledgements | undefined> {
  try {
    return await acknowledgements.find(key);
  } catch (error) {
    // A memory that fails costs a repeat, never a message.
    onIncident({ kind: 'store-error', remoteAddress, controlId: key.controlId, ...codeOf(error) });
    return undefined;
  }
}

async function keep(
  { acknowledgements, onIncident }: ExchangeHandlers,
  key: AcknowledgementKey,
  kept: KeptAcknowledgements,
  remoteAddress: string,
): Promise<void> {
  try {
    await acknowledgements.save(key, kept);
  } catch (error) {
    onIncident({ kind: 'store-error', remoteAddress, controlId: key.controlId, ...codeOf(error) });
  }
}

/** Answers what cannot be taken because of its header, or because of its size: rejected, with the control id if there is one. */
export function refuseUnreadable(
  handlers: ExchangeHandlers,
  header: RawHeader | undefined,
  remoteAddress: string,
  write: (ack: Uint8Array) => void,
  kind: 'unreadable' | 'oversized' = 'unreadable',
): void {
  const { enhanced } = header === undefined ? { enhanced: false } : askedBy(header);
  const controlId = header?.controlId === undefined || header.controlId === '' ? {} : { controlId: header.controlId };
  handlers.onIncident({ kind, remoteAddress, ...controlId });
  const place = header === undefined ? 'MSH' : header.type === '' ? 'MSH-9' : 'MSH-10';
  const text = kind === 'oversized' ? 'ZD_ERR_INPUT_TOO_LARGE' : `ZD_ERR_INPUT_UNREADABLE ${place}`;
  write(ackFor(handlers, header, enhanced ? 'CR' : 'AR', text, kind === 'oversized' ? '207' : '101'));
}

function ackFor(
  { clock, nextControlId }: ExchangeHandlers,
  header: RawHeader | undefined,
  code: AckCode,
  text?: string,
  errorCode?: string,
): Buffer {
  const details = { code, controlId: nextControlId(), nowMs: clock.now() };
  return acknowledgement(header, {
    ...details,
    ...(text === undefined ? {} : { text }),
    ...(errorCode === undefined ? {} : { errorCode }),
  });
}

function askedBy({ acceptAcknowledgement: accept, applicationAcknowledgement: application }: RawHeader): Asked {
  return { enhanced: accept !== '' || application !== '', accept, application };
}

/** HL7 table 0155: AL always, ER on error, SU on success, NE never. One of the two left empty means never. */
function wants(condition: string, outcome: 'ER' | 'SU'): boolean {
  return condition === 'AL' || condition === outcome;
}

function receivedFrom({ header, key, bytes, remoteAddress }: Conversation): ReceivedMessage {
  return {
    bytes,
    controlId: readable(header.controlId),
    type: header.type,
    trigger: header.trigger,
    processingId: header.processingId.split(header.encodingCharacters.charAt(0))[0] ?? '',
    sendingApplication: readable(header.sendingApplication),
    sendingFacility: readable(header.sendingFacility),
    remoteAddress,
    key,
  };
}

/** Bytes of a header as text. */
function readable(raw: string): string {
  const bytes = Buffer.from(raw, 'latin1');
  return decodeBytes(bytes, charsetOfText(bytes, undefined, isUtf8(bytes)));
}

function codeOf(error: unknown): { code?: string } {
  return isZhidaError(error) ? { code: error.code } : {};
}
