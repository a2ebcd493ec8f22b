import { aboutError } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import type pg from 'pg';
import type { Logger } from 'pino';
import { EVENTS_CHANNEL } from '../ledger/events.js';
import type { RelaySchema } from '../schema.js';

/** Tells open streams that a report may have new event rows. It carries no event: every stream reads the rows itself. */
export interface EventHub {
  /** Calls `listener` whenever the report may have changed. @returns how to stop. */
  watch(reportId: string, listener: () => void): () => void;
  /** A change made by this very process, known before any notification arrives. */
  changed(reportId: string): void;
  /** A listener could not read what it was told of: the next poll tells it again. */
  missed(reportId: string): void;
  readonly watched: number;
  start(): void;
  stop(): Promise<void>;
}

/** A lost notification delays a status line by this much and no more. */
const POLL_MS = 1_000;

export function createEventHub(database: Pick<OpenDatabase<RelaySchema>, 'db' | 'pool'>, log: Logger): EventHub {
  const listeners = new Map<string, Set<() => void>>();
  const versions = new Map<string, number>();
  const listening = createListener(database.pool, log, (reportId) => tell(reportId));
  let timer: NodeJS.Timeout | undefined;
  let polling: Promise<void> | undefined;

  function tell(reportId: string): void {
    for (const listener of listeners.get(reportId) ?? []) listener();
  }

  async function poll(): Promise<void> {
    await listening.ensure();
    if (listeners.size === 0) return;
    const rows = await database.db
      .selectFrom('reports')
      .select(['report_id', 'version'])
      .where('report_id', 'in', [...listeners.keys()])
      .execute();
    for (const { report_id: reportId, version } of rows) {
      if (versions.get(reportId) === version) continue;
      versions.set(reportId, version);
      tell(reportId);
    }
  }

  return {
    watch(reportId, listener) {
      const set = listeners.get(reportId) ?? new Set();
      listeners.set(reportId, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size > 0) return;
        listeners.delete(reportId);
        versions.delete(reportId);
      };
    },
    changed: tell,
    missed: (reportId) => void versions.delete(reportId),
    get watched() {
      return [...listeners.values()].reduce((sum, set) => sum + set.size, 0);
    },
    start() {
      timer ??= setInterval(() => {
        polling ??= poll()
          // The database is away; the streams stay open and the next poll tries again.
          .catch(() => undefined)
          .finally(() => {
            polling = undefined;
          });
      }, POLL_MS);
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await polling;
      listening.close();
    },
  };
}

/** One connection of the pool that LISTENs; a broken one is replaced at the next `ensure`. */
function createListener(pool: pg.Pool, log: Logger, heard: (reportId: string) => void): { ensure(): Promise<void>; close(): void } {
  let client: pg.PoolClient | undefined;

  function drop(broken: pg.PoolClient): void {
    if (client !== broken) return;
    client = undefined;
    broken.release(true);
  }

  return {
    async ensure() {
      if (client !== undefined) return;
      const fresh = await pool.connect();
      client = fresh;
      fresh.on('error', () => drop(fresh));
      fresh.on('notification', ({ payload }) => {
        if (payload !== undefined) heard(payload);
      });
      try {
        await fresh.query(`listen ${EVENTS_CHANNEL}`);
      } catch (error) {
        log.warn(aboutError(error), 'LISTEN failed; streams are polled');
        drop(fresh);
      }
    },
    close() {
      if (client !== undefined) drop(client);
    },
  };
}
