import { yearsNotKnown, ZhidaError } from '@zhida/core';
import { jwksOf } from '@zhida/signing';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { countOpen } from '../ledger/listing.js';
import type { RouteContext } from './context.js';
import { OPEN } from './described.js';
import { renderMetrics } from '../metrics.js';

/** Keys, health and metrics: open to whoever reaches the port, and without a word about a person. */
export function healthRoutes(app: FastifyInstance, context: RouteContext): void {
  const operations = { tags: ['operations'], security: OPEN };
  app.get('/.well-known/jwks.json', { schema: { ...operations, summary: 'Public keys of this relay' } }, async () => jwksOf(context.keys));
  app.get('/healthz', { schema: { ...operations, summary: 'The process lives' } }, async () => ({ status: 'ok', mode: context.mode }));
  app.get('/readyz', { schema: { ...operations, summary: 'The ledger can be written' } }, async () => {
    const { rows } = await sql<{ only: string }>`select current_setting('transaction_read_only') as only`.execute(context.ledger.db);
    if (rows[0]?.only === 'on') throw new ZhidaError('ZD_ERR_DATABASE_UNAVAILABLE', 'the ledger is read-only');
    return { status: 'ready', mode: context.mode };
  });
  app.get('/metrics', { schema: { ...operations, summary: 'Prometheus text' } }, async (_request, reply) => {
    const counts = await Promise.all(
      context.facilityCodes.map(async (facility) => ({ facility, counts: await countOpen(facility, context.ledger) })),
    );
    const calendarYearsMissing = yearsNotKnown(context.clock.now(), context.calendar).length;
    const now = {
      pressesUnderWay: context.admission.underWay,
      streams: context.events.watched,
      gatesHanging: context.shares.hanging(),
      calendarYearsMissing,
    };
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(renderMetrics(context.metrics, counts, now));
  });
}
