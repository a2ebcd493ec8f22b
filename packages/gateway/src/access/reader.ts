import type { FastifyRequest } from 'fastify';
import type { GatewayContext } from '../context.js';
import { headerOf } from '../routes/body.js';
import { authenticateClinician, bearerToken } from './clinician.js';
import { readTicket } from './press-ticket.js';
import { refuse, oneRefusal } from './refusal.js';

/** Who asks how a report stands. */
export interface Reader {
  readonly account: string;
  /** The only press a ticket speaks for; undefined for a token, which speaks for every press of its account. */
  readonly pressId: string | undefined;
  /** The prompt that press answers, as its ticket says; null for a report a person began, undefined for a token. */
  readonly promptId?: string | null;
  /** The visit the ticket was given for; undefined for a token. */
  readonly encounterId?: string;
  /** Milliseconds since 1970; an open stream ends then. */
  readonly expiresAt: number;
}

/**
 * The person who pressed, by token or by the ticket of that very press, so that a screen whose sign-in has ended goes on
 * telling what became of its report.
 *
 * @throws ZhidaError `ZD_ERR_TOKEN_INVALID`, `ZD_ERR_SCOPE_MISSING`
 */
export async function authenticateReader(context: GatewayContext, request: FastifyRequest): Promise<Reader> {
  const ticket = headerOf(request, 'press-ticket');
  if (ticket === undefined) {
    const { account, expiresAt } = await authenticateClinician(context, bearerToken(request), 'report:read.own');
    return { account, pressId: undefined, expiresAt };
  }
  const { claims, expired } = await readTicket(context, ticket);
  return oneRefusal('press-ticket', async () => {
    if (expired) refuse('past its time a ticket still presses, but reads nothing');
    const { sub: account, pressId, promptId, encounterId, exp } = claims;
    return { account, pressId, promptId, encounterId, expiresAt: exp * 1_000 };
  });
}
