import { ZhidaError } from '@zhida/core';
import { createPostgresBackend, Queue, Worker, withBackend } from 'bullmq';
import pg from 'pg';
import { withDeadline } from '../deadline.js';
import type { QueueOptions } from '../options.js';
import type { Priority } from '../schema.js';
import type { Work } from './in-process.js';
import { redisConnections } from './redis.js';
import type { DeliverySettings } from './settings.js';
import { restOnErrors } from './worker-rest.js';

/** The one thing a job carries: whoever reads the queue learns nothing else (INV-11). */
export interface WakeUp {
  readonly deliveryId: string;
}

/** Asks that a delivery be tried. `fence` is that of the attempt before, so one waking exists per attempt however often it is asked for. */
export interface WakeUpRequest extends WakeUp {
  readonly fence: number;
  readonly priority: Priority;
  readonly retry: boolean;
}

/** The wake-up queue. It is a hint: it may be flushed, stopped or lost, and the sweep goes on from the ledger (INV-3). */
export interface WakeUpQueue {
  /** Creates what the backend needs and starts taking jobs. */
  start(): Promise<void>;
  /**
   * @returns what it cannot wake: the job of its name is at work in this process on another delivery of the endpoint, and one made
   * anew would be ignored until that ends.
   * @throws ZhidaError `ZD_ERR_QUEUE_UNAVAILABLE` if the backend does not take the jobs in time.
   */
  add<Request extends WakeUpRequest>(requests: readonly Request[]): Promise<Request[]>;
  stop(): Promise<void>;
}

export interface QueueDeps {
  readonly options: QueueOptions;
  readonly settings: Pick<DeliverySettings, 'concurrency' | 'queueTimeoutMs'>;
  readonly deliver: Work;
  readonly onError: (error: unknown) => void;
}

interface PairDeps extends Omit<QueueDeps, 'deliver'> {
  readonly process: (job: { readonly data: WakeUp }) => Promise<void>;
  /** The worker has nothing but errors. */
  readonly onBroken: () => void;
}

interface Pair {
  readonly queue: Queue<WakeUp>;
  readonly worker: Worker<WakeUp>;
  /** Ends connections that BullMQ leaves to us. */
  readonly disconnect: () => void;
}

const QUEUE_NAME = 'zhida-deliveries';
const POSTGRES_SCHEMA = 'bullmq';
const REDIS_PREFIX = '{zhida}';
/** A worker that was killed gives its job back after this time, not after BullMQ's 30 s. */
const LOCK_DURATION_MS = 10_000;
const STALLED_INTERVAL_MS = 5_000;
/** A backend that is away is left without a farewell after this time. */
const STOP_MS = 2_000;
/** How often at most a queue that takes or gives no jobs is opened anew. */
const REOPEN_EVERY_MS = 5_000;
/** Lower is sooner: urgent before routine, and in each lane fresh before retries. */
const PRIORITIES: Record<Priority, { fresh: number; retry: number }> = { urgent: { fresh: 1, retry: 2 }, routine: { fresh: 3, retry: 4 } };

/** Both backends behind one port; which one is a configuration value. */
export function createQueue({ deliver, ...others }: QueueDeps): WakeUpQueue {
  const astray = new Set<WakeUp>();
  const deps: PairDeps = {
    ...others,
    process: async ({ data }) => {
      try {
        await deliver(data.deliveryId, () => astray.add(data));
      } finally {
        astray.delete(data);
      }
    },
    onBroken: () => reopenSoon(pair),
  };
  let pair: Pair | undefined;
  let reopening: Promise<void> | undefined;
  let reopenAt = 0;

  /**
   * The Redis client finds its server again by itself. A PostgreSQL queue whose first connection or tables failed stays broken until
   * it is made anew, and so does a worker, though its queue may go on taking jobs.
   */
  function reopenSoon(broken: Pair | undefined): void {
    if (broken === undefined || broken !== pair || deps.options.backend === 'redis' || performance.now() < reopenAt) return;
    reopenAt = performance.now() + REOPEN_EVERY_MS;
    reopening ??= (async () => {
      await close(broken, deps.onError);
      if (pair === broken) pair = await openReady(deps);
    })().finally(() => {
      reopening = undefined;
    });
  }

  return {
    async start() {
      pair = await openReady(deps);
    },
    async add(requests) {
      const asked = pair;
      if (asked === undefined) throw new ZhidaError('ZD_ERR_QUEUE_UNAVAILABLE', 'the queue is not started');
      if (reopening !== undefined) throw new ZhidaError('ZD_ERR_QUEUE_UNAVAILABLE', 'the queue is opened anew');
      const named = new Set([...astray].map(({ deliveryId }) => deliveryId));
      try {
        await inTime(asked.queue.addBulk(requests.map(jobOf)), deps.settings.queueTimeoutMs);
        return requests.filter(({ deliveryId }) => named.has(deliveryId));
      } catch (error) {
        reopenSoon(asked);
        throw new ZhidaError('ZD_ERR_QUEUE_UNAVAILABLE', 'the queue does not take jobs', { cause: error });
      }
    },
    async stop() {
      await reopening;
      const last = pair;
      pair = undefined;
      if (last !== undefined) await close(last, deps.onError);
    },
  };
}

/** Opens the queue. One that is away must not keep the relay from starting, because the sweep delivers without it; one whose tables are no queue's is made anew. */
async function openReady(deps: PairDeps): Promise<Pair> {
  const first = open(deps);
  const failure = await whenReady(first, deps);
  if (failure === undefined || deps.options.backend === 'redis' || !isMisshapen(failure)) return first;
  await close(first, deps.onError);
  await dropSchema(deps.options.url).catch(deps.onError);
  const second = open(deps);
  await whenReady(second, deps);
  return second;
}

async function whenReady({ queue, worker }: Pair, { settings, onError }: PairDeps): Promise<unknown> {
  try {
    await inTime(Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]), settings.queueTimeoutMs);
    return undefined;
  } catch (error) {
    onError(error);
    return error;
  }
}

/** SQLSTATE class 42: what is there has another shape than BullMQ's migrations expect, for example after a truncation of all of it. */
function isMisshapen(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.length === 5 && code.startsWith('42');
}

/** Nothing is lost by it: every wake-up comes again from the ledger. */
async function dropSchema(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(`drop schema if exists ${POSTGRES_SCHEMA} cascade`);
  } finally {
    await client.end();
  }
}

async function close({ queue, worker, disconnect }: Pair, onError: (error: unknown) => void): Promise<void> {
  await Promise.all([worker, queue].map(async (part) => leave(part, onError)));
  disconnect();
}

/** No retry and no delay of BullMQ's own: the ladder lives in the ledger, and a failed job leaves nothing behind that could block the next. */
function jobOf({ deliveryId, fence, priority, retry }: WakeUpRequest): Parameters<Queue<WakeUp>['addBulk']>[0][number] {
  return {
    name: 'deliver',
    data: { deliveryId },
    opts: {
      jobId: `${deliveryId}-${fence}`,
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
      priority: PRIORITIES[priority][retry ? 'retry' : 'fresh'],
    },
  };
}

function open(deps: PairDeps): Pair {
  const pair = connect(deps);
  pair.queue.on('error', deps.onError);
  pair.worker.on('error', deps.onError);
  restOnErrors(pair.worker, deps.onBroken);
  return pair;
}

/** BullMQ listens to a connection only while it is idle: one that broke in its hands between two statements would end the process. The next statement fails, and that is told. */
class CalmClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

function connect({ options, settings, process, onError }: PairDeps): Pair {
  const worker = { concurrency: settings.concurrency, lockDuration: LOCK_DURATION_MS, stalledInterval: STALLED_INTERVAL_MS };
  if (options.backend === 'postgres') {
    const connection = { connectionString: options.url, schema: POSTGRES_SCHEMA, migrate: true, Client: CalmClient };
    const bound = withBackend(createPostgresBackend);
    return {
      queue: new bound.Queue<WakeUp>(QUEUE_NAME, { connection: { ...connection, max: 2 } }) as unknown as Queue<WakeUp>,
      worker: new bound.Worker<WakeUp>(QUEUE_NAME, process, {
        connection: { ...connection, max: 4 },
        ...worker,
      }) as unknown as Worker<WakeUp>,
      disconnect: () => undefined,
    };
  }
  const { prefix = REDIS_PREFIX } = options;
  const connections = redisConnections(options, onError);
  return {
    queue: new Queue<WakeUp>(QUEUE_NAME, { connection: connections.queue, prefix }),
    worker: new Worker<WakeUp>(QUEUE_NAME, process, { connection: connections.worker, prefix, ...worker }),
    disconnect: () => connections.disconnect(),
  };
}

async function leave(part: { close(): Promise<void>; disconnect(): Promise<void> }, onError: (error: unknown) => void): Promise<void> {
  try {
    await inTime(part.close(), STOP_MS);
  } catch {
    await inTime(part.disconnect(), STOP_MS).catch(onError);
  }
}

function inTime<Value>(work: Promise<Value>, milliseconds: number): Promise<Value> {
  return withDeadline(milliseconds, work, () => new ZhidaError('ZD_ERR_QUEUE_UNAVAILABLE', 'the queue does not answer'));
}
