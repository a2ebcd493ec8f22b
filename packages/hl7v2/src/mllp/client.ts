import { type Socket, connect } from 'node:net';
import { ZhidaError } from '@zhida/core';
import { asBuffer } from '../wire/charset.js';
import { fieldsOf } from '../wire/raw-field.js';
import { createFrameReader, framed } from './frames.js';
import { readRawHeader } from './header.js';

/** Bytes of one acknowledgement. */
const ACK_BYTES_MAX = 64 * 1024;
const POSITIVE = new Set(['CA', 'AA']);
const NEGATIVE = new Set(['CE', 'CR', 'AE', 'AR']);

export interface MllpClientOptions {
  readonly host: string;
  readonly port: number;
  /** How long to wait for the connection, and for each acknowledgement. @defaultValue 10 000 ms */
  readonly timeoutMs?: number;
}

/** A positive acknowledgement. */
export interface MllpAnswer {
  readonly code: 'CA' | 'AA';
  /** MSA-2, which is the MSH-10 that was sent. */
  readonly controlId: string;
  readonly bytes: Uint8Array;
}

export interface MllpClient {
  /**
   * Sends a message and waits for its acknowledgement; with `until: 'application'` a CA is noted and the AA waited for. One
   * message at a time: the next waits for this one.
   *
   * @throws ZhidaError `ZD_ERR_MLLP_REFUSED` when MSA-1 is CE, CR, AE or AR; `ZD_ERR_MLLP` when the connection closes or the
   *   time is up, where it is not known whether the message was taken: send it again as it is.
   */
  send(message: Uint8Array | string, options?: { readonly until?: 'first' | 'application' }): Promise<MllpAnswer>;
  close(): void;
}

/** Connects to an MLLP listener. @throws ZhidaError `ZD_ERR_MLLP` */
export async function connectMllp({ host, port, timeoutMs = 10_000 }: MllpClientOptions): Promise<MllpClient> {
  const socket = await open(host, port, timeoutMs);
  let last: Promise<unknown> = Promise.resolve();
  return {
    send(message, { until = 'first' } = {}) {
      const answer = last.then(() =>
        exchange(socket, typeof message === 'string' ? Buffer.from(message, 'utf8') : message, until, timeoutMs),
      );
      last = answer.catch(() => undefined);
      return answer;
    },
    close: () => void socket.destroy(),
  };
}

/** Sends one message over a connection of its own; as {@link MllpClient.send}. */
export async function sendMllp(
  options: MllpClientOptions & { readonly message: Uint8Array | string; readonly until?: 'first' | 'application' },
): Promise<MllpAnswer> {
  const client = await connectMllp(options);
  try {
    return await client.send(options.message, options.until === undefined ? {} : { until: options.until });
  } finally {
    client.close();
  }
}

function open(host: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const fail = (cause?: unknown): void => {
      socket.destroy();
      reject(new ZhidaError('ZD_ERR_MLLP', 'no connection', { at: 'connect', cause }));
    };
    const timer = setTimeout(fail, timeoutMs);
    socket.once('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', fail).setNoDelay(true);
      // Errors between messages show as a closed connection at the next one.
      socket.on('error', () => undefined);
      resolve(socket);
    });
  });
}

function exchange(socket: Socket, message: Uint8Array, until: 'first' | 'application', timeoutMs: number): Promise<MllpAnswer> {
  const controlId = readRawHeader(message)?.controlId ?? '';
  return new Promise((resolve, reject) => {
    const reader = createFrameReader(ACK_BYTES_MAX);
    const done = (settle: () => void): void => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      settle();
    };
    const fail = (code: 'ZD_ERR_MLLP' | 'ZD_ERR_MLLP_REFUSED', why: string, at: string): void =>
      done(() => reject(new ZhidaError(code, why, { at })));
    const onClose = (): void => fail('ZD_ERR_MLLP', 'the connection closed before the acknowledgement', 'MSA');
    const onData = (chunk: Buffer): void => {
      for (const event of reader.push(chunk)) {
        const answer = event.kind === 'frame' ? readAnswer(event.bytes) : undefined;
        // What answers another message is not our answer.
        if (answer === undefined || answer.controlId !== controlId) continue;
        if (NEGATIVE.has(answer.code)) fail('ZD_ERR_MLLP_REFUSED', `the message was answered with ${answer.code}`, 'MSA-1');
        else if (POSITIVE.has(answer.code) && (until === 'first' || answer.code === 'AA')) {
          done(() => resolve({ ...answer, code: answer.code as MllpAnswer['code'] }));
        }
      }
    };
    const timer = setTimeout(() => fail('ZD_ERR_MLLP', 'no acknowledgement in time', 'MSA'), timeoutMs);
    socket.on('data', onData).on('close', onClose);
    if (socket.destroyed) onClose();
    else socket.write(framed(message));
  });
}

/** MSA-1 and MSA-2 of an acknowledgement. */
function readAnswer(bytes: Buffer): { code: string; controlId: string; bytes: Buffer } | undefined {
  const header = readRawHeader(bytes);
  const line = asBuffer(bytes)
    .toString('latin1')
    .split(/[\r\n]+/)
    .find((segment) => segment.startsWith(`MSA${header?.separator ?? '|'}`));
  if (line === undefined) return undefined;
  const fields = fieldsOf(line, false);
  return { code: (fields[1] ?? '').toUpperCase(), controlId: fields[2] ?? '', bytes };
}
