import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '@zhida/core';
import fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import type { Channels } from './channels.js';
import type { FhirStore } from './fhir-store.js';
import type { GatewayClient } from './gateway.js';
import { texts } from './locales/zh-cn.js';
import { driverRoutes } from './routes/driver.js';
import { fhirRoutes } from './routes/fhir.js';
import { pageRoutes } from './routes/pages.js';
import type { ChartStore } from './store.js';

export interface HisDeps {
  readonly charts: ChartStore;
  readonly channels: Channels;
  readonly gateway: GatewayClient;
  readonly fhir: FhirStore;
  readonly gatewayUrl: string;
  /** Opens the pages. */
  readonly code: string;
  /** Opens the FHIR interface; the gateway has it. */
  readonly fhirCode: string;
  readonly clock: Clock;
}

/** The demo HIS: pages for doctors, a FHIR interface for the gateway, and what the demo's own script presses. */
export async function createHis(deps: HisDeps): Promise<FastifyInstance> {
  const app = fastify({ forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(body as string)),
  );
  await app.register(async (inner) => {
    requireCode(inner, deps.code, (request) => pageCode(request));
    pageRoutes(inner, deps);
    driverRoutes(inner, deps);
  });
  await app.register(async (inner) => {
    requireCode(inner, deps.fhirCode, (request) => /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? '')?.[1]);
    fhirRoutes(inner, deps);
  });
  return app;
}

function requireCode(app: FastifyInstance, expected: string, given: (request: FastifyRequest) => string | undefined): void {
  const wanted = Buffer.from(expected);
  app.addHook('onRequest', async (request, reply) => {
    const code = Buffer.from(given(request) ?? '');
    if (code.length === wanted.length && timingSafeEqual(code, wanted)) return;
    await reply.code(401).type('text/plain; charset=utf-8').send(texts.refused);
  });
}

function pageCode(request: FastifyRequest): string | undefined {
  const query = (request.query as { code?: unknown }).code;
  const cookie = /(?:^|; )his=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1];
  const header = request.headers['x-his-code'];
  return [query, cookie, header].find((value) => typeof value === 'string') as string | undefined;
}
