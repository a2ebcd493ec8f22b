import { createHash } from 'node:crypto';
import type { OpenDatabase } from '@zhida/database';

type Pool = OpenDatabase<unknown>['pool'];

/** One statement: inside a transaction, whose `begin` has position 1, or one that is a transaction of its own, at position 0. */
export interface Statement {
  readonly position: number;
  readonly text: string;
  /** Process id of the server's backend that runs it. */
  readonly backend: number | undefined;
}

/** `before` a statement is handed to the connection, when it is `sent`, and when its result has come and nobody has acted on it yet. */
export type StatementMoment = 'before' | 'sent' | 'done';
export type StatementWatch = (statement: Statement, moment: StatementMoment) => void | Promise<void>;

/** A kind of statement, and a moment of it. */
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
  watchStatements(pool, (statement, moment) => (statement.position > 0 ? watch(statement, moment) : undefined));
}

/** What changes something by itself; `for update` locks and changes nothing. */
const WRITES = /\b(?:insert\s+into|delete\s+from|(?<!\bfor\s+(?:no\s+key\s+)?)update)\b/i;

/** Watches every statement of every transaction, and every one outside of any that changes something: a claim is a single statement. */
export function watchStatements(pool: Pool, watch: StatementWatch): void {
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
      if (statement.position === 0 && !WRITES.test(text)) return query(...values);
      void watch(statement, 'before');
      const answer = values.at(-1);
      // A pool asks its client by a callback, and whoever has a client of its own for a promise.
      if (typeof answer === 'function') values[values.length - 1] = whenDone(answer as Callback, () => watch(statement, 'done'));
      const result = query(...values);
      void watch(statement, 'sent');
      if (!(result instanceof Promise)) return result;
      return result.then(async (value: unknown) => {
        await watch(statement, 'done');
        return value;
      });
    };
  });
}

type Callback = (error: unknown, value: unknown) => void;

function whenDone(answer: Callback, done: () => void | Promise<void>): Callback {
  return (error, value) => {
    if (error !== null && error !== undefined) return answer(error, value);
    void Promise.resolve(done()).then(() => answer(error, value));
  };
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
