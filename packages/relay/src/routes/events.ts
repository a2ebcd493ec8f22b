import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { eventsAfter } from '../ledger/events.js';
import { readStatus } from '../ledger/status.js';
import { currentCaller } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { eventsTakes, gateway } from './described.js';

const HEARTBEAT_MS = 15_000;
const EVENTS_PER_READ = 50;
/** Each stream costs a socket; beyond this the status is asked for instead. */
const STREAMS_MAX = 1_000;

/**
 * Server-sent events of one report, read from the ledger's rows: `id` is the report's version, so that a stream that broke
 * goes on with `Last-Event-ID` and misses nothing. Without that header it begins with how the report stands now.
 */
export function eventRoutes(app: FastifyInstance, context: RouteContext): void {
  const open = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });
  app.get<{ Params: { id: string } }>(
    '/v1/reports/:id/events',
    {
      schema: {
        summary: 'Status of a report as server-sent events',
        tags: ['reports'],
        security: gateway('report:read'),
        takes: eventsTakes,
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const caller = await currentCaller(app, request, 'report:read');
      const status = await readStatus(caller.facility, context.ledger.db, request.params.id);
      if (status === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'this facility has no such report');
      if (open.size >= STREAMS_MAX) throw new ZhidaError('ZD_ERR_BUSY', 'too many streams are open');
      reply.hijack();
      const stream = reply.raw;
      // A reader that left while its credential was looked at has closed already, and would hold its place for ever.
      if (stream.destroyed) return;
      open.add(stream);
      stream.on('close', () => open.delete(stream));
      follow(context, caller.facility, status.reportId, stream, lastVersion(request) ?? status.version - 1);
    },
  );
}

function lastVersion(request: FastifyRequest): number | undefined {
  const header = request.headers['last-event-id'];
  return typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

function follow(context: RouteContext, tenant: string, reportId: string, stream: ServerResponse, after: number): void {
  let version = after;
  let pumping: Promise<void> | undefined;
  let again = false;

  async function pump(): Promise<void> {
    do {
      again = false;
      const events = await eventsAfter(tenant, context.ledger.db, reportId, version, EVENTS_PER_READ);
      for (const event of events) {
        version = event.version;
        await write(stream, `id: ${event.version}\nevent: status\ndata: ${JSON.stringify(event.status)}\n\n`);
      }
      again ||= events.length === EVENTS_PER_READ;
    } while (again && !stream.closed);
  }
  function wake(): void {
    again = true;
    // A failed read is repeated by the next poll; the stream itself stays open.
    pumping ??= pump()
      .catch(() => context.events.missed(reportId))
      .finally(() => {
        pumping = undefined;
        // Woken after the last look and before this line: nobody else would wake it for that.
        if (again && !stream.closed) wake();
      });
  }

  stream.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  stream.flushHeaders();
  const unwatch = context.events.watch(reportId, wake);
  const heartbeat = setInterval(() => stream.write(': still here\n\n'), HEARTBEAT_MS);
  stream.on('close', () => {
    unwatch();
    clearInterval(heartbeat);
  });
  stream.on('error', () => stream.destroy());
  wake();
}

/** A reader that does not read holds back its own stream, not this process's memory. */
async function write(stream: ServerResponse, text: string): Promise<void> {
  if (stream.closed || stream.writableEnded) return;
  if (stream.write(text)) return;
  // The one that did not come first would go on listening for as long as the stream is open.
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]).finally(() => waiting.abort());
}
