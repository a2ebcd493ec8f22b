import { createId } from '@zhida/core';
import { type FrozenClock, waitUntil } from '@zhida/testkit';
import { expect } from 'vitest';
import type { Agency, Conduct } from './agency.js';
import type { County } from './county.js';
import { halvesOf } from './ledger-checks.js';
import { press, type Pressed } from './press.js';
import { FACILITY, profile } from './profile.js';
import type { RelayHere } from './relay-here.js';

/** How the relay of a backlog delivers: few workers, so that most wake-ups wait in the queue while the agencies keep them. */
export const CONCURRENCY = 4;
const ATTEMPT_TIMEOUT_MS = 1_000;
export const BACKLOG_DELIVERY = {
  concurrency: CONCURRENCY,
  attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
  leaseMs: 2 * ATTEMPT_TIMEOUT_MS,
  leaseMarginMs: ATTEMPT_TIMEOUT_MS / 2,
  queueTimeoutMs: 500,
  // Every delivery is to be tried; the breaker has tests of its own.
  breakerAfter: 1_000,
  // The ladder is moved by hours here; that alone must not make a delivery go past the queue.
  overdueAfterMs: 1e9,
};

/** Open deliveries of one county and what becomes of them; what earlier tests pressed there stays and is counted. */
export interface Backlog {
  conduct(of: Conduct): void;
  /** Presses once and counts it if it is taken, or was before and the answer was lost. */
  pressOne(url: string, pressId: string): Promise<Pressed>;
  /** Presses so many times and expects that each is taken. */
  pressAll(url: string, count?: number): Promise<void>;
  open(here: RelayHere): Promise<number>;
  /** Every delivery was refused once, is due again, and now the agencies keep every worker waiting. */
  piledUp(here: RelayHere): Promise<void>;
  /**
   * The agencies work again; the ladder's time passes second by second, and nobody lends a hand. Then each agency has each report once,
   * the ledger says so, and nothing is half there.
   */
  allDelivered(here: RelayHere): Promise<void>;
}

/** What the sweep of this process did, as `/metrics` tells. */
export async function swept({ relay }: RelayHere, what: 'handedToQueue' | 'ranHere'): Promise<number> {
  const { body } = await relay.app.inject({ url: '/metrics' });
  return Number(new RegExp(`zhida_relay_sweep_total\\{what="${what}"\\} (\\d+)`).exec(body)?.[1]);
}

/** @param reports how many are pressed where no other number is said */
export function backlogOf(county: County, clock: FrozenClock, reports: number): Backlog {
  const agencies: readonly Agency[] = [county.police, county.civilAffairs];
  const taken = new Set<string>();

  async function attempted(): Promise<boolean> {
    const { rows } = await county.ledger.pool.query<{ count: number }>(
      `select count(*) from deliveries where state = 'open' and (rung = 0 or lease_until > now())`,
    );
    return rows[0]?.count === 0;
  }

  const backlog: Backlog = {
    conduct(of) {
      for (const agency of agencies) agency.conduct = of;
    },
    async pressOne(url, pressId) {
      const answer = await press(county, url, pressId);
      if (answer.answer !== undefined) taken.add(pressId);
      return answer;
    },
    async pressAll(url, count = reports) {
      const answers = await Promise.all(Array.from({ length: count }, async () => backlog.pressOne(url, `press-${createId('prs')}`)));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => 202));
    },
    open: async ({ relay }) => (await relay.ledger.counts(FACILITY)).byState.open,
    async piledUp(here) {
      backlog.conduct('down');
      await backlog.pressAll(here.url());
      await waitUntil(attempted, { what: 'every delivery was tried once', deadlineMs: 30_000 });
      expect(await backlog.open(here)).toBe(reports * profile.recipients.length);
      backlog.conduct('hangs');
      const hanging = (): number => agencies.reduce((count, agency) => count + agency.hanging.length, 0);
      const before = hanging();
      clock.advance(5_500);
      await waitUntil(() => hanging() - before >= CONCURRENCY, {
        what: 'the workers wait',
        deadlineMs: 30_000,
      });
    },
    async allDelivered(here) {
      backlog.conduct('stores');
      await waitUntil(
        async () => {
          clock.advance(1_000);
          return (await backlog.open(here)) === 0;
        },
        { what: 'nothing is owed any more', deadlineMs: 60_000 },
      );
      for (const agency of agencies) await expectEachOnceAt(agency, taken.size);
      const { rows } = await county.ledger.pool.query<{ deliveries: number }>(
        `select count(distinct delivery_id) as deliveries from receipts where kind = 'receipt' and stage = 'stored'`,
      );
      expect(rows[0]?.deliveries).toBe(taken.size * profile.recipients.length);
      expect(await halvesOf(county.ledger)).toEqual([]);
    },
  };
  return backlog;
}

async function expectEachOnceAt(agency: Agency, reports: number): Promise<void> {
  const rows = await agency.rows();
  expect(rows).toHaveLength(reports);
  expect(new Set(rows.map((row) => row.deliveryId)).size).toBe(reports);
  expect(rows.filter((row) => row.conflicts > 0)).toEqual([]);
  for (const { deliveryId } of rows) {
    expect(agency.receipts.get(deliveryId)?.size).toBe(1);
    expect(
      new Set(agency.arrivals.filter((arrival) => arrival.deliveryId === deliveryId).map((arrival) => arrival.payloadSha256)).size,
    ).toBe(1);
  }
}
