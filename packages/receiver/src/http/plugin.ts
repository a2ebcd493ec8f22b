import { type Clock, systemClock, ZhidaError } from '@zhida/core';
import { createPageSignIn, createSessions, type KeyDirectory, openOfficers, SESSION_SECONDS } from '@zhida/signing';
import type { FastifyInstance } from 'fastify';
import type { Receiver } from '../receiver.js';
import { envelopeRoutes } from './envelope-routes.js';
import { officerRoutes } from './officer-routes.js';
import { pageRoutes } from './page-routes.js';
import { problemFor, sendProblem } from './problems.js';

export interface ReceiverPluginOptions {
  readonly receiver: Receiver;
  /** The agency's own keys; `officers.json` beside them says who may sign in. */
  readonly keys: KeyDirectory;
  /** @defaultValue the system clock */
  readonly clock?: Clock;
  /** How long an officer stays signed in. @defaultValue 28 800 (one shift) */
  readonly sessionSeconds?: number;
}

/**
 * The receiver over HTTP: `POST /v1/envelopes` for relays, `/v1/session` and `/v1/inbox…` for an agency's own screens,
 * `/inbox` as ready pages, `/healthz` and `/readyz`. Register it as it is; each part keeps its parsers to itself.
 */
export async function receiverPlugin(app: FastifyInstance, options: ReceiverPluginOptions): Promise<void> {
  const { receiver, keys, clock = systemClock, sessionSeconds = SESSION_SECONDS } = options;
  if (!(sessionSeconds > 0)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a session lasts longer than nothing', { at: 'sessionSeconds' });
  const officers = openOfficers(keys.directory);
  const sessions = createSessions(keys, officers, clock, sessionSeconds);
  await app.register(async (scope) => envelopeRoutes(scope, receiver));
  await app.register(async (scope) => officerRoutes(scope, { receiver, officers, sessions }));
  const people = createPageSignIn(sessions, { path: '/inbox', seconds: sessionSeconds });
  await app.register(async (scope) => pageRoutes(scope, { receiver, officers, sessions, clock, people }));

  app.get('/healthz', () => ({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    try {
      return { ready: true, waiting: await receiver.waiting() };
    } catch (error) {
      return sendProblem(reply, problemFor(error));
    }
  });
}
