import { ZhidaError } from '@zhida/core';
import type { FastifyRequest } from 'fastify';
import type { GatewayContext } from '../context.js';
import { authenticateClinician, bearerToken, type Clinician } from './clinician.js';

/**
 * Reads the token of the administrator who runs feeds and endpoints: such a token never opens reports too.
 *
 * @throws ZhidaError `ZD_ERR_TOKEN_INVALID`, `ZD_ERR_SCOPE_MISSING`
 */
export async function authenticateAdministrator(context: GatewayContext, request: FastifyRequest): Promise<Pick<Clinician, 'account'>> {
  const { account, scopes } = await authenticateClinician(context, bearerToken(request), 'endpoint:admin');
  if (scopes.some((scope) => scope.startsWith('report:read'))) {
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'who administers feeds does not read reports with the same token', { at: 'scope' });
  }
  return { account };
}
