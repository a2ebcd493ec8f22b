import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where attempts arrive: both agencies, busy, so that nothing here costs what an agency's work costs. */
export interface Door {
  readonly url: string;
  /** Milliseconds (monotonic) of the first attempt of this delivery. */
  arrived(deliveryId: string): Promise<number>;
  close(): Promise<void>;
}

export async function openDoor(): Promise<Door> {
  const arrivals = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  const server = createServer((request, response) => {
    const deliveryId = String(request.headers['webhook-id']);
    const at = performance.now();
    if (!arrivals.has(deliveryId)) arrivals.set(deliveryId, at);
    waiting.get(deliveryId)?.(at);
    waiting.delete(deliveryId);
    request.resume().on('end', () => response.writeHead(503).end());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived: (deliveryId) => {
      const at = arrivals.get(deliveryId);
      return at === undefined ? new Promise((resolve) => waiting.set(deliveryId, resolve)) : Promise.resolve(at);
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
