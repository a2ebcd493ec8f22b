import { connect, createServer } from 'node:net';
import { type CheckLine, look, right, wrong } from './check.js';

/** What a service listens on. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

/** Whether a service runs where the configuration says, and is well. */
export interface Running {
  readonly running: boolean;
  readonly lines: readonly CheckLine[];
}

const ANSWERS_MS = 3_000;

/** A port that is free, or on which our own service answers. `mode` is that of its keys; an agency does not tell its own. */
export async function serviceLines(listen: Listen, mode: string | undefined): Promise<Running> {
  const { port } = listen;
  if (port === 0) return { running: false, lines: [look('portAny', 'portAny')] };
  const health = await answerOf(listen, '/healthz');
  if (health === undefined) {
    if (await isTaken(listen)) return { running: false, lines: [wrong('portTaken', 'portTaken', { port })] };
    return { running: false, lines: [look('notRunning', 'notRunning', { port })] };
  }
  const { body } = health;
  if (health.status !== 200 || (body['status'] !== 'ok' && body['alive'] !== true))
    return { running: false, lines: [wrong('portTaken', 'portTaken', { port })] };
  if (mode !== undefined && typeof body['mode'] === 'string' && body['mode'] !== mode)
    return { running: false, lines: [wrong('otherMode', 'otherMode', { port, mode: body['mode'] })] };
  const ready = await answerOf(listen, '/readyz');
  return { running: true, lines: [ready?.status === 200 ? right('running', { port }) : wrong('notReady', 'notReady', { port })] };
}

/** A port of a feed: taken by the gateway that runs, or free. */
export async function feedPortLine(listen: Listen, name: string, gatewayRuns: boolean): Promise<CheckLine> {
  const values = { port: listen.port, name };
  const taken = await isTaken(listen);
  if (gatewayRuns) return taken ? right('feedPort', values) : wrong('feedPortSilent', 'feedPortSilent', values);
  return taken ? wrong('portTaken', 'portTaken', values) : right('feedPortFree', values);
}

async function answerOf(listen: Listen, path: string): Promise<{ status: number; body: Record<string, unknown> } | undefined> {
  const host = hostOf(listen.host);
  try {
    const response = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${listen.port}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWERS_MS),
    });
    const body: unknown = await response.json().catch(() => ({}));
    return { status: response.status, body: typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {} };
  } catch {
    return undefined;
  }
}

/** Whoever listens everywhere listens here too. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** By a connection where somebody answers, and by listening for an instant where nobody does: the address may be another machine's. */
async function isTaken({ host, port }: Listen): Promise<boolean> {
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: hostOf(host), port, timeout: ANSWERS_MS });
    const end = (taken: boolean): void => {
      socket.destroy();
      resolve(taken);
    };
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
  if (answers) return true;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(false)));
  });
}
