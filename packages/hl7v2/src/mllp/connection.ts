import type { Socket } from 'node:net';
import { type Exchange, type ExchangeHandlers, type MllpIncident, refuseUnreadable } from './exchange.js';
import { type FrameEvent, createFrameReader, framed } from './frames.js';
import { readRawHeader } from './header.js';
import type { MllpLimits } from './limits.js';
import { createWaitingLine } from './waiting-line.js';

/** Bytes of acknowledgements one sender may leave unread. */
const UNREAD_BYTES_MAX = 1024 * 1024;

/** One sender. */
export interface Connection {
  /** Takes no more, finishes what has come in, then ends. */
  drain(): Promise<void>;
  /** Cuts it off at once; what was not acknowledged the sender still has. */
  destroy(): void;
}

/**
 * Serves one socket: frames are answered one after the other, in their order. While more waits than the limit allows nothing
 * is read, so a fast sender waits and nothing is dropped. A complete frame is taken even when its sender has gone.
 */
export function serveConnection(socket: Socket, exchange: Exchange, handlers: ExchangeHandlers, limits: MllpLimits): Connection {
  const remoteAddress = socket.remoteAddress ?? '';
  const reader = createFrameReader(limits.frameBytes);
  const line = createWaitingLine(limits.waitingBytes, socket);
  let noise = 0;

  const write = (ack: Uint8Array): void => {
    if (socket.writable) socket.write(framed(ack));
    // A sender that never reads its answers must not fill the memory with them.
    if (socket.writableLength > UNREAD_BYTES_MAX) giveUp('stalled');
  };
  const giveUp = (kind: MllpIncident['kind']): void => {
    handlers.onIncident({ kind, remoteAddress });
    socket.destroy();
  };
  const take = (event: FrameEvent): void => {
    if (event.kind === 'frame') line.add(event.bytes.length, () => exchange(event.bytes, remoteAddress, write));
    else if (event.kind === 'abandoned') handlers.onIncident({ kind: 'abandoned', remoteAddress });
    else if (event.kind === 'oversized') {
      const header = readRawHeader(event.head);
      line.add(event.head.length, () => Promise.resolve(refuseUnreadable(handlers, header, remoteAddress, write, 'oversized')));
    } else {
      noise += event.count;
      if (noise > limits.noiseBytes) giveUp('noise');
    }
  };
  const frameClock = createFrameClock(limits.frameMs, () => giveUp('stalled'));

  socket.setKeepAlive(true);
  socket.setNoDelay(true);
  socket.setTimeout(limits.idleMs, () => {
    if (line.isEmpty) giveUp('idle');
    else void line.done().then(() => socket.setTimeout(limits.idleMs));
  });
  socket.on('data', (chunk) => {
    if (line.isClosed) return;
    const events = reader.push(chunk);
    for (const event of events) take(event);
    // While we keep the sender waiting it cannot end its frame.
    frameClock.note(reader.isOpen && !socket.isPaused(), events.length > 0);
  });
  socket.on('error', () => handlers.onIncident({ kind: 'connection-error', remoteAddress }));
  socket.on('close', () => frameClock.note(false, false));
  // The sender has nothing more to say; it may still wait for the answers to what it said.
  socket.on('end', () => void line.done().then(() => socket.end()));

  return {
    async drain() {
      await line.close();
      frameClock.note(false, false);
      socket.end();
      // What still comes is read and let go: it was not acknowledged, and unread bytes would cut off the last answer.
      socket.resume();
    },
    destroy() {
      socket.destroy();
    },
  };
}

/** Runs out when a frame that has begun does not end. */
function createFrameClock(frameMs: number, runOut: () => void): { note(isOpen: boolean, moved: boolean): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    note(isOpen, moved) {
      if (!isOpen || moved) {
        clearTimeout(timer);
        timer = undefined;
      }
      if (isOpen) timer ??= setTimeout(runOut, frameMs);
    },
  };
}
