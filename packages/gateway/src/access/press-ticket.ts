import { type TicketClaims, verifyTicket } from '@zhida/signing';
import type { GatewayContext } from '../context.js';
import { oneRefusal, refuse } from './refusal.js';

/** A ticket this gateway has signed; one past its time is still a ticket, and the relay flags the report (INV-9). */
export async function readTicket(context: GatewayContext, ticket: string): Promise<{ claims: TicketClaims; expired: boolean }> {
  return oneRefusal('press-ticket', async () => {
    const verified = await verifyTicket(ticket, {
      trusted: context.keys.trusted,
      self: context.keys,
      audience: context.relayParty,
      now: context.clock.now(),
    });
    const { iss, facility } = verified.claims;
    if (iss !== context.keys.party) refuse('the ticket is another gateway’s');
    if (facility !== context.facility.code) refuse('the ticket is for another facility');
    return verified;
  });
}
