import { ZhidaError } from '@zhida/core';
import { verifyAssertion } from '@zhida/signing';
import type { FastifyRequest } from 'fastify';
import type { GatewayContext } from '../options.js';

/** Who presses: known from the HIS's own sign-in, never from a request body. */
export interface Clinician {
  readonly account: string;
  readonly name: string;
  readonly role: string;
  readonly staffId: string;
}

const SCOPES = ['prompt:answer', 'report:read.own'] as const;
export type ClinicianScope = (typeof SCOPES)[number];

/**
 * Reads the clinician's token, which the HIS mints with its own pinned key.
 *
 * @throws ZhidaError `ZD_ERR_TOKEN_INVALID` for every way a token can be wrong, `ZD_ERR_SCOPE_MISSING` when it is right but not for this.
 */
export async function authenticateClinician(context: GatewayContext, token: string | undefined, scope: ClinicianScope): Promise<Clinician> {
  if (token === undefined) throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'a clinician’s token is needed', { at: 'authorization' });
  const verified = await verifyAssertion(token, { trusted: context.keys.trusted, audience: context.keys.party, now: context.clock.now() });
  const { claims } = verified;
  if (context.keys.trusted.party(claims.iss)?.role !== 'his')
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'only the HIS speaks for a clinician', { at: 'authorization' });
  if (claims.facility !== context.facility.code)
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'the token is for another facility', { at: 'authorization' });
  if (!claims.scope.split(' ').includes(scope))
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', `the token does not allow ${scope}`, { at: 'authorization' });
  const text = (name: string): string => (typeof claims[name] === 'string' ? (claims[name] as string) : '');
  if (text('sub') === '') throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'the token names no account', { at: 'authorization' });
  return { account: text('sub'), name: text('name'), role: text('role'), staffId: text('staffId') };
}

export function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer ([\w.-]+)$/.exec(request.headers.authorization ?? '')?.[1];
}
