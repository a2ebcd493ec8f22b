import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createTestDatabase, type TestDatabase, waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createQueue } from '../../src/delivery/queue.js';

vi.setConfig({ testTimeout: 120_000 });

/** `ReadyForQuery`, idle: with it a connection is made (PostgreSQL documentation, Message Formats). */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);
/** `ErrorResponse` of a server that is told to end: FATAL, 57P01. */
const ENDING = errorResponse({ S: 'FATAL', V: 'FATAL', C: '57P01', M: 'terminating connection due to administrator command' });

interface Door {
  readonly url: string;
  close(): Promise<void>;
}

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => database.drop());

// One of the two is the worker’s, and then the queue takes jobs all the same.
test.each([1, 2])('INV-3 a queue whose connection no. %s ended in the instant it was made is opened anew', async (ending) => {
  const door = await openDoor(new URL(database.url), ending);
  let asked = 0;
  let woken = 0;
  const errors: string[] = [];
  const queue = createQueue({
    options: { backend: 'postgres', url: door.url },
    settings: { concurrency: 1, queueTimeoutMs: 2_000 },
    deliver: async (deliveryId) => void (woken = Number(deliveryId)),
    onError: (error) => errors.push((error as Error).message),
  });
  await queue.start();
  expect(errors).not.toEqual([]);
  await waitUntil(
    async () => {
      asked += 1;
      await queue.add([{ deliveryId: String(asked), fence: 0, priority: 'urgent', retry: false }]).catch(() => undefined);
      return woken > 0;
    },
    { what: 'the queue wakes', deadlineMs: 60_000 },
  );
  await queue.stop();
  await door.close();
});

/** A way to the database on which one connection ends in the packet that says it is made: so does that of a server that is ended. */
async function openDoor(target: URL, ending: number): Promise<Door> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((outside) => {
    const inside = connect(Number(target.port), target.hostname);
    let made = false;
    for (const socket of [outside, inside]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        outside.destroy();
        inside.destroy();
      });
    }
    outside.pipe(inside);
    inside.on('data', (chunk: Buffer) => {
      const making = !made && chunk.includes(READY);
      made ||= making;
      if (making) count += 1;
      if (making && count === ending) outside.end(Buffer.concat([chunk, ENDING]));
      else outside.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function errorResponse(fields: Record<string, string>): Buffer {
  const body = Buffer.from(
    `${Object.entries(fields)
      .map(([field, value]) => `${field}${value}\0`)
      .join('')}\0`,
  );
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
