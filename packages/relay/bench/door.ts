import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Answers an attempt; by default the agencies are busy, so that nothing here costs what an agency's work costs. */
export type Answer = (deliveryId: string) => Promise<string> | undefined;

/** Where attempts arrive: both agencies. */
export interface Door {
  readonly url: string;
  /** Milliseconds (monotonic) of the first attempt of this delivery. */
  arrived(deliveryId: string): Promise<number>;
  /** From now on agencies answer with these receipts. */
  answerWith(answer: Answer): void;
  close(): Promise<void>;
}

export async function openDoor(): Promise<Door> {
  const arrivals = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  let answer: Answer = () => undefined;
  const server = createServer((request, response) => {
    const deliveryId = String(request.headers['webhook-id']);
    const at = performance.now();
    if (!arrivals.has(deliveryId)) arrivals.set(deliveryId, at);
    waiting.get(deliveryId)?.(at);
    waiting.delete(deliveryId);
    request.resume().on('end', () => {
      const receipt = answer(deliveryId);
      if (receipt === undefined) return void response.writeHead(503).end();
      void receipt.then((jws) => response.writeHead(200, { 'content-type': 'application/jose' }).end(jws));
    });
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
    answerWith(given) {
      answer = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
