import { createId } from '@zhida/core';
import { waitUntil } from '@zhida/testkit';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aReport, FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { postFeedback, postReceipt } from './support/receipts.js';
import { answers, stores } from './support/scripted-agency.js';

const DEADLINE = { deadlineMs: 30_000 };
const UNAVAILABLE = { status: 503, code: 'ZD_ERR_DATABASE_UNAVAILABLE' };
const LEASE_MS = 2_000;
/** Every table the intake transaction writes to. */
const WRITTEN = ['number_serials', 'reports', 'data_keys', 'deliveries', 'report_events', 'audit_entries'] as const;

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({
    relay: { delivery: { attemptTimeoutMs: 1_000, leaseMarginMs: 500, leaseMs: LEASE_MS, breakerAfter: 1_000 } },
  });
});
afterAll(async () => fixture.close());
beforeEach(() => {
  fixture.police.behave = stores;
  fixture.civilAffairs.behave = stores;
  fixture.police.arrivals.length = 0;
});

async function rowsOf(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await fixture.database.pool.query<Record<string, unknown>>(sql, values)).rows;
}

async function counts(): Promise<Record<string, unknown>[]> {
  return rowsOf(
    `select ${WRITTEN.map((table) => `(select count(*) from ${table}) as ${table}`).join(', ')}, (select sum(last) from number_serials) as numbers`,
  );
}

/** Presses, and expects that nothing was taken and nothing half done. */
async function refusedFor(now: string, pressId: string): Promise<void> {
  const before = await counts();
  const answer = await fixture.press(aReport(), { pressId });
  expect([now, answer.statusCode, answer.headers['retry-after']]).toEqual([now, 503, '1']);
  expect(answer.json()).toMatchObject(UNAVAILABLE);
  expect(await counts()).toEqual(before);
}

async function taken(pressId: string): Promise<string> {
  const answer = await fixture.press(aReport(), { pressId });
  expect(answer.statusCode).toBe(202);
  return answer.json<{ reportId: string }>().reportId;
}

async function states(reportId: string): Promise<unknown[]> {
  return (await rowsOf('select state from deliveries where report_id = $1', [reportId])).map(({ state }) => state);
}

describe('INV-1 a database that is read-only', () => {
  /** As a failover leaves it: every new session reads only, every old one has ended. */
  async function readOnly(on: boolean): Promise<void> {
    const session = new pg.Client({ connectionString: fixture.queue.url, options: '-c default_transaction_read_only=off' });
    await session.connect();
    try {
      const { rows } = await session.query<{ name: string }>('select quote_ident(current_database()) as name');
      await session.query(`alter database ${rows[0]?.name} set default_transaction_read_only = ${on ? 'on' : 'off'}`);
      await session.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    } finally {
      await session.end();
    }
    await waitUntil(async () => (await rowsOf('show transaction_read_only'))[0]?.['transaction_read_only'] === (on ? 'on' : 'off'), {
      what: 'the pool has new sessions',
      ...DEADLINE,
    });
  }

  test('INV-1 takes nothing, sends nothing, says 503 with Retry-After; writable again it takes the same press', async () => {
    fixture.police.behave = answers(500);
    const open = await taken(`press-${createId('prs')}`);
    await fixture.relay.drain();
    const [arrival] = fixture.police.arrivals;
    if (arrival === undefined) throw new Error('nothing arrived');
    fixture.police.behave = stores;
    fixture.clock.advance(60_000);
    const pressId = `press-${createId('prs')}`;
    await readOnly(true);
    await refusedFor('read-only', pressId);
    for (const posted of [await postReceipt(fixture, arrival), await postFeedback(fixture, open)])
      expect(posted.json()).toMatchObject(UNAVAILABLE);
    // An attempt that cannot be written down is not made.
    await fixture.relay.drain().catch(() => undefined);
    expect(fixture.police.arrivals).toHaveLength(1);
    expect((await fixture.relay.app.inject({ url: '/readyz' })).statusCode).toBe(503);
    expect((await fixture.relay.app.inject({ url: '/healthz' })).statusCode).toBe(200);
    await readOnly(false);
    expect((await fixture.relay.app.inject({ url: '/readyz' })).statusCode).toBe(200);
    const reportId = await taken(pressId);
    await fixture.relay.drain();
    expect([await states(open), await states(reportId)]).toEqual([
      ['stored', 'stored'],
      ['stored', 'stored'],
    ]);
  });
});

describe('INV-1 a disk that is full', () => {
  /** What PostgreSQL says when a file cannot grow, at a statement or as late as the commit. */
  async function full(table: string, event: string, when: 'statement' | 'commit'): Promise<() => Promise<void>> {
    await rowsOf(
      `create or replace function disk_full() returns trigger language plpgsql as
       $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`,
    );
    const kind = when === 'statement' ? `create trigger full_disk before ${event}` : `create constraint trigger full_disk after ${event}`;
    const deferred = when === 'statement' ? '' : 'deferrable initially deferred';
    await rowsOf(`${kind} on ${table} ${deferred} for each row execute function disk_full()`);
    return async () => void (await rowsOf(`drop trigger full_disk on ${table}`));
  }

  test('INV-1 at any statement of the intake transaction, and at its commit, leaves nothing, says 503, and takes the press later', async () => {
    const pressId = `press-${createId('prs')}`;
    for (const table of WRITTEN) {
      const freed = await full(table, table === 'number_serials' ? 'insert or update' : 'insert', 'statement');
      await refusedFor(table, pressId);
      await freed();
    }
    const freed = await full('reports', 'insert', 'commit');
    await refusedFor('commit', pressId);
    await freed();
    expect(await states(await taken(pressId))).toEqual(['open', 'open']);
    await fixture.relay.drain();
  });

  test('INV-2 a receipt that cannot be written down is not lost: the same id goes again and brings the same receipt', async () => {
    const reportId = await taken(`press-${createId('prs')}`);
    const freed = await full('receipts', 'insert', 'statement');
    await fixture.relay.drain();
    expect(await states(reportId)).toEqual(['open', 'open']);
    await freed();
    await waitUntil(
      async () => {
        fixture.clock.advance(5_000);
        await fixture.relay.drain();
        return (await states(reportId)).every((state) => state === 'stored');
      },
      { what: 'the lease ended and it was sent again', ...DEADLINE },
    );
    const of = fixture.police.arrivals.filter(({ claims }) => claims.reportId === reportId);
    expect(of.length).toBeGreaterThanOrEqual(2);
    expect(new Set(of.map(({ payloadSha256, webhookId }) => `${payloadSha256} ${webhookId}`)).size).toBe(1);
    const receipts = await rowsOf(`select kind from receipts where report_id = $1`, [reportId]);
    expect(receipts.map(({ kind }) => kind)).toEqual(['receipt', 'receipt']);
  });
});

describe('a clock that jumps', () => {
  test('INV-2 back by a day, forth by a year: every press is taken, and what was due is sent', async () => {
    const before = await taken(`press-${createId('prs')}`);
    fixture.clock.advance(-24 * 3_600_000);
    const after = await taken(`press-${createId('prs')}`);
    // What the other clock has put a day off is found within five sweeps.
    for (let sweep = 0; sweep < 5; sweep += 1) await fixture.relay.sweepOnce();
    await fixture.relay.drain();
    expect([await states(before), await states(after)]).toEqual([
      ['stored', 'stored'],
      ['stored', 'stored'],
    ]);
    fixture.police.behave = answers(503);
    const open = await taken(`press-${createId('prs')}`);
    await fixture.relay.drain();
    fixture.clock.advance(365 * 24 * 3_600_000);
    fixture.police.behave = stores;
    const later = await taken(`press-${createId('prs')}`);
    await fixture.relay.drain();
    expect([await states(open), await states(later)]).toEqual([
      ['stored', 'stored'],
      ['stored', 'stored'],
    ]);
    expect((await fixture.relay.ledger.counts(FACILITY)).byState.open).toBe(0);
  });
});
