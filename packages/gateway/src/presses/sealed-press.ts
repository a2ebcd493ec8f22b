import { ZhidaError } from '@zhida/core';
import type { GatewayContext } from '../context.js';
import { textOf } from '../sealing.js';

/** What the relay is handed of a press, besides its key. */
export interface PressContent {
  readonly ticket: string;
  readonly body: Uint8Array;
}

interface SealedPress {
  readonly wrapped_key: Uint8Array;
  readonly sealed_body: Uint8Array;
  readonly sealed_ticket: Uint8Array;
}

const placeOf = (column: 'body' | 'ticket', pressId: string): string => `press ${pressId} ${column}`;

export function sealPress({ sealing }: Pick<GatewayContext, 'sealing'>, pressId: string, { ticket, body }: PressContent): SealedPress {
  const { wrapped, seal } = sealing.create();
  return {
    wrapped_key: wrapped,
    sealed_body: seal(body, placeOf('body', pressId)),
    sealed_ticket: seal(new TextEncoder().encode(ticket), placeOf('ticket', pressId)),
  };
}

/** @throws ZhidaError `ZD_ERR_SEALED_UNREADABLE` for another master key, a changed byte, or a press whose text was erased. */
export function openPress(
  { sealing }: Pick<GatewayContext, 'sealing'>,
  pressId: string,
  row: { readonly [Column in keyof SealedPress]: Uint8Array | null },
): PressContent {
  const { wrapped_key: wrapped, sealed_body: body, sealed_ticket: ticket } = row;
  if (wrapped === null || body === null || ticket === null)
    throw new ZhidaError('ZD_ERR_SEALED_UNREADABLE', 'the text of this press was erased');
  return {
    body: sealing.open(wrapped, body, placeOf('body', pressId)),
    ticket: textOf(sealing.open(wrapped, ticket, placeOf('ticket', pressId))),
  };
}
