import { sha256Hex } from '@zhida/signing';
import type { MessageHeader } from '@zhida/hl7v2';
import type { AcknowledgementKey } from '@zhida/hl7v2/mllp';
import type { GatewayContext } from '../context.js';
import type { NewMessage } from './inbox.js';

/** The key of a message as its sender, its control id and its body make it. */
export function messageKeyOf({ rowKeys }: GatewayContext, { sender, controlId, digest }: AcknowledgementKey): string {
  return rowKeys.of('message', sender, controlId, digest);
}

/** An HL7 v2 message by its header: the same control id of the same sender on the same bytes is the same message. */
export function nameMessage(context: GatewayContext, feed: string, header: MessageHeader, bytes: Uint8Array): NewMessage {
  const sender = `${header.sendingApplication}|${header.sendingFacility}`;
  const { controlId } = header;
  return { feed, format: 'hl7v2', messageKey: messageKeyOf(context, { sender, controlId, digest: digestOf(bytes) }), ...wordsOf(header) };
}

/** MSH-9 and MSH-10, for the row of a message. */
export function wordsOf({ type, trigger, controlId }: Pick<MessageHeader, 'type' | 'trigger' | 'controlId'>) {
  return { type: trigger === '' ? type : `${type}^${trigger}`, controlId };
}

export function digestOf(bytes: Uint8Array): string {
  return sha256Hex(bytes);
}
