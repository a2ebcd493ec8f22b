import { createId } from '@zhida/core';
import { signAssertion } from '@zhida/signing';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ATTACHMENT_VIEWS } from '../src/attachments/access.js';
import { ATTACHMENT_DUES, DUE_VIEWS } from '../src/migrations/attachment-dues.js';
import { type Cost, costsOf, statementsOf } from './support/costs.js';
import { type Fixture, makeFixture, withStation } from './support/fixture.js';
import { stores } from './support/scripted-agency.js';

const POLICE = 'agency:police-440299';
/** Reports that are done with; reading their deliveries, or their attachments, takes several hundred blocks. */
const CLOSED = 5_000;
/** What some descents into indexes may take. */
const BLOCKS_MAX = 60;

let fixture: Fixture;
let reportId: string;
beforeAll(async () => {
  fixture = await makeFixture({ relay: withStation });
  ({ reportId } = (await fixture.press()).json<{ reportId: string }>());
  await fixture.relay.drain();
});
afterAll(async () => fixture.close());

const upload = async () =>
  fixture.relay.app.inject({
    method: 'POST',
    url: `/v1/reports/${reportId}/attachments`,
    headers: {
      authorization: `Bearer ${await fixture.assertion('report:create')}`,
      'idempotency-key': createId('att'),
      'content-type': 'image/jpeg',
    },
    payload: Buffer.from('bytes'),
  });

async function waiting(): Promise<string[]> {
  const { clock, parties, relay } = fixture;
  const token = await signAssertion({
    keys: parties.police,
    audience: 'relay:yunxi',
    scope: 'inbox:read',
    lifetimeSeconds: 300,
    now: clock.now(),
  });
  const answer = await relay.app.inject({ url: '/v1/agency/attachments', headers: { authorization: `Bearer ${token}` } });
  return answer.json<{ attachments: { attachmentId: string }[] }>().attachments.map(({ attachmentId }) => attachmentId);
}

/** Copies the one report so often, each accepted by the police, attested for the station, and its attachment signed for. */
async function fill(): Promise<void> {
  const { pool } = fixture.database;
  const triggers = async (does: 'disable' | 'enable'): Promise<void> => {
    for (const table of ['deliveries', 'attachments', 'attachment_receipts']) await pool.query(`alter table ${table} ${does} trigger user`);
  };
  const copies = (table: string, changes: string, where = 'true'): string =>
    `insert into ${table} select (jsonb_populate_record(row, jsonb_build_object(${changes}))).*
     from (select ${table} as row from ${table} where ${where}) as first, generate_series(1, ${CLOSED}) as n`;
  const id = (column: string): string => `'${column}', '${column}' || n`;
  // Copied as they are after all that has become of them.
  await triggers('disable');
  await pool.query(copies('reports', `${id('report_id')}, ${id('number')}, ${id('press_id')}, ${id('chain_id')}`));
  const delivery = (name: string, state: string) =>
    `'delivery_id', '${name}' || n, ${id('report_id')}, 'state', '${state}', 'rung_due_at', '2099-01-01T00:00:00Z'`;
  await pool.query(copies('deliveries', delivery('d1', 'accepted'), `recipient_party = '${POLICE}'`));
  await pool.query(copies('deliveries', delivery('d2', 'attested'), `hold_reason = 'no-system'`));
  await pool.query(copies('attachments', `${id('attachment_id')}, ${id('report_id')}, ${id('upload_id')}`));
  await pool.query(
    `insert into attachment_receipts (facility, issuer, receipt_id, attachment_id, stated_at, received_at, jws)
     select facility, '${POLICE}', 'rcp' || attachment_id, attachment_id, '', now(), '' from attachments where report_id <> '${reportId}'`,
  );
  await triggers('enable');
}

describe('what is asked again and again costs what is open, and nothing of what is closed', () => {
  beforeAll(async () => {
    expect((await upload()).statusCode).toBe(201);
    await fill();
  });

  test.each(['without statistics, as after a crash', 'with statistics'])('%s', async (statistics) => {
    if (statistics === 'with statistics') await fixture.database.pool.query('vacuum analyze');
    const metrics = async (): Promise<string> => (await fixture.relay.app.inject({ url: '/metrics' })).payload;
    const { relay } = fixture;
    const asks = [metrics, waiting, async () => relay.sweepOnce(), async () => relay.escalateOnce()];
    const costs: Cost[] = [];
    for (const ask of asks) costs.push(...(await costsOf(fixture.database, ask)));
    expect(costs.length).toBeGreaterThan(3);
    expect(costs.filter(({ blocks }) => !(blocks < BLOCKS_MAX))).toEqual([]);
    expect(await waiting()).toHaveLength(1);
    expect(await metrics()).toMatch(/zhida_relay_deliveries\{[^}]*state="open"\} 1\n/);
  });
});

describe('what an agency has still to sign for', () => {
  test('is kept for the views that attachments go to', () => {
    expect([...ATTACHMENT_VIEWS].toSorted()).toEqual([...DUE_VIEWS].toSorted());
  });

  test('is written down at the migration for what came before it', async () => {
    const dues = `select attachment_id, delivery_id from attachment_dues where party = '${POLICE}'`;
    const backfill = ATTACHMENT_DUES.slice(ATTACHMENT_DUES.lastIndexOf('insert into attachment_dues'));
    const client = await fixture.database.pool.connect();
    await client.query('begin');
    const { rows: kept } = await client.query(dues);
    await client.query('delete from attachment_dues');
    await client.query(backfill);
    const { rows: found } = await client.query(dues);
    await client.query('rollback');
    client.release();
    expect(kept.length).toBeGreaterThan(0);
    expect(found).toEqual(kept);
  });

  test.each(['the attachment', 'the delivery'])(
    'an attachment and a delivery of its report entered at once: %s commits last',
    async (last) => {
      const { pool } = fixture.database;
      const [one, other] = [await pool.connect(), await pool.connect()];
      const attachmentId = createId('att');
      const party = `agency:police-${last === 'the delivery' ? 1 : 2}`;
      const attachment = `insert into attachments select (jsonb_populate_record(row, '{"attachment_id": "${attachmentId}", "upload_id": "${attachmentId}"}')).*
      from (select attachments as row from attachments where report_id = '${reportId}' limit 1) as first`;
      const delivery = `insert into deliveries select (jsonb_populate_record(row, '{"delivery_id": "${createId('dlv')}", "recipient_party": "${party}"}')).*
      from (select deliveries as row from deliveries where report_id = '${reportId}' and recipient_party = '${POLICE}') as first`;
      const [first, second] = last === 'the attachment' ? [delivery, attachment] : [attachment, delivery];
      try {
        await one.query('begin');
        await other.query('begin');
        await one.query(first);
        const waits = other.query(second);
        const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`;
        await waitUntil(async () => (await pool.query(waiting)).rows.length > 0, {
          what: 'the second waits for the first',
          deadlineMs: 30_000,
        });
        await one.query('commit');
        await waits;
        await other.query('commit');
      } finally {
        one.release();
        other.release();
      }
      const { rows } = await pool.query('select attachment_id from attachment_dues where party = $1 and attachment_id = $2', [
        party,
        attachmentId,
      ]);
      expect(rows).toHaveLength(1);
    },
  );
});

test('winning a delivery, which a worker asks for more often than anything else, is planned once and not each time', async () => {
  for (let press = 0; press < 4; press += 1) {
    await fixture.press();
    await fixture.relay.drain();
  }
  const { pool } = fixture.database;
  const clients = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.connect()));
  const prepared = await Promise.all(
    clients.map((client) => client.query<{ statement: string }>('select statement from pg_prepared_statements')),
  );
  for (const client of clients) client.release();
  expect(prepared.flatMap(({ rows }) => rows).filter(({ statement }) => /^\s*with candidate as/.test(statement))).not.toEqual([]);
});

test('one claim for each recipient of a report that is signed for at once, and one transaction for all telephone rungs that have their answer', async () => {
  const { relay, database } = fixture;
  const pushed = 2;
  const sent = await statementsOf(database, async () => {
    await fixture.press();
    await relay.drain();
  });
  expect(sent.filter(({ text }) => /^\s*with candidate as/.test(text))).toHaveLength(pushed);
  // What a receipt means for its attempt, its slot and its delivery is one statement.
  const ends = sent.filter(({ text }) => text.includes('update attempts'));
  expect(ends).toHaveLength(pushed);
  expect(ends.filter(({ text }) => !text.includes('update deliveries') || !text.includes('update endpoint_slots'))).toEqual([]);
  expect(sent.filter(({ text }) => text.includes('update deliveries'))).toHaveLength(2 * pushed);
  // So are the receipt and the lock of its delivery, and the event and its audit entry; the version is raised on the way.
  expect(sent.filter(({ text }) => text.includes('insert into receipts') && text.includes('for update of deliveries'))).toHaveLength(
    pushed,
  );
  expect(ends.filter(({ text }) => !text.includes('update reports set version'))).toEqual([]);
  expect(sent.filter(({ text }) => text.includes('insert into report_events') && text.includes('insert into audit_entries'))).toHaveLength(
    pushed,
  );
  // Neither endpoint has failed: its gate is not written to.
  expect(sent.filter(({ text }) => text.includes('update endpoint_gates gate'))).toEqual([]);
  await relay.escalateOnce();
  for (let press = 0; press < 5; press += 1) await fixture.press();
  await relay.drain();
  const rungs = await statementsOf(database, async () => relay.escalateOnce());
  // The station has no system: what is handed over by a person has its rungs one by one.
  expect(rungs.filter(({ text }) => text.includes('update deliveries set next_rung'))).toHaveLength(1);
  const { rows } = await database.pool.query(`select from deliveries where next_rung = 'phone' and state = 'stored'`);
  expect(rows).toEqual([]);
});

test('who ends an attempt asks for no other delivery where nothing more is due, though more was when it began', async () => {
  const { relay, database, police, civilAffairs } = fixture;
  const reports = 4;
  const agencies = [police, civilAffairs];
  let signFor = (): void => undefined;
  const signing = new Promise<void>((resolve) => {
    signFor = resolve;
  });
  for (const agency of agencies) {
    agency.behave = async (...asked) => {
      await signing;
      await stores(...asked);
    };
  }
  const before = agencies.map(({ arrivals }) => arrivals.length);
  // A worker that the rate of an endpoint keeps waiting gives up in the end.
  const resting = async (): Promise<boolean> =>
    (await database.pool.query('select from endpoint_slots where free_at > now()')).rows.length > 0;
  await waitUntil(async () => !(await resting()), { what: 'every slot may be taken' });
  for (let press = 0; press < reports; press += 1) await fixture.press();
  const drained = relay.drain();
  await waitUntil(() => agencies.every(({ arrivals }, at) => arrivals.length === (before[at] ?? 0) + reports), {
    what: 'all are on their way',
  });
  const sent = await statementsOf(database, async () => {
    signFor();
    await drained;
  });
  for (const agency of agencies) agency.behave = stores;
  expect(sent.filter(({ text }) => text.includes('update attempts'))).toHaveLength(agencies.length * reports);
  expect(sent.filter(({ text }) => /^\s*with candidate as/.test(text))).toEqual([]);
});
