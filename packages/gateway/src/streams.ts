import { ZhidaError } from '@zhida/core';
import type { FastifyReply } from 'fastify';
import type { GatewayContext } from './context.js';
import { openEventStream, type EventStream } from './routes/event-stream.js';

/** The open event streams of this process: bounded, ended with their token and with the service. */
export interface Streams {
  /**
   * Takes a reply over as an event stream that ends at `expiresAt` (ms), when its token does.
   *
   * @throws ZhidaError `ZD_ERR_BUSY` when too many are open.
   */
  open(reply: FastifyReply, expiresAt: number): EventStream;
  close(): void;
}

export function createStreams({ clock, settings }: Pick<GatewayContext, 'clock' | 'settings'>): Streams {
  const open = new Set<EventStream>();
  return {
    open(reply, expiresAt) {
      if (open.size >= settings.maxStreams) throw new ZhidaError('ZD_ERR_BUSY', 'too many streams are open');
      const stream = openEventStream(reply);
      if (stream.signal.aborted) return stream;
      const expiry = setTimeout(() => stream.end(), Math.max(0, expiresAt - clock.now()));
      open.add(stream);
      stream.signal.addEventListener('abort', () => {
        clearTimeout(expiry);
        open.delete(stream);
      });
      return stream;
    },
    close() {
      for (const stream of open) stream.end();
    },
  };
}
