import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { frozenClock, waitUntil } from '@zhida/testkit';
import Fastify from 'fastify';
import { afterEach, expect, test } from 'vitest';
import type { EventStream } from '../src/routes/event-stream.js';
import { GATEWAY_DEFAULTS } from '../src/settings.js';
import { createStreams } from '../src/streams.js';

const app = Fastify();
afterEach(() => app.close());

test('readers that left before their stream was opened hold no place', async () => {
  const clock = frozenClock('2026-11-22T20:30:00+08:00');
  const streams = createStreams({ clock, settings: { ...GATEWAY_DEFAULTS, maxStreams: 1 } });
  let arrived = 0;
  const opened: EventStream[] = [];
  app.get('/events', async ({ raw: { socket } }, reply) => {
    arrived += 1;
    if (!socket.destroyed) await once(socket, 'close');
    opened.push(streams.open(reply, clock.now() + 60_000));
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  for (let reader = 1; reader <= 2; reader += 1) {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write('GET /events HTTP/1.1\r\nhost: gateway\r\n\r\n');
    await waitUntil(() => arrived === reader, { what: 'the request has come' });
    socket.destroy();
    await waitUntil(() => opened.length === reader, { what: 'the stream was opened' });
  }
  expect(opened.map(({ signal }) => signal.aborted)).toEqual([true, true]);
});
