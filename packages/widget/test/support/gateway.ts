import { createGatewayClient, createMachine, type Machine } from '../../src/index.js';
import type { Later } from '../../src/gateway-client.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal | null | undefined;
}

/** What the gateway answers to one request; `undefined` is a cut line. */
export type Reply = { readonly status: number; readonly body?: unknown; readonly date?: string } | undefined;

/** A machine with its own client over a scripted line and a clock that is moved by hand. */
export interface Bench {
  readonly machine: Machine;
  readonly asked: readonly Asked[];
  readonly tokens: { next: string | undefined | Promise<string> };
  /** How often the client has said that another person sits there. */
  others: number;
  /** Decides every answer but those of streams. */
  answer: (asked: Asked) => Reply | Promise<Reply>;
  /** Puts an event into the open stream of this path, as the gateway does. */
  tell(path: string, data: unknown): Promise<void>;
  /** Runs everything that is due up to then. */
  advance(milliseconds: number): Promise<void>;
  settle(): Promise<void>;
}

export function makeBench(): Bench {
  let now = Date.parse('2026-11-22T21:05:00+08:00');
  const timers = new Set<{ at: number; task: () => void }>();
  const asked: Asked[] = [];
  const streams = new Map<string, ReadableStreamDefaultController<Uint8Array>>();
  const tokens: { next: string | undefined | Promise<string> } = { next: 'token-1' };
  const later: Later = (milliseconds, task) => {
    const timer = { at: now + milliseconds, task };
    timers.add(timer);
    return () => timers.delete(timer);
  };

  async function fetch(url: string, init: RequestInit): Promise<Response> {
    const path = new URL(url).pathname;
    const one: Asked = {
      method: init.method ?? 'GET',
      path,
      headers: init.headers as Record<string, string>,
      body: typeof init.body === 'string' ? init.body : '',
      signal: init.signal,
    };
    asked.push(one);
    if (path.endsWith('/events')) {
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void streams.set(path, controller) });
      return new Response(body, { status: 200, headers: { date: new Date(now - 2_000).toUTCString() } });
    }
    const reply = await bench.answer(one);
    if (reply === undefined) throw new TypeError('Failed to fetch');
    return new Response(JSON.stringify(reply.body ?? {}), {
      status: reply.status,
      headers: reply.date === undefined ? {} : { date: reply.date },
    });
  }

  const client = createGatewayClient({
    gateway: 'https://gateway.example',
    token: async () => {
      if (tokens.next === undefined) throw new Error('signed out');
      return tokens.next;
    },
    onOtherPerson: () => {
      bench.others += 1;
    },
    language: () => 'zh-CN',
    fetch,
    later,
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  const bench: Bench = {
    machine: createMachine({ client, later, now: () => now }),
    asked,
    tokens,
    others: 0,
    answer: () => ({ status: 200 }),
    settle,
    async tell(path, data) {
      streams.get(path)?.enqueue(new TextEncoder().encode(`id: 1\nevent: x\ndata: ${JSON.stringify(data)}\n\n`));
      await settle();
    },
    async advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.task();
        await settle();
      }
      now = end;
    },
  };
  return bench;
}
