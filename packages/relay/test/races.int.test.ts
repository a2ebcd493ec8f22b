import { createId } from '@zhida/core';
import { migrate } from '@zhida/database';
import { addTrust, exportTrustFile, rotateKeys } from '@zhida/signing';
import { frozenClock, waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Relay } from '../src/index.js';
import { relayMigrations } from '../src/migrations.js';
import { aReport, FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { postReceipt, postSigned } from './support/receipts.js';
import { answers, type Arrival, stores } from './support/scripted-agency.js';

const POLICE = 'agency:police-440299';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DEADLINE = { deadlineMs: 30_000 };

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({ relay: { delivery: { breakerAfter: 100_000, sweepEveryMs: 100_000 } } });
});
afterAll(async () => fixture.close());
beforeEach(async () => {
  fixture.police.behave = stores;
  fixture.civilAffairs.behave = stores;
  fixture.clock.advance(3 * HOUR);
  await fixture.relay.drain();
  fixture.police.arrivals.length = 0;
});

async function press(body?: unknown, pressId?: string): Promise<string> {
  const answer = await fixture.press(body, pressId === undefined ? {} : { pressId });
  expect(answer.statusCode).toBe(202);
  return answer.json<{ reportId: string }>().reportId;
}

interface PoliceRow {
  delivery_id: string;
  state: string;
  fence: number;
  receipts: number;
  conflicts: number;
  attempts: string[];
}

async function atPolice(reportId: string): Promise<PoliceRow> {
  const { rows } = await fixture.database.pool.query<PoliceRow>(
    `select delivery_id, state, fence,
       (select count(*) from receipts r where r.delivery_id = d.delivery_id and kind = 'receipt') as receipts,
       (select count(*) from receipts r where r.delivery_id = d.delivery_id and kind = 'conflict') as conflicts,
       (select coalesce(array_agg(coalesce(outcome, 'none') order by a.fence), '{}') from attempts a where a.delivery_id = d.delivery_id) as attempts
     from deliveries d where report_id = $1 and recipient_party = $2`,
    [reportId, POLICE],
  );
  if (rows[0] === undefined) throw new Error('the police have no delivery of it');
  return rows[0];
}

async function dueInMs(reportId: string): Promise<number> {
  const status = await fixture.relay.ledger.status(FACILITY, reportId);
  const line = status?.lines.find(({ recipient }) => recipient.party === POLICE);
  return Date.parse(line?.nextDueAt ?? '') - fixture.clock.now();
}

/** As many as there are between two looks at what is put off too far. */
async function fiveSweeps(): Promise<void> {
  for (let sweep = 0; sweep < 5; sweep += 1) await fixture.relay.sweepOnce();
}

function arrivalOf(reportId: string): Arrival {
  const arrival = fixture.police.arrivals.find(({ claims }) => claims.reportId === reportId);
  if (arrival === undefined) throw new Error('it did not arrive');
  return arrival;
}

/** A session of its own, to stand in the way of others. */
async function holding<Result>(lock: string, values: unknown[], act: () => Promise<Result>): Promise<Result> {
  const session = await fixture.database.pool.connect();
  try {
    await session.query('begin');
    await session.query(lock, values);
    return await act();
  } finally {
    await session.query('rollback');
    session.release();
  }
}

describe('a receipt against an attempt', () => {
  test('race: a receipt by POST before the push’s answer is one receipt, and the attempt ends as receipted', async () => {
    fixture.police.behave = async (arrival, response, agency) => {
      const jws = await agency.receipt(arrival);
      expect((await postSigned(fixture, 'receipts', jws)).json()).toEqual({ recorded: true, repeat: false });
      response.writeHead(200, { 'content-type': 'application/jose' }).end(jws);
    };
    const reportId = await press();
    await fixture.relay.drain();
    expect(await atPolice(reportId)).toMatchObject({ state: 'stored', fence: 1, receipts: 1, conflicts: 0, attempts: ['receipted'] });
  });

  test('race: INV-5 an acceptance by POST before the push’s answer is not lowered by it', async () => {
    fixture.police.behave = async (arrival, response, agency) => {
      expect((await postReceipt(fixture, arrival, { stage: 'accepted' })).statusCode).toBe(200);
      await stores(arrival, response, agency);
    };
    const reportId = await press();
    await fixture.relay.drain();
    expect(await atPolice(reportId)).toMatchObject({ state: 'accepted', receipts: 2, conflicts: 0, attempts: ['receipted'] });
  });

  test('race: of two receipts of one id that differ, posted at one instant, one stands, the other is kept as a conflict and told', async () => {
    fixture.police.behave = answers(500);
    const reportId = await press();
    await fixture.relay.drain();
    const receiptId = createId('rcp');
    const stages = ['stored', 'accepted'] as const;
    const posted = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        postReceipt(fixture, arrivalOf(reportId), { receiptId, stage: stages[index % 2] ?? 'stored' }),
      ),
    );
    const taken = new Set(posted.flatMap(({ statusCode }, index) => (statusCode === 200 ? [stages[index % 2]] : [])));
    expect(taken.size).toBe(1);
    expect(posted.filter(({ statusCode }) => statusCode === 409)).toHaveLength(5);
    expect(await atPolice(reportId)).toMatchObject({ state: [...taken][0], receipts: 1 });
    const { rows } = await fixture.database.pool.query(`select state from escalations where report_id = $1 and rung = 'receipt-conflict'`, [
      reportId,
    ]);
    expect(new Set(rows.map(({ state }: { state: string }) => state))).toEqual(taken);
  });

  test('race: INV-6 an escalation against an acceptance: an alarm says what was so when it rang, and none rings after', async () => {
    fixture.police.behave = stores;
    const reports = await Promise.all(Array.from({ length: 12 }, () => press()));
    await fixture.relay.drain();
    fixture.clock.advance(30 * MINUTE);
    await Promise.all([
      fixture.relay.escalateOnce(),
      ...reports.map((reportId) => postReceipt(fixture, arrivalOf(reportId), { stage: 'accepted' })),
      fixture.relay.escalateOnce(),
    ]);
    fixture.clock.advance(MINUTE);
    await fixture.relay.escalateOnce();
    const { rows } = await fixture.database.pool.query(
      `select e.state, d.state as now from escalations e join deliveries d using (delivery_id)
       where d.recipient_party = $1 and d.report_id = any($2) and e.rung = 'no-accepted'`,
      [POLICE, reports],
    );
    // An alarm that had read `accepted` would call a person about nothing.
    expect(rows.filter(({ state }: { state: string }) => state !== 'stored')).toEqual([]);
    expect(rows.filter(({ now }: { now: string }) => now !== 'accepted')).toEqual([]);
    expect((await Promise.all(reports.map(atPolice))).map(({ state }) => state)).toEqual(reports.map(() => 'accepted'));
  });
});

describe('a worker that dies', () => {
  test('race: killed inside the claim, neither claim nor attempt row is left, and the next one delivers', async () => {
    const reportId = await press();
    // The claim stands still after it has taken delivery and slot, before it writes the attempt.
    await fixture.database.pool.query(
      `create function stand_still() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(1); return new; end $$;
       create trigger attempts_stand_still before insert on attempts for each row execute function stand_still()`,
    );
    await holding('select pg_advisory_xact_lock(1)', [], async () => {
      let [ended, kills] = [false, 0];
      // What the pool hands out next may be a connection that has just died.
      const dying = fixture.relay.drain().then(
        () => (ended = true),
        () => (ended = true),
      );
      await waitUntil(
        async () => {
          const { rowCount } = await fixture.database.pool.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock' and wait_event = 'advisory'`,
          );
          kills += rowCount ?? 0;
          return ended;
        },
        { what: 'the workers have died', ...DEADLINE },
      );
      await dying;
      expect(kills).toBeGreaterThanOrEqual(2);
      expect(await atPolice(reportId)).toMatchObject({ fence: 0, attempts: [] });
    });
    await fixture.database.pool.query('drop function stand_still cascade');
    await fixture.relay.drain();
    expect(await atPolice(reportId)).toMatchObject({ state: 'stored', fence: 1, attempts: ['receipted'] });
  });

  test('race: killed after the claim, the attempt row tells that it may have been sent, and the same id goes again', async () => {
    const reportId = await press();
    const { delivery_id: deliveryId } = await atPolice(reportId);
    expect(await fixture.relay.ledger.claim(FACILITY, { party: POLICE, deliveryId }, 1)).toMatchObject({ fence: 1 });
    await waitUntil(
      async () => {
        await fixture.relay.drain();
        return (await atPolice(reportId)).state === 'stored';
      },
      { what: 'the lease has run out and another worker has delivered', ...DEADLINE },
    );
    expect(await atPolice(reportId)).toMatchObject({ fence: 2, attempts: ['none', 'receipted'] });
    expect(arrivalOf(reportId).claims.deliveryId).toBe(deliveryId);
  });
});

describe('presses at one instant', () => {
  test('race: same key, two bodies: one is taken, its repeats get its answer, the other body is told of it', async () => {
    const bodies = [aReport(), aReport({ suspicion: { observed: '另一个' } })];
    const pressId = `press-${createId('prs')}`;
    const headers = await fixture.headers({ pressId });
    const answered = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => ({
        body: index % 2,
        answer: await fixture.relay.app.inject({
          method: 'POST',
          url: '/v1/reports',
          headers,
          payload: JSON.stringify(bodies[index % 2]),
        }),
      })),
    );
    const winner = answered.find(({ answer }) => answer.statusCode === 202);
    expect(answered.map(({ body, answer }) => [body === winner?.body, answer.statusCode].join(' ')).toSorted()).toEqual([
      ...Array.from({ length: 10 }, () => 'false 409'),
      ...Array.from({ length: 9 }, () => 'true 200'),
      'true 202',
    ]);
    const { reportId, number } = winner?.answer.json<{ reportId: string; number: string }>() ?? {};
    const refused = answered.filter(({ answer }) => answer.statusCode === 409).map(({ answer }) => answer.json<object>());
    expect(refused).toEqual(refused.map(() => expect.objectContaining({ reportId, number })));
    const { rows } = await fixture.database.pool.query('select report_id from reports where press_id = $1', [pressId]);
    expect(rows).toEqual([{ report_id: reportId }]);
  });

  test('race: two clinicians, one child, one instant: two reports with two numbers, both delivered', async () => {
    const eventId = createId('rpt');
    const reports = await Promise.all([press(aReport({ eventId })), press(aReport({ eventId }))]);
    await fixture.relay.drain();
    expect(fixture.police.arrivals.map(({ claims }) => claims.reportId).toSorted()).toEqual(reports.toSorted());
    expect(new Set(fixture.police.arrivals.map(({ claims }) => claims.number)).size).toBe(2);
  });

  test('race: a follow-up that overtakes its original on the way to the agency: both arrive once, and say their order', async () => {
    fixture.police.behave = answers(503);
    const initial = await press();
    await fixture.relay.drain();
    fixture.police.behave = stores;
    const later = await press(aReport({ kind: 'follow-up', chain: { id: initial }, safety: { immediateDanger: 'yes' } }));
    await fixture.relay.drain();
    expect([(await atPolice(initial)).state, (await atPolice(later)).state]).toEqual(['open', 'stored']);
    fixture.clock.advance(5_000);
    await fixture.relay.drain();
    expect(fixture.police.arrivals.slice(1).map(({ claims }) => `${claims.reportId} ${claims.sequence}`)).toEqual([
      `${later} 2`,
      `${initial} 1`,
    ]);
  });

  test('race: follow-ups that overtake their original on the way to the relay join its chain behind it', async () => {
    const initial = createId('rpt');
    const followUp = aReport({ kind: 'follow-up', chain: { id: initial } });
    const later = await Promise.all([press(followUp), press(followUp), press(followUp)]);
    expect(await press(aReport({ reportId: initial }))).toBe(initial);
    const last = await press(followUp);
    const { rows } = await fixture.database.pool.query<{ report_id: string; sequence: number }>(
      'select report_id, sequence from reports where chain_id = $1 order by sequence',
      [initial],
    );
    expect(rows.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
    expect([rows[0]?.report_id, rows[4]?.report_id]).toEqual([initial, last]);
    expect(
      rows
        .slice(1, 4)
        .map(({ report_id: reportId }) => reportId)
        .toSorted(),
    ).toEqual(later.toSorted());
  });
});

describe('two relays over one ledger', () => {
  test('race: sweeps against the wake-ups after commits: every delivery is tried once', async () => {
    const woken = await fixture.another({ delivery: { sweepEveryMs: 2, breakerAfter: 100_000 } });
    await woken.start();
    const headers = await Promise.all(Array.from({ length: 15 }, () => fixture.headers()));
    const answered = await Promise.all(
      headers.map((each) => woken.app.inject({ method: 'POST', url: '/v1/reports', headers: each, payload: JSON.stringify(aReport()) })),
    );
    const reports = answered.map((answer) => answer.json<{ reportId: string }>().reportId);
    await waitUntil(async () => (await fixture.relay.ledger.counts(FACILITY)).byState.open === 0, { what: 'all is stored', ...DEADLINE });
    await woken.stop();
    expect(await Promise.all(reports.map(atPolice))).toEqual(
      reports.map(() => expect.objectContaining({ state: 'stored', fence: 1, receipts: 1, attempts: ['receipted'] })),
    );
    expect(fixture.police.arrivals).toHaveLength(15);
  });

  test('race: skewed worker clocks: no two attempts at once, one effect, and what a clock ahead puts off is brought back', async () => {
    let [atOnce, most] = [0, 0];
    fixture.police.behave = async (arrival, response, agency) => {
      atOnce += 1;
      most = Math.max(most, atOnce);
      await answers(503)(arrival, response, agency);
      atOnce -= 1;
    };
    const reportId = await press();
    const clockOff = async (days: number): Promise<Relay> => {
      const off = new Date(fixture.clock.now() + days * 24 * HOUR).toISOString();
      return fixture.another({ clock: frozenClock(off) });
    };
    const [ahead, behind] = [await clockOff(30), await clockOff(-30)];
    await ahead.drain();
    expect(await dueInMs(reportId)).toBeGreaterThan(24 * HOUR);
    await fiveSweeps();
    expect(await dueInMs(reportId)).toBeLessThan(HOUR);
    fixture.clock.advance(HOUR);
    await Promise.all([behind.drain(), fixture.relay.drain(), ahead.drain()]);
    fixture.police.behave = stores;
    await fiveSweeps();
    fixture.clock.advance(HOUR);
    await Promise.all([behind.drain(), fixture.relay.drain()]);
    expect(most).toBeLessThanOrEqual(1);
    expect(await atPolice(reportId)).toMatchObject({ state: 'stored', receipts: 1, conflicts: 0 });
  });
});

describe('an upgrade', () => {
  test('race: old and new relay during an upgrade: the old one works on over what only adds, and starts again on it', async () => {
    const next = {
      id: 'relay-9999-next',
      sql: 'alter table deliveries add column next_thing text; create table next_things (id text primary key); create index next_by on deliveries (next_thing)',
      additive: true,
    };
    fixture.police.behave = answers(503);
    const before = await press();
    await fixture.relay.drain();
    await migrate(fixture.database.pool, [...relayMigrations, next], { namespace: 'relay' });
    fixture.police.behave = stores;
    const during = await press();
    const restarted = await fixture.another({});
    fixture.clock.advance(5_000);
    await Promise.all([fixture.relay.drain(), restarted.drain()]);
    expect([(await atPolice(before)).state, (await atPolice(during)).state]).toEqual(['stored', 'stored']);
    expect(fixture.police.arrivals).toHaveLength(3);
  });
});

describe('keys', () => {
  test('race: a key rotated between render and send: the same bytes, encrypted to the new key', async () => {
    const reportId = await press();
    const { delivery_id: deliveryId } = await atPolice(reportId);
    const at = (days: number): string => new Date(fixture.clock.now() + days * 86_400_000).toISOString();
    const rotated = await rotateKeys(fixture.parties.police, { activateAt: at(1), retireAt: at(30) });
    const file = exportTrustFile(rotated, { baseUrl: fixture.police.url, notBefore: at(0), notAfter: at(700) });
    expect((await addTrust(fixture.parties.relay, file)).change).toBe('replaced');
    fixture.police.keys = rotated;
    await fixture.relay.drain();
    const arrival = arrivalOf(reportId);
    const { rows } = await fixture.database.pool.query('select payload_sha256 from deliveries where delivery_id = $1', [deliveryId]);
    expect(rows).toEqual([{ payload_sha256: arrival.payloadSha256 }]);
    const { kid } = JSON.parse(Buffer.from(arrival.jwe.split('.')[0] ?? '', 'base64url').toString()) as { kid: string };
    expect(kid).toBe(fixture.parties.relay.trusted.party(POLICE)?.encKey(fixture.clock.now())?.kid);
    expect(await atPolice(reportId)).toMatchObject({ state: 'stored', attempts: ['receipted'] });
  });
});
