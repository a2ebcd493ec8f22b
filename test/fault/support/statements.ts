import { createHash } from 'node:crypto';
import type { OpenDatabase } from '@zhida/database';

type Pool = OpenDatabase<unknown>['pool'];

/** One statement inside a transaction; `begin` has position 1. */
export interface Statement {
  readonly position: number;
  readonly text: string;
  /** Process id of the server's backend that runs it. */
  readonly backend: number | undefined;
}

/** `before` a statement is handed to the connection, when it is `sent`, and when its result has come and nobody has acted on it yet. */
export type StatementMoment = 'before' | 'sent' | 'done';
export type StatementWatch = (statement: Statement, moment: StatementMoment) => void | Promise<void>;

/** A kind of statement of a transaction, and a moment of it. */
export interface Boundary {
  readonly statement: string;
  readonly moment: StatementMoment;
}

/** Short enough that a process can be handed all of them. */
export function boundaryId({ statement, moment }: Boundary): string {
  return createHash('sha256').update(`${moment} ${statement}`).digest('base64url').slice(0, 12);
}

interface WatchedClient {
  processID?: number;
  query(...values: unknown[]): unknown;
}

/** Watches every statement of every transaction that runs over this pool. The product knows nothing of it. */
export function watchTransactions(pool: Pool, watch: StatementWatch): void {
  pool.on('connect', (connected) => {
    const client = connected as unknown as WatchedClient;
    const query = client.query.bind(client);
    let position = 0;
    client.query = (...values) => {
      const text = textOf(values[0]);
      if (/^\s*(begin|start transaction)\b/i.test(text)) position = 1;
      else if (position > 0) position += 1;
      const statement: Statement = { position, text, backend: client.processID };
      if (/^\s*(commit|rollback)\s*$/i.test(text)) position = 0;
      if (statement.position > 0) void watch(statement, 'before');
      const result = query(...values);
      if (statement.position === 0 || !(result instanceof Promise)) return result;
      void watch(statement, 'sent');
      return result.then(async (value: unknown) => {
        await watch(statement, 'done');
        return value;
      });
    };
  });
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  const { text } = query as { text?: unknown };
  return typeof text === 'string' ? text : '';
}

/** Ends this process where it stands, as the machine would. Of a statement that is `sent`, the bytes have left and no answer has been read. */
export function killAt(moment: StatementMoment): void {
  if (moment !== 'sent') process.kill(process.pid, 'SIGKILL');
  // The bytes leave within this turn of the event loop, and no answer can be read before the next one.
  setImmediate(() => process.kill(process.pid, 'SIGKILL'));
}
