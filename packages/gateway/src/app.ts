import fastifyHelmet from '@fastify/helmet';
import { problemOf, ZhidaError } from '@zhida/core';
import { asUnavailable } from '@zhida/database';
import type { Detector } from '@zhida/detect';
import { jwksOf } from '@zhida/signing';
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { registerFeedTokens } from './access/feed-token.js';
import type { GatewayContext } from './options.js';
import type { RelayClient } from './relay-client.js';
import { encounterRoutes } from './routes/encounters.js';
import { launchRoute } from './routes/launch.js';
import { promptRoutes } from './routes/prompts.js';
import { reportRoutes } from './routes/reports.js';

const RETRY_AFTER_SECONDS = 5;

/** The gateway's HTTP face. It logs ids and levels, never a body, a header or a query. */
export async function createApp(
  context: GatewayContext,
  detector: Detector,
  relay: RelayClient,
  logger: FastifyBaseLogger,
): Promise<FastifyInstance> {
  const app = fastify({ loggerInstance: logger, bodyLimit: context.settings.maxReportBytes, disableRequestLogging: true });
  await app.register(fastifyHelmet, { contentSecurityPolicy: false, strictTransportSecurity: false });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(asKnown(error));
    if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, 'request failed');
    if (problem.status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS);
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  app.setNotFoundHandler((_request, reply) => {
    const problem = problemOf(new ZhidaError('ZD_ERR_NOT_FOUND', 'no such route'));
    return reply.code(problem.status).type('application/problem+json').send(problem);
  });
  await registerFeedTokens(app, context);
  encounterRoutes(app, context, detector);
  promptRoutes(app, context);
  reportRoutes(app, context, relay);
  launchRoute(app, context);
  app.get('/.well-known/jwks.json', () => jwksOf(context.keys));
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async () => {
    await context.database.pool.query('select 1');
    return { status: 'ready', mode: context.mode };
  });
  return app;
}

function asKnown(error: unknown): unknown {
  const code = (error as { code?: unknown }).code;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return new ZhidaError('ZD_ERR_INPUT_TOO_LARGE', 'the body is over the limit', { cause: error });
  if (typeof code === 'string' && code.startsWith('FST_ERR_CTP_'))
    return new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body cannot be read', { at: 'content-type', cause: error });
  return asUnavailable(error) ?? error;
}
