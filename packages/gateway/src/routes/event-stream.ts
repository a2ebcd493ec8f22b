import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** A reply that became a server-sent event stream (WHATWG HTML §9.2). */
export interface EventStream {
  /** Fires when the reader has gone or the stream was ended. */
  readonly signal: AbortSignal;
  send(event: string, data: unknown, id: string): Promise<void>;
  /** Passes bytes of another stream on as they are. */
  write(chunk: Uint8Array | string): Promise<void>;
  end(): void;
}

const HEARTBEAT_MS = 15_000;

/** Takes the reply over and keeps proxies from closing it. */
export function openEventStream(reply: FastifyReply): EventStream {
  const { raw } = reply;
  const closed = new AbortController();
  const headers = Object.entries(reply.getHeaders()).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  reply.hijack();
  raw.writeHead(200, {
    ...Object.fromEntries(headers),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(': open\n\n');
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS);
  const leave = (): void => {
    clearInterval(heartbeat);
    closed.abort();
  };
  raw.on('close', leave);
  raw.on('error', () => raw.destroy());
  // A reader that left while its credential was looked at closes no second time, and would hold its place for ever.
  if (raw.destroyed) leave();

  /** A reader that does not read holds back its own stream, not this process's memory. */
  async function write(chunk: Uint8Array | string): Promise<void> {
    if (raw.destroyed || raw.writableEnded) return;
    if (!raw.write(chunk)) await once(raw, 'drain', { signal: closed.signal }).catch(() => undefined);
  }

  return {
    signal: closed.signal,
    write,
    send: (event, data, id) => write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    end: () => raw.end(),
  };
}
