import { type Server, type Socket, createServer } from 'node:net';
import { type Clock, ZhidaError, systemClock } from '@zhida/core';
import { type Connection, serveConnection } from './connection.js';
import {
  type Commitment,
  type ExchangeHandlers,
  type MllpIncident,
  type Processing,
  type ReceivedMessage,
  createExchange,
} from './exchange.js';
import { type MllpLimits, resolveLimits } from './limits.js';
import { type AcknowledgementStore, createMemoryAcknowledgements } from './store.js';

export interface MllpListenerOptions {
  /** Address to listen on. @defaultValue `127.0.0.1` */
  readonly host?: string;
  /** 0 takes a free one; `listener.port` says which. */
  readonly port: number;
  /**
   * Commits a message; see {@link ReceivedMessage}. It MUST NOT resolve with `committed` before the message is durable, and
   * MUST stand being given the same message again.
   */
  onMessage(message: ReceivedMessage): Promise<Commitment>;
  /** Works on a committed message; its outcome is the application acknowledgement (AA, AE). */
  onCommitted?(message: ReceivedMessage): Promise<Processing>;
  /** @defaultValue the last 10 000 messages, in memory */
  readonly acknowledgements?: AcknowledgementStore;
  readonly limits?: Partial<MllpLimits>;
  /** @defaultValue the system clock */
  readonly clock?: Clock;
  /** Told of everything an operator should see. @defaultValue nobody */
  readonly onIncident?: (incident: MllpIncident) => void;
}

export interface MllpListener {
  readonly host: string;
  readonly port: number;
  /** Connections open now. */
  readonly connections: number;
  /** Takes no more connections and messages, finishes what came in, within `limits.stopMs`. */
  stop(): Promise<void>;
}

/**
 * Listens for HL7 v2 messages over MLLP.
 *
 * Enhanced mode (MSH-15 or MSH-16 given): CA once `onMessage` has committed, CR or CE when it has not, then AA or AE once
 * `onCommitted` is done, each where the sender asks for it. Original mode: one AA, AE or AR after both. A message that comes
 * again with the same sender, MSH-10 and body gets the answer it had.
 *
 * @throws ZhidaError `ZD_ERR_PORT_TAKEN`; `ZD_ERR_OPTION_INVALID` for an address or a limit that cannot be.
 */
export async function createMllpListener(options: MllpListenerOptions): Promise<MllpListener> {
  const { host = '127.0.0.1', clock = systemClock } = options;
  const onCommitted = options.onCommitted?.bind(options);
  const limits = resolveLimits(options.limits);
  let count = 0;
  const handlers: ExchangeHandlers = {
    onMessage: (message) => options.onMessage(message),
    ...(onCommitted === undefined ? {} : { onCommitted: (message: ReceivedMessage) => onCommitted(message) }),
    acknowledgements: options.acknowledgements ?? createMemoryAcknowledgements(),
    clock,
    // MSH-10 held 20 characters until 2.6.
    nextControlId: () => `ZD${clock.now().toString(36)}${(count++ % 46_656).toString(36).padStart(3, '0')}`.toUpperCase(),
    onIncident: options.onIncident ?? (() => undefined),
  };
  const exchange = createExchange(handlers);
  const connections = new Set<Connection>();
  const accept = (socket: Socket): void => {
    if (connections.size >= limits.connections) {
      handlers.onIncident({ kind: 'connection-limit', remoteAddress: socket.remoteAddress ?? '' });
      socket.destroy();
      return;
    }
    const connection = serveConnection(socket, exchange, handlers, limits);
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  };
  const server = createServer({ allowHalfOpen: true }, accept);
  await listen(server, host, options.port);
  const address = server.address();
  return {
    host,
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    get connections() {
      return connections.size;
    },
    stop: () => stop(server, connections, limits.stopMs),
  };
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'ZD_ERR_PORT_TAKEN' : 'ZD_ERR_OPTION_INVALID';
      reject(new ZhidaError(code, 'the MLLP listener cannot listen on this address', { at: 'port', cause }));
    });
    server.listen({ host, port, exclusive: true }, resolve);
  });
}

async function stop(server: Server, connections: ReadonlySet<Connection>, stopMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  const deadline = setTimeout(() => {
    for (const connection of connections) connection.destroy();
  }, stopMs);
  for (const connection of connections) void connection.drain();
  await closed;
  clearTimeout(deadline);
}
