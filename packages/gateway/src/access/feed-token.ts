import fastifyJwt from '@fastify/jwt';
import { ZhidaError } from '@zhida/core';
import { verifyAssertion } from '@zhida/signing';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayContext } from '../options.js';

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: FeedToken;
    user: FeedToken;
  }
}

export interface FeedToken {
  readonly sub: string;
  readonly facility: string;
  readonly scope: string;
  readonly mode: string;
}

const GRANTED = 'encounter:write';

/** Access tokens for feeds: EdDSA, signed and read by this gateway alone, at most 15 minutes (design 4.4). */
export async function registerFeedTokens(app: FastifyInstance, context: GatewayContext): Promise<void> {
  const { privateKey, publicKey } = context.keys.signingKey;
  await app.register(fastifyJwt, {
    secret: {
      private: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      public: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    },
    sign: { algorithm: 'EdDSA', iss: context.keys.party, aud: context.keys.party, expiresIn: context.settings.accessTokenSeconds },
    verify: {
      algorithms: ['EdDSA'],
      allowedIss: context.keys.party,
      allowedAud: context.keys.party,
      maxAge: `${context.settings.accessTokenSeconds}s`,
    },
  });

  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(body as string)),
  );

  app.post('/v1/token', async (request) => {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    if (form.get('grant_type') !== 'client_credentials') {
      throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'only client_credentials is granted here', { at: 'grant_type' });
    }
    const { claims } = await verifyAssertion(form.get('client_assertion') ?? '', {
      trusted: context.keys.trusted,
      audience: context.keys.party,
      now: context.clock.now(),
    });
    if (context.keys.trusted.party(claims.iss)?.role !== 'his' || !claims.scope.split(' ').includes(GRANTED)) {
      throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'this party may not write encounters', { at: 'scope' });
    }
    const token: FeedToken = { sub: claims.iss, facility: context.facility.code, scope: GRANTED, mode: context.mode };
    return { access_token: app.jwt.sign(token), token_type: 'Bearer', expires_in: context.settings.accessTokenSeconds, scope: GRANTED };
  });
}

/** Every way a feed token can be wrong is one 401: the library answers 500 for a foreign algorithm or key. */
export async function authenticateFeed(request: FastifyRequest): Promise<FeedToken> {
  let token: FeedToken;
  try {
    token = await request.jwtVerify<FeedToken>();
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'no valid feed token', { at: 'authorization', cause });
  }
  if (!token.scope.split(' ').includes(GRANTED))
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'the token does not allow encounter:write', { at: 'authorization' });
  return token;
}
