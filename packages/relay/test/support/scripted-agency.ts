import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, createId, isoNow } from '@zhida/core';
import { type KeyDirectory, openEnvelope, type OpenedEnvelope, type ReceiptClaims, signReceipt, verifyWebhook } from '@zhida/signing';

/** One envelope as it arrived. */
export interface Arrival extends OpenedEnvelope {
  readonly jwe: string;
  readonly webhookId: string;
}

/** What the agency does with the next envelopes; the default is to store and sign. */
export type Behaviour = (arrival: Arrival, response: ServerResponse, agency: ScriptedAgency) => Promise<void> | void;

/** A real HTTP server on the loopback that verifies what it gets with real keys and answers as a test says. */
export interface ScriptedAgency {
  readonly url: string;
  keys: KeyDirectory;
  readonly arrivals: Arrival[];
  behave: Behaviour;
  receipt(arrival: Arrival, overrides?: Partial<ReceiptClaims>, keys?: KeyDirectory): Promise<string>;
  close(): Promise<void>;
}

/** Answers like an agency that works: a signed `stored` receipt, the same for the same delivery. */
export const stores: Behaviour = async (arrival, response, agency) => {
  response.writeHead(200, { 'content-type': 'application/jose' }).end(await agency.receipt(arrival));
};

/** Answers a status without a receipt. */
export function answers(status: number, headers: Record<string, string> = {}, body = ''): Behaviour {
  return (_arrival, response) => {
    response.writeHead(status, headers).end(body);
  };
}

export async function startAgency(clock: Clock): Promise<ScriptedAgency> {
  const arrivals: Arrival[] = [];
  const receipts = new Map<string, string>();
  const server = createServer((request, response) => {
    void take(request, response).catch((error: unknown) => {
      response.writeHead(500).end(error instanceof Error ? error.name : 'error');
    });
  });

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const webhook = await verifyWebhook({
      headers: request.headers,
      body,
      trusted: agency.keys.trusted,
      nowSeconds: Math.floor(clock.now() / 1000),
    });
    const jwe = body.toString('ascii');
    const opened = await openEnvelope({ envelope: jwe, keys: agency.keys, now: clock.now() });
    const arrival: Arrival = { ...opened, jwe, webhookId: webhook.id };
    arrivals.push(arrival);
    await agency.behave(arrival, response, agency);
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const agency: ScriptedAgency = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: undefined as unknown as KeyDirectory,
    arrivals,
    behave: stores,
    async receipt(arrival, overrides = {}, keys = agency.keys) {
      const { claims } = arrival;
      const plain = Object.keys(overrides).length === 0 && keys === agency.keys;
      const known = plain ? receipts.get(claims.deliveryId) : undefined;
      if (known !== undefined) return known;
      const jws = await signReceipt(
        {
          v: '1',
          mode: claims.mode,
          iss: keys.party,
          aud: claims.iss,
          receiptId: createId('rcp', clock),
          deliveryId: claims.deliveryId,
          reportId: claims.reportId,
          sequence: claims.sequence,
          payloadSha256: arrival.payloadSha256,
          stage: 'stored',
          agencyNumber: null,
          transferredTo: null,
          at: isoNow(clock),
          ...overrides,
        },
        keys,
      );
      if (plain) receipts.set(claims.deliveryId, jws);
      return jws;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return agency;
}
