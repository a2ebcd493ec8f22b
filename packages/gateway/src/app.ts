import fastifyCors from '@fastify/cors';
import fastifyHelmet from '@fastify/helmet';
import fastifySwagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { registerFeedTokens } from './access/feed-token.js';
import type { GatewayContext } from './context.js';
import type { Feeds } from './feeds/feeds.js';
import { answerProblems } from './problems.js';
import type { RelayClient } from './relay-client.js';
import { attachmentRoutes } from './routes/attachments.js';
import { takeBodiesAsBytes } from './routes/body.js';
import { deskRoutes } from './routes/desk.js';
import { SECURITY_SCHEMES } from './routes/documented.js';
import { draftRoutes } from './routes/drafts.js';
import { encounterRoutes } from './routes/encounters.js';
import { feedRoutes } from './routes/feeds.js';
import { pageRoutes } from './routes/pages.js';
import { operationRoutes } from './routes/operations.js';
import { answerRoutes, promptRoutes, settleRoutes } from './routes/prompts.js';
import { followUpRoutes } from './routes/follow-ups.js';
import { callRoutes, refusedPressRoutes, reportRoutes } from './routes/reports.js';
import { ticketRoutes } from './routes/tickets.js';
import { widgetRoutes } from './routes/widget.js';
import type { Streams } from './streams.js';

export interface AppParts {
  readonly relay: RelayClient;
  readonly streams: Streams;
  readonly feeds: Feeds;
  readonly logger: FastifyBaseLogger;
}

/** Assembles the HTTP side; it listens to nothing yet. It logs ids, codes and levels, never a body, a header or a query. */
export async function createApp(context: GatewayContext, { relay, streams, feeds, logger }: AppParts): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: logger,
    // Fastify's own lines would hold the URL and the address.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: context.settings.maxReportBytes,
    requestIdHeader: false,
    forceCloseConnections: true,
  });
  takeBodiesAsBytes(app);
  // Schemas describe the API and decide nothing: what cannot be read becomes an issue or a stable problem, in the readers.
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  await app.register(fastifyHelmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    // Many hospital networks have no certificate for the gateway's name; whoever terminates TLS says so there.
    strictTransportSecurity: false,
  });
  // A HIS page asks with a token in a header and never with a cookie, so an origin that is not listed learns nothing.
  await app.register(fastifyCors, {
    origin: [...context.hisOrigins],
    methods: ['GET', 'POST', 'PUT'],
    allowedHeaders: [
      'authorization',
      'content-type',
      'press-ticket',
      'idempotency-key',
      'content-digest',
      'last-event-id',
      'accept-language',
    ],
    exposedHeaders: ['date'],
    maxAge: 600,
  });
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'zhida gateway', version: '1', description: 'Takes visits, prompts a clinician once per child, and takes the press.' },
      components: { securitySchemes: SECURITY_SCHEMES },
    },
  });
  answerProblems(app);
  await registerFeedTokens(app, context);
  encounterRoutes(app, context, feeds);
  promptRoutes(app, context, streams);
  answerRoutes(app, context);
  settleRoutes(app, context);
  draftRoutes(app, context);
  ticketRoutes(app, context);
  reportRoutes(app, context, { relay, streams });
  refusedPressRoutes(app, context);
  followUpRoutes(app, context, relay);
  callRoutes(app, context, relay);
  attachmentRoutes(app, context, relay);
  pageRoutes(app, context);
  deskRoutes(app, context, relay);
  widgetRoutes(app);
  operationRoutes(app, context);
  feedRoutes(app, context, feeds);
  return app;
}
