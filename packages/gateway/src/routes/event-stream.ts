import type { FastifyReply } from 'fastify';

export interface EventStream {
  send(event: string, data: unknown, id: string): void;
  onClose(listener: () => void): void;
  end(): void;
}

const HEARTBEAT_MS = 15_000;

/** Takes the reply over as a server-sent event stream (WHATWG HTML §9.2) and keeps proxies from closing it. */
export function openEventStream(reply: FastifyReply): EventStream {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...headersOf(reply),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  raw.write(': open\n\n');
  const heartbeat = setInterval(() => raw.write(': still here\n\n'), HEARTBEAT_MS);
  raw.on('close', () => clearInterval(heartbeat));
  return {
    send: (event, data, id) => raw.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
    onClose: (listener) => raw.on('close', listener),
    end: () => raw.end(),
  };
}

function headersOf(reply: FastifyReply): Record<string, string> {
  const entries = Object.entries(reply.getHeaders()).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(entries);
}
