import { verifyAssertion } from '@zhida/signing';
import type { FastifyRequest } from 'fastify';
import type { GatewayContext } from '../context.js';
import { oneRefusal, refuse, requireScope } from './refusal.js';

/** Who presses: known from the HIS's own sign-in, never from a request body. */
export interface Clinician {
  readonly account: string;
  readonly name: string;
  readonly role: string;
  readonly staffId: string;
  /** Code or name of the department the person works in; undefined when the HIS does not say. */
  readonly department: string | undefined;
  /** Milliseconds since 1970 at which the token ends; an open stream ends with it. */
  readonly expiresAt: number;
  /** All the token allows. */
  readonly scopes: readonly string[];
}

export type ClinicianScope = 'prompt:answer' | 'report:read.own' | 'endpoint:admin';

/** Whose accounts the gateway makes itself: a staff number somebody typed, and an officer of the duty desk, who may have the number of another's account. */
export type AccountKind = 'typed' | 'officer';

export function accountOf(kind: AccountKind, id: string): string {
  return `${kind}:${id}`;
}

/** An account is a column and part of a press's key: printable, short enough for both, and none the gateway makes itself. */
const ACCOUNT = /^(?!(?:typed|officer):)[^\p{Cc}\p{Cf}]{1,128}$/u;

/**
 * Reads the clinician's token, which the HIS mints with its own pinned key.
 *
 * @throws ZhidaError `ZD_ERR_TOKEN_INVALID` for every way a token can be wrong, `ZD_ERR_SCOPE_MISSING` when it is right but not for this.
 */
export async function authenticateClinician(context: GatewayContext, token: string | undefined, scope: ClinicianScope): Promise<Clinician> {
  return oneRefusal('authorization', async () => {
    const { claims } = await verifyAssertion(token ?? refuse('a clinician’s token is needed'), {
      trusted: context.keys.trusted,
      audience: context.keys.party,
      now: context.clock.now(),
      roles: ['his'],
    });
    if (claims.facility !== context.facility.code) refuse('the token is for another facility');
    const text = (name: string): string => (typeof claims[name] === 'string' ? claims[name] : '');
    // Without an account of its own the token speaks for the HIS, and nobody could answer for the press.
    if (claims.sub === claims.iss || !ACCOUNT.test(claims.sub)) refuse('the token names no account');
    requireScope(claims.scope, scope);
    const department = text('department');
    return {
      account: claims.sub,
      name: text('name'),
      role: text('role'),
      staffId: text('staffId'),
      department: department === '' ? undefined : department,
      expiresAt: claims.exp * 1_000,
      scopes: claims.scope.split(' '),
    };
  });
}

export function bearerToken(request: FastifyRequest): string | undefined {
  return /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? '')?.[1];
}
