import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import { createReceiver, type InboxRow, type Receiver } from '@zhida/receiver';
import { openPostgresInbox, type ReceiverSchema } from '@zhida/receiver/postgres';
import { type KeyDirectory, openEnvelope } from '@zhida/signing';
import { createTestDatabase } from '@zhida/testkit';

/** What the agency's door does with the next envelopes; behind it stands the real receiver. */
export type Conduct = 'stores' | 'down' | 'hangs';

/** One envelope that arrived, taken or not. */
export interface Arrival {
  readonly deliveryId: string;
  readonly payloadSha256: string;
}

/** A request the agency has read and not answered. */
export interface HangingRequest extends Arrival {
  /** Lets the receiver take it now, and answers. */
  answer(): Promise<void>;
}

/** An agency with the real receiver on a database of its own, behind a door that a test opens and closes. */
export interface Agency {
  readonly url: string;
  conduct: Conduct;
  readonly arrivals: readonly Arrival[];
  readonly hanging: readonly HangingRequest[];
  /** Delivery id → the different receipts this agency has ever answered for it; more than one means more than one effect. */
  readonly receipts: ReadonlyMap<string, ReadonlySet<string>>;
  rows(): Promise<readonly InboxRow[]>;
  /** The receiver behind the door, for what its officers do. */
  receiver(): Promise<Receiver>;
  close(): Promise<void>;
}

/** Opens an agency's door. The keys are asked for late, because trust files need the address first. */
export async function openAgency(keysOf: () => KeyDirectory, clock: Clock): Promise<Agency> {
  const arrivals: Arrival[] = [];
  const hanging: HangingRequest[] = [];
  const receipts = new Map<string, Set<string>>();
  const test = await createTestDatabase();
  let receiving: ReturnType<typeof openReceiver> | undefined;
  const server = createServer((request, response) => {
    void take(request, response).catch(() => response.writeHead(500).end());
  });

  async function openReceiver(): Promise<Receiver & { end(): Promise<void> }> {
    const keys = keysOf();
    const inbox = await openPostgresInbox({ database: openDatabase<ReceiverSchema>({ url: test.url }), keys, clock });
    const receiver = createReceiver({ keys, inbox, clock });
    const end = async (): Promise<void> => {
      await receiver.stop();
      await inbox.close();
    };
    return { ...receiver, end };
  }

  function opened(): ReturnType<typeof openReceiver> {
    receiving ??= openReceiver();
    return receiving;
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bytesOf(request);
    const { claims, payloadSha256 } = await openEnvelope({ envelope: body.toString('ascii'), keys: keysOf(), now: clock.now() });
    const arrival: Arrival = { deliveryId: claims.deliveryId, payloadSha256 };
    arrivals.push(arrival);
    const answer = async (): Promise<void> => {
      const answered = await (await opened()).receive(body, request.headers);
      if (answered.status === 200) receipts.set(claims.deliveryId, (receipts.get(claims.deliveryId) ?? new Set()).add(answered.body));
      response.writeHead(answered.status, { 'content-type': answered.contentType }).end(answered.body);
    };
    if (agency.conduct === 'stores') await answer();
    else if (agency.conduct === 'down') response.writeHead(503).end();
    else hanging.push({ ...arrival, answer });
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const agency: Agency = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    conduct: 'stores',
    arrivals,
    hanging,
    receipts,
    rows: async () => (await opened()).list(),
    receiver: opened,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await (await receiving)?.end();
      await test.drop();
    },
  };
  return agency;
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
