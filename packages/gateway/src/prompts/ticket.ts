import { createId } from '@zhida/core';
import { type PayloadMode, sha256Hex, signTicket, type TicketClaims } from '@zhida/signing';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';

/** Derived from what makes a press that one, so that the same is pressed once: two tabs of one person, a second clinician for himself. */
export function pressIdOf(...parts: readonly string[]): string {
  return `prs_${sha256Hex(parts.join('\n')).slice(0, 32)}`;
}

/** Who presses, as a ticket names him. */
export type Presser = Pick<Clinician, 'account' | 'name' | 'role' | 'staffId'>;

export interface PressTicket {
  readonly ticket: string;
  readonly pressId: string;
}

/** The credential of one press: bound to reporter, facility, encounter and purpose. */
export async function ticketFor(
  context: GatewayContext,
  clinician: Presser,
  prompt: { id: string; encounterId: string; mode: PayloadMode },
): Promise<PressTicket> {
  return signPress(context, clinician, {
    pressId: pressIdOf(prompt.id, clinician.account),
    promptId: prompt.id,
    encounterId: prompt.encounterId,
    mode: prompt.mode,
  });
}

/** The credential of a report the person begins: each page is a press of its own. */
export function manualTicket(
  context: GatewayContext,
  presser: Presser,
  about: { readonly encounterId: string; readonly mode: PayloadMode },
): Promise<PressTicket> {
  return signPress(context, presser, { pressId: createId('prs', context.clock), promptId: null, ...about });
}

/**
 * The credential of a press that follows another: the same person, by the ticket of that press, or a colleague by their own. It reads and
 * presses nothing else, and never comes to a page.
 */
export async function followTicket(context: GatewayContext, first: TicketClaims, pressId: string): Promise<string> {
  const { sub: account, encounterId, mode, reporter } = first;
  return (await signPress(context, { account, ...reporter }, { pressId, promptId: null, encounterId, mode })).ticket;
}

/** What a ticket is bound to beside the person. */
type Bound = Pick<TicketClaims, 'pressId' | 'promptId' | 'encounterId' | 'mode'>;

async function signPress(
  context: GatewayContext,
  clinician: Presser,
  { pressId, promptId, encounterId, mode }: Bound,
): Promise<PressTicket> {
  const issuedAt = Math.floor(context.clock.now() / 1_000);
  const ticket = await signTicket(
    {
      iss: context.keys.party,
      aud: context.relayParty,
      sub: clinician.account,
      facility: context.facility.code,
      encounterId,
      promptId,
      pressId,
      mode,
      purpose: 'report',
      reporter: { name: clinician.name, role: clinician.role, staffId: clinician.staffId },
      iat: issuedAt,
      exp: issuedAt + context.settings.ticketHours * 3_600,
      jti: createId('tkt', context.clock),
    },
    context.keys,
  );
  return { ticket, pressId };
}
