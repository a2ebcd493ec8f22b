import { type Clock, ZhidaError, systemClock } from '@zhida/core';
import { type CheckpointSigner, checkKeyName, privateKeyObject } from '../log-key.js';
import type { SqlPool } from './executor.js';
import type { AuditRepair } from './restore-files.js';
import { type SequencerRun, createSequenceRun } from './sequence-run.js';

/** Most entries in one batch. */
export const MAX_BATCH = 1000;
const MAX_PAUSE_MS = 10_000;

/** Defaults of {@link createSequencer}. A run asks nine statements and flushes six files for one entry as for a hundred, so it waits for some. */
export const SEQUENCER_DEFAULTS = { batch: MAX_BATCH, intervalMs: 1000 } as const;

/** What {@link createSequencer} needs. */
export interface SequencerOptions {
  pool: SqlPool;
  /** The log's folder; files appear in it as the log grows. One log per database. */
  directory: string;
  /** Unique name of the log, a schema-less URL by custom; first line of every checkpoint. */
  origin: string;
  /** By custom named like the origin. */
  signer: CheckpointSigner;
  /** @defaultValue systemClock */
  clock?: Clock;
  /** Entries per batch, 1…1000. @defaultValue 1000 */
  batch?: number;
  /** Pause between runs of the loop. @defaultValue 1000 */
  intervalMs?: number;
  /** Told of every failed run of the loop; the loop goes on. */
  onError?: (error: unknown) => void;
  /** Told of every file that had to be put right. */
  onRepair?: (repair: AuditRepair) => void;
}

/** Gives every committed entry its place, writes the files, signs checkpoints. */
export interface Sequencer {
  /** Places everything committed so far and returns once files and checkpoint say so. Runs of one sequencer follow one another. */
  runOnce(): Promise<SequencerRun>;
  /** Starts the loop: one run now, then one each interval. A second call does nothing. */
  start(): void;
  /** Asks the loop to run now, for example after a commit. */
  poke(): void;
  /** Ends the loop after one last run, so that what is committed is also under a checkpoint. */
  stop(): Promise<void>;
}

/**
 * A sequencer. Any number may work on one database and one folder: an advisory lock lets one at a time, and a killed one leaves
 * nothing the next run does not put right.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` or `ZD_ERR_KEY_FILE` for options out of bounds.
 */
export function createSequencer(options: SequencerOptions): Sequencer {
  const { intervalMs, ...context } = resolve(options);
  const run = createSequenceRun(context);
  const onError = options.onError ?? ((): void => {});
  let last: Promise<unknown> = Promise.resolve();
  let loop: Promise<void> | undefined;
  let stopping = false;
  let wake = (): void => {};

  async function runOnce(): Promise<SequencerRun> {
    const previous = last;
    const current = (async () => {
      await previous;
      return run();
    })();
    last = current.catch(() => undefined);
    return current;
  }

  async function attempt(): Promise<boolean> {
    try {
      await runOnce();
      return true;
    } catch (error) {
      onError(error);
      return false;
    }
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resume) => {
      const timer = setTimeout(resume, ms);
      wake = () => {
        clearTimeout(timer);
        resume();
      };
    });
  }

  async function goRound(): Promise<void> {
    let failures = 0;
    while (!stopping) {
      failures = (await attempt()) ? 0 : failures + 1;
      // Doubled after each failure in a row: a database that is away is not helped by five complaints a second.
      if (!stopping) await pause(Math.min(intervalMs * 2 ** failures, Math.max(intervalMs, MAX_PAUSE_MS)));
    }
  }

  return {
    runOnce,
    start() {
      if (loop !== undefined) return;
      stopping = false;
      loop = goRound();
    },
    poke: () => wake(),
    async stop() {
      if (loop === undefined) return;
      stopping = true;
      wake();
      await loop;
      loop = undefined;
      await attempt();
    },
  };
}

function resolve(options: SequencerOptions) {
  const { batch = SEQUENCER_DEFAULTS.batch, intervalMs = SEQUENCER_DEFAULTS.intervalMs } = options;
  if (!Number.isInteger(batch) || batch < 1 || batch > MAX_BATCH) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', `a batch is 1 to ${MAX_BATCH} entries`, { at: 'batch' });
  }
  if (!(intervalMs >= 1)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the interval is at least 1 ms', { at: 'intervalMs' });
  if (options.origin === '' || /[\s+]/u.test(options.origin)) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'an origin has no white space and no +', { at: 'origin' });
  }
  const signer = { name: checkKeyName(options.signer.name), privateKey: privateKeyObject(options.signer.privateKey) };
  const { pool, directory, origin, clock = systemClock, onRepair = (): void => {} } = options;
  return { pool, directory, origin, signer, clock, batch, intervalMs, onRepair };
}
