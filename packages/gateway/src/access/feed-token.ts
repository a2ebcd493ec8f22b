import fastifyJwt from '@fastify/jwt';
import { ZhidaError } from '@zhida/core';
import { verifyAssertion } from '@zhida/signing';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayContext } from '../context.js';
import { formOf } from '../routes/body.js';
import { documented, formBody, OPEN } from '../routes/documented.js';
import { feedTokenSchema, tokenRequestSchema } from '../routes/schemas.js';
import { oneRefusal, refuse, requireScope } from './refusal.js';

/** Who feeds visits in. */
export interface Feed {
  readonly party: string;
}

interface FeedTokenClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly facility: string;
  readonly scope: string;
  readonly mode: string;
  readonly iat: number;
  readonly exp: number;
}

const GRANTED = 'encounter:write';
/** Names the kind of token, so that nothing else this gateway signs can be passed off as one. */
const TYP = 'zhida-feed+jwt';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const SKEW_SECONDS = 300;

/** Access tokens for feeds: EdDSA, signed and read by this gateway alone, at most 15 minutes (RFC 6749 §4.4, RFC 7523 §2.2). */
export async function registerFeedTokens(app: FastifyInstance, context: GatewayContext): Promise<void> {
  const { kid, privateKey, publicKey } = context.keys.signingKey;
  await app.register(fastifyJwt, {
    secret: {
      private: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      public: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    },
    sign: { algorithm: 'EdDSA', header: { alg: 'EdDSA', typ: TYP, kid } },
    verify: {
      algorithms: ['EdDSA'],
      checkTyp: TYP,
      allowedIss: context.keys.party,
      allowedAud: context.keys.party,
      requiredClaims: ['iss', 'aud', 'sub', 'facility', 'scope', 'mode', 'iat', 'exp'],
      // Judged below, by the injected clock.
      ignoreExpiration: true,
      ignoreNotBefore: true,
    },
  });

  app.post(
    '/v1/token',
    documented({
      summary: 'A token for a feed, for a client assertion of the HIS',
      tags: ['access'],
      access: OPEN,
      body: formBody(tokenRequestSchema),
      answer: feedTokenSchema,
    }),
    async (request, reply) => {
      const party = await authenticateClient(context, formOf(request));
      const issuedAt = Math.floor(context.clock.now() / 1_000);
      const lifetime = context.settings.accessTokenSeconds;
      const claims: FeedTokenClaims = {
        iss: context.keys.party,
        aud: context.keys.party,
        sub: party,
        facility: context.facility.code,
        scope: GRANTED,
        mode: context.mode,
        iat: issuedAt,
        exp: issuedAt + lifetime,
      };
      void reply.header('cache-control', 'no-store');
      return { access_token: app.jwt.sign({ ...claims }), token_type: 'Bearer', expires_in: lifetime, scope: GRANTED };
    },
  );
}

async function authenticateClient(context: GatewayContext, form: URLSearchParams): Promise<string> {
  if (form.get('grant_type') !== 'client_credentials') {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'only client_credentials is granted here', { at: 'grant_type' });
  }
  if (form.get('client_assertion_type') !== ASSERTION_TYPE) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the client assertion is of no known type', { at: 'client_assertion_type' });
  }
  return oneRefusal('client_assertion', async () => {
    const { claims } = await verifyAssertion(form.get('client_assertion') ?? '', {
      trusted: context.keys.trusted,
      audience: context.keys.party,
      now: context.clock.now(),
      roles: ['his'],
    });
    if (claims.facility !== context.facility.code) refuse('the assertion is for another facility');
    requireScope(claims.scope, GRANTED);
    return claims.iss;
  });
}

/**
 * Reads a feed's token. Every way it can be wrong is one 401: the library answers 500 for a foreign algorithm or key.
 *
 * @throws ZhidaError `ZD_ERR_TOKEN_INVALID`, `ZD_ERR_SCOPE_MISSING`
 */
export async function authenticateFeed(context: GatewayContext, request: FastifyRequest): Promise<Feed> {
  return oneRefusal('authorization', async () => {
    const claims = await request.jwtVerify<FeedTokenClaims>();
    const now = Math.floor(context.clock.now() / 1_000);
    const { iat, exp, mode, facility, sub, scope } = claims;
    if (!(exp > iat && exp - iat <= context.settings.accessTokenSeconds)) refuse('the token is made to live too long');
    if (!(now < exp && iat <= now + SKEW_SECONDS)) refuse('the token is out of its time');
    if (mode !== context.mode || facility !== context.facility.code) refuse('the token is for another facility or mode');
    // A party whose trust was withdrawn is out at once, not when its last token ends.
    if (context.keys.trusted.party(sub)?.role !== 'his') refuse('the party is not trusted any more');
    requireScope(scope, GRANTED);
    return { party: sub };
  });
}
