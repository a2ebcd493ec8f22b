import { createHash } from 'node:crypto';
import { createId } from '@zhida/core';
import { signTicket } from '@zhida/signing';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';

/** Derived from prompt and account, so that two tabs of one person press once and a second clinician presses for himself. */
export function pressIdOf(promptId: string, account: string): string {
  return `prs_${createHash('sha256').update(`${promptId}\n${account}`).digest('hex').slice(0, 32)}`;
}

/** The credential of one press: bound to reporter, facility, encounter and purpose. */
export async function ticketFor(
  context: GatewayContext,
  clinician: Clinician,
  prompt: { id: string; encounterId: string },
): Promise<{ ticket: string; pressId: string }> {
  const pressId = pressIdOf(prompt.id, clinician.account);
  const issuedAt = Math.floor(context.clock.now() / 1_000);
  const ticket = await signTicket(
    {
      iss: context.keys.party,
      aud: context.relayParty,
      sub: clinician.account,
      facility: context.facility.code,
      encounterId: prompt.encounterId,
      promptId: prompt.id,
      pressId,
      mode: context.mode,
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
