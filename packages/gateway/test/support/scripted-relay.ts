import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, createId } from '@zhida/core';
import { type KeyDirectory, verifyAssertion, verifyTicket } from '@zhida/signing';

/** One press as it arrived, its credentials verified with real keys. */
export interface Arrival {
  readonly key: string;
  readonly body: Buffer;
  readonly account: string;
  readonly expired: boolean;
}

export type Behaviour = (arrival: Arrival, response: ServerResponse, relay: ScriptedRelay) => void;

/** A real HTTP server on the loopback that answers as a relay does, or as a test says. */
export interface ScriptedRelay {
  readonly url: string;
  readonly arrivals: Arrival[];
  /** Telephone calls that were handed on. */
  readonly calls: { readonly path: string; readonly body: unknown }[];
  /** What status and event streams tell of a report, in order of version. */
  readonly events: Record<string, unknown>[];
  /** Values of `last-event-id` the streams were opened with. */
  readonly resumed: (string | undefined)[];
  behave: Behaviour;
  /** What `GET /v1/reports/:id` answers with instead of the last event. */
  statusCode: number;
  close(): Promise<void>;
}

/** Takes the press: 202 with odd spacing, so that a test sees whether the bytes were passed on; 200 for a repeat, 409 for another body. */
export function takes(): Behaviour {
  const taken = new Map<string, { hash: string; answer: string; reportId: string; number: string }>();
  return ({ key, body }, response) => {
    const hash = createHash('sha256').update(body).digest('hex');
    const known = taken.get(key);
    const reportId = known?.reportId ?? createId('rpt');
    const number = known?.number ?? `440299-261122-01${String(taken.size + 1).padStart(4, '0')}-0`;
    const answer =
      known?.answer ??
      `{ "reportId":"${reportId}",  "number": "${number}", "receivedAt":"2026-11-22T12:30:00.000Z","deliveries":[],"issues":[] }\n`;
    if (known === undefined) taken.set(key, { hash, answer, reportId, number });
    if (known !== undefined && known.hash !== hash) {
      response.writeHead(409, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ status: 409, code: 'ZD_ERR_IDEMPOTENCY_CONFLICT', reportId, number }));
      return;
    }
    response.writeHead(known === undefined ? 202 : 200, { 'content-type': 'application/json; charset=utf-8' }).end(answer);
  };
}

/** Says nothing, as a relay that hangs does. */
export const silent: Behaviour = () => undefined;

export function answers(status: number, body: string, contentType = 'application/json'): Behaviour {
  return (_arrival, response) => {
    response.writeHead(status, { 'content-type': contentType }).end(body);
  };
}

/** Has no place for a press and asks for it again, as a busy relay does. */
export function busy(retryAfter: string): Behaviour {
  return (_arrival, response) => {
    response.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': retryAfter }).end('{"code":"ZD_ERR_BUSY"}');
  };
}

/** Cuts the line, as a relay that is restarted does. */
export const hangsUp: Behaviour = (_arrival, response) => {
  response.destroy();
};

export async function startRelay(clock: Clock, keys: () => KeyDirectory): Promise<ScriptedRelay> {
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.writeHead(401, { 'content-type': 'application/json' }).end('{"status":401}'));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = (request.headers.authorization ?? '').replace('Bearer ', '');
    await verifyAssertion(token, { trusted: keys().trusted, audience: keys().party, now: clock.now(), roles: ['gateway'] });
    if (request.url?.endsWith('/calls') === true) return takeCall(request, response);
    if (request.method === 'POST') return takePress(request, response);
    if (request.url?.endsWith('/events') === true) return stream(request, response);
    response.writeHead(relay.statusCode, { 'content-type': 'application/json' }).end(JSON.stringify(relay.events.at(-1) ?? {}));
    return undefined;
  }

  async function takeCall(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    relay.calls.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"recorded":true,"repeat":false}');
  }

  async function takePress(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const ticket = String(request.headers['press-ticket']);
    const { claims, expired } = await verifyTicket(ticket, { trusted: keys().trusted, audience: keys().party, now: clock.now() });
    const arrival = { key: String(request.headers['idempotency-key']), body: Buffer.concat(chunks), account: claims.sub, expired };
    relay.arrivals.push(arrival);
    relay.behave(arrival, response, relay);
  }

  /** Sends what is newer than the id the reader has, then stays open. */
  function stream(request: IncomingMessage, response: ServerResponse): void {
    const last = request.headers['last-event-id'];
    relay.resumed.push(typeof last === 'string' ? last : undefined);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    relay.events.forEach((event, index) => {
      if (index + 1 > Number(last ?? 0)) response.write(`id: ${index + 1}\nevent: status\ndata: ${JSON.stringify(event)}\n\n`);
    });
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const relay: ScriptedRelay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals: [],
    calls: [],
    events: [],
    resumed: [],
    behave: takes(),
    statusCode: 200,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return relay;
}
