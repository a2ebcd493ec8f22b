import fastifyJwt, { type TokenOrHeader } from '@fastify/jwt';
import { type Clock, ZhidaError } from '@zhida/core';
import {
  ASSERTION_SECONDS_MAX,
  type AssertionClaims,
  carriesMode,
  type KeyDirectory,
  type PublicKey,
  type TrustedParty,
} from '@zhida/signing';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';

/** What a pinned party may ask of the relay. */
export type Scope = 'report:create' | 'report:read' | 'report:open' | 'delivery:operate' | 'endpoint:admin';

/** A verified assertion of a pinned party. */
export interface Caller {
  readonly party: string;
  readonly facility: string;
  readonly account: string;
  /** Past its time; only a report is still taken on it, and flagged (INV-9). */
  readonly expired: boolean;
}

export interface AssertionOptions {
  readonly keys: KeyDirectory;
  readonly clock: Clock;
  readonly facilityCodes: readonly string[];
}

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * Verifies the request's assertion.
     *
     * @throws ZhidaError `ZD_ERR_TOKEN_INVALID` for every failure alike, so that nobody learns which check failed;
     * `ZD_ERR_SCOPE_MISSING` for a good credential that does not allow this.
     */
    callerOf(request: FastifyRequest, scope: Scope): Promise<Caller>;
  }
}
declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: Record<string, unknown>;
    user: Record<string, unknown>;
  }
}

const TYP = 'zhida-assertion+jwt';
/** How far two honest clocks may be apart, in seconds. */
const SKEW_SECONDS = 300;
/** As long as a press ticket may live: older than that, a credential says nothing of the press it comes with. */
const LATE_SECONDS_MAX = 72 * 3600;

/** Verifies assertions with @fastify/jwt under the pinned keys: `alg` and `typ` are fixed, the key is found by `iss` and `kid`. */
export const assertions = fp<AssertionOptions>(
  async (app, options) => {
    await app.register(fastifyJwt, {
      secret: async (_request: FastifyRequest, token: TokenOrHeader) => publicPem(options, token),
      decode: { complete: true },
      verify: {
        algorithms: ['EdDSA'],
        checkTyp: TYP,
        allowedAud: options.keys.party,
        requiredClaims: ['iss', 'aud', 'iat', 'exp', 'mode', 'scope', 'facility'],
        // Time is judged below, by the injected clock and with the tolerance a late report gets.
        ignoreExpiration: true,
        ignoreNotBefore: true,
      },
    });
    app.decorate('callerOf', async (request: FastifyRequest, scope: Scope) => callerOf(options, request, scope));
  },
  { name: 'zhida-assertions' },
);

async function callerOf(options: AssertionOptions, request: FastifyRequest, scope: Scope): Promise<Caller> {
  let claims: Record<string, unknown>;
  try {
    claims = await request.jwtVerify<Record<string, unknown>>();
  } catch {
    throw refused();
  }
  const caller = readClaims(options, claims);
  if (!allows(String(claims['scope']).split(' '), scope)) {
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'the credential does not allow this', { at: 'scope' });
  }
  return caller;
}

/** Who runs endpoints reads no report by the same credential. */
function allows(scopes: readonly string[], scope: Scope): boolean {
  return scopes.includes(scope) && !(scope === 'endpoint:admin' && scopes.some((other) => READS_REPORTS.has(other)));
}

const READS_REPORTS: ReadonlySet<string> = new Set<Scope>(['report:read', 'report:open']);

function readClaims({ keys, clock, facilityCodes }: AssertionOptions, claims: Record<string, unknown>): Caller {
  const { iss, sub, facility, iat, exp, mode } = claims as Partial<AssertionClaims>;
  const nowSeconds = Math.floor(clock.now() / 1000);
  if (typeof iss !== 'string' || typeof iat !== 'number' || typeof exp !== 'number') throw refused();
  if (!(exp > iat && exp - iat <= ASSERTION_SECONDS_MAX && iat <= nowSeconds + SKEW_SECONDS)) throw refused();
  if (nowSeconds >= exp + LATE_SECONDS_MAX || !carriesMode(keys.mode, mode)) throw refused();
  if (typeof facility !== 'string' || !facilityCodes.includes(facility)) throw refused();
  return { party: iss, facility, account: typeof sub === 'string' ? sub : iss, expired: nowSeconds >= exp };
}

async function publicPem({ keys, clock }: AssertionOptions, token: unknown): Promise<string> {
  const { header, payload } = token as { header?: { kid?: unknown }; payload?: { iss?: unknown } };
  const sender = typeof payload?.iss === 'string' ? keys.trusted.party(payload.iss) : undefined;
  const key = sender?.role === 'gateway' ? pinnedKey(sender, header?.kid, clock.now()) : undefined;
  if (key === undefined) throw refused();
  const known = pems.get(key.publicKey);
  if (known !== undefined) return known;
  const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  pems.set(key.publicKey, pem);
  return pem;
}

/** A pinned key in the form @fastify/jwt takes; made once for each. */
const pems = new WeakMap<object, string>();

function pinnedKey(sender: TrustedParty, kid: unknown, nowMs: number): PublicKey | undefined {
  const inTime = ({ notBefore, notAfter }: { notBefore: string | null; notAfter: string | null }): boolean =>
    (notBefore === null || Date.parse(notBefore) <= nowMs + SKEW_SECONDS * 1000) && (notAfter === null || nowMs < Date.parse(notAfter));
  return inTime(sender) ? sender.sigKeys.find((key) => key.kid === kid && inTime(key)) : undefined;
}

function refused(): ZhidaError {
  return new ZhidaError('ZD_ERR_TOKEN_INVALID', 'no valid credential came with the request');
}

/** For all but a report: an assertion past its time is no credential. */
export async function currentCaller(app: FastifyInstance, request: FastifyRequest, scope: Scope): Promise<Caller> {
  const caller = await app.callerOf(request, scope);
  if (caller.expired) throw refused();
  return caller;
}

/** An operator is a person: an assertion that names only the gateway answers for nobody. */
export async function currentOperator(
  app: FastifyInstance,
  request: FastifyRequest,
  scope: Extract<Scope, 'delivery:operate' | 'report:open' | 'endpoint:admin'> = 'delivery:operate',
): Promise<Caller> {
  const caller = await currentCaller(app, request, scope);
  if (caller.account === caller.party) throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'the credential names no person', { at: 'sub' });
  return caller;
}
