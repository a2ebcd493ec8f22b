import type { TicketClaims } from '@zhida/signing';
import type { GatewayContext } from '../context.js';
import type { RelayAnswer, RelayClient } from '../relay-client.js';
import type { FollowKind } from '../schema.js';
import { commitPress } from './commit.js';
import { handOver } from './hand-over.js';

export interface Press {
  readonly ticket: string;
  readonly claims: TicketClaims;
  /** The bytes as the page sent them: they are what the relay hashes, so they are never parsed and written again. */
  readonly body: Uint8Array;
  /** Who presses where it is no clinician. */
  readonly actor?: 'operator';
  /** Of what comes after a first report: which press that was. */
  readonly follows?: Following;
}

/** A later report of a case, as its row names it. */
export interface Following {
  readonly pressId: string;
  readonly key: string;
  readonly kind: FollowKind;
  /** The prompt whose report is a colleague's; null where whoever presses made it. */
  readonly addsTo: string | null;
}

export type PressOutcome =
  | { readonly kind: 'answered'; readonly answer: RelayAnswer }
  | { readonly kind: 'held'; readonly problem: string };

/**
 * Commits the press, then asks the relay. Whatever happens after the commit, the press is sent by the outbox: a clinician is
 * told `held` (已存在网关，尚未发出) and never `submitted` before the relay's own 202 (INV-1). A press that the relay has taken
 * is answered from the row, so that a repeat needs no relay.
 *
 * @throws PressConflict when the same person has pressed this prompt with another body, or the relay says so.
 */
export async function press(context: GatewayContext, relay: RelayClient, pressed: Press): Promise<PressOutcome> {
  const { ticket, claims, body, follows } = pressed;
  const committed = await commitPress(context, pressed);
  if (committed.answer !== null) {
    return { kind: 'answered', answer: { status: 200, contentType: 'application/json', body: committed.answer } };
  }
  const held = { pressId: claims.pressId, ticket, body, attempts: 0, follows: follows?.pressId ?? null };
  const handed = await handOver(context, relay, held, AbortSignal.timeout(context.settings.relayAnswerMs));
  return handed.answer === undefined ? { kind: 'held', problem: handed.problem } : { kind: 'answered', answer: handed.answer };
}
