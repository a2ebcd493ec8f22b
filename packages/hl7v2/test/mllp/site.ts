import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import {
  type MllpIncident,
  type MllpListener,
  type MllpListenerOptions,
  type ReceivedMessage,
  createMllpListener,
} from '@zhida/hl7v2/mllp';
import { afterEach } from 'vitest';
import { CHILD, VISIT, message, msh } from '../messages.js';

export const open: { stop(): Promise<void> }[] = [];
export const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map((listener) => listener.stop()));
});

export interface Site {
  readonly listener: MllpListener;
  readonly received: ReceivedMessage[];
  readonly incidents: MllpIncident[];
  readonly kinds: () => string[];
}

export async function site(options: Partial<MllpListenerOptions> = {}): Promise<Site> {
  const received: ReceivedMessage[] = [];
  const incidents: MllpIncident[] = [];
  const listener = await createMllpListener({
    port: 0,
    onMessage: (one) => {
      received.push(one);
      return Promise.resolve('committed');
    },
    onIncident: (incident) => void incidents.push(incident),
    clock: { now: () => Date.UTC(2026, 4, 3, 13, 0, 0) },
    ...options,
  });
  open.push(listener);
  return { listener, received, incidents, kinds: () => incidents.map(({ kind }) => kind) };
}

/** A plain socket that shows what comes back. */
export async function wire({
  port,
}: MllpListener): Promise<{ socket: Socket; acks: () => string[]; codes: () => string[]; closed: () => boolean }> {
  const socket = connect({ host: '127.0.0.1', port });
  sockets.push(socket);
  let text = '';
  let closed = false;
  socket.setEncoding('latin1').on('data', (chunk: string) => void (text += chunk));
  socket.on('close', () => void (closed = true)).on('error', () => undefined);
  await once(socket, 'connect');
  const acks = (): string[] =>
    text
      .split('\u000B')
      .slice(1)
      .filter((ack) => ack.includes('\u001C'));
  return {
    socket,
    acks,
    codes: () => acks().map((ack) => /MSA\|(\w\w)\|([^|\r]*)/.exec(ack)?.slice(1).join(' ') ?? ''),
    closed: () => closed,
  };
}

export function framed(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(0x0b), bytes, Buffer.of(0x1c, 0x0d)]);
}

export const sent = (controlId: string, accept = '', application = ''): Buffer =>
  message(msh('ADT^A04', { controlId, accept, application, version: '2.5.1' }), CHILD, VISIT);

/** A promise somebody else settles. */
export function later<T>(): { promise: Promise<T>; resolve(value: T): void; reject(error: Error): void } {
  let settle: { resolve(value: T): void; reject(error: Error): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => void (settle = { resolve, reject }));
  return { promise, resolve: (value) => settle?.resolve(value), reject: (error) => settle?.reject(error) };
}
