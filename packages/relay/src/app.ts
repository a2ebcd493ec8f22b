import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, LogController } from 'fastify';
import type { Logger } from 'pino';
import { assertions } from './plugins/assertions.js';
import { problems } from './plugins/problems.js';
import { callRoutes } from './routes/calls.js';
import { alarmRoutes } from './routes/alarms.js';
import { agencyRoutes } from './routes/agency.js';
import { attachmentRoutes } from './routes/attachments.js';
import type { RouteContext } from './routes/context.js';
import { deadLetterRoutes } from './routes/dead-letters.js';
import { deliveryRoutes } from './routes/deliveries.js';
import { eventRoutes } from './routes/events.js';
import { SECURITY_SCHEMES, withTaken } from './routes/described.js';
import { deskRoutes } from './routes/desk.js';
import { endpointRoutes } from './routes/endpoints.js';
import { exchangeRoutes } from './routes/exchanges.js';
import { forwardRoutes } from './routes/forwards.js';
import { healthRoutes } from './routes/health.js';
import { operatorRoutes } from './routes/operator.js';
import { paperRoutes } from './routes/paper.js';
import { reportRoutes } from './routes/reports.js';

const BODY_BYTES_MAX = 1024 * 1024;

/** Assembles the HTTP side; it listens to nothing yet. */
export async function createApp(context: RouteContext, logger: Logger): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: logger,
    // Fastify's own lines would hold the URL and the address; routes log ids instead.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_BYTES_MAX,
    // A report is never refused for what a client wrote in its own request id.
    requestIdHeader: false,
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  takeBodiesAsBytes(app);
  await app.register(helmet, { global: true });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'zhida relay', version: '1', description: 'Takes reports durably and delivers them until proof.' },
      components: { securitySchemes: SECURITY_SCHEMES },
    },
    transform: withTaken,
  });
  await app.register(problems);
  await app.register(assertions, { keys: context.keys, clock: context.clock, facilityCodes: context.facilityCodes });
  app.register(async (routes) => {
    reportRoutes(routes, context);
    eventRoutes(routes, context);
    callRoutes(routes, context);
    agencyRoutes(routes, context);
    attachmentRoutes(routes, context);
    deliveryRoutes(routes, context);
    operatorRoutes(routes, context);
    deskRoutes(routes, context);
    endpointRoutes(routes, context);
    deadLetterRoutes(routes, context);
    exchangeRoutes(routes, context);
    forwardRoutes(routes, context);
    alarmRoutes(routes, context);
    paperRoutes(routes, context);
    healthRoutes(routes, context);
    routes.get('/docs', { schema: { hide: true } }, async () => app.swagger());
  });
  return app;
}

/**
 * Every body comes as the bytes that were sent, whatever its content type says: a parser in between would coerce, strip or
 * refuse, and the press is hashed and sealed as it is.
 */
function takeBodiesAsBytes(app: FastifyInstance): void {
  app.addHook('onRequest', async (request) => {
    // A malformed content type would be refused before any parser is asked.
    if (request.headers['content-type'] !== undefined) request.raw.headers['content-type'] = 'application/octet-stream';
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}
