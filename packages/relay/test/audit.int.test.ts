import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase } from '@zhida/database';
import { canaries, createTestDatabase, findCanaries } from '@zhida/testkit';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { createRelay, type RelaySchema } from '../src/index.js';
import { aReport, FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { answers, stores } from './support/scripted-agency.js';

let fixture: Fixture;
afterEach(async () => fixture.close());

interface Logged {
  readonly action: string;
  readonly subject: Record<string, string>;
}

async function entriesOf(reportId: string): Promise<Logged[]> {
  const { rows } = await fixture.database.pool.query<{ entry: string }>(
    `select convert_from(bytes, 'UTF8') as entry from audit_entries order by id`,
  );
  return rows.map(({ entry }) => JSON.parse(entry) as Logged).filter(({ subject }) => subject['reportId'] === reportId);
}

/** A pool whose connections fail at the first statement that matches, as a broken disk or a full one would. */
function breakingPool(url: string): { pool: pg.Pool; breakAt: (pattern: RegExp | undefined) => void } {
  let pattern: RegExp | undefined;
  class BreakingClient extends pg.Client {
    override query(...parameters: never[]): never {
      const [first] = parameters as unknown as [string | { text?: string }];
      const text = typeof first === 'string' ? first : (first.text ?? '');
      if (pattern?.test(text) === true) return Promise.reject(new Error('the statement was broken by the test')) as never;
      return (super.query as (...all: never[]) => never).apply(this, parameters);
    }
  }
  const pool = new pg.Pool({ connectionString: url, Client: BreakingClient as unknown as typeof pg.Client } as pg.PoolConfig);
  return { pool, breakAt: (next) => (pattern = next) };
}

describe('INV-12 every change has its audit entry in the same transaction', () => {
  test('INV-12 a whole life of a report is in the log, step by step', async () => {
    fixture = await makeFixture();
    fixture.police.behave = answers(500);
    const { reportId } = (await fixture.press()).json<{ reportId: string }>();
    await fixture.relay.drain();
    fixture.police.behave = stores;
    fixture.clock.advance(5_000);
    await fixture.relay.drain();
    const actions = (await entriesOf(reportId)).map(({ action, subject }) =>
      [action, subject['outcome'] ?? subject['state'] ?? subject['party'] ?? ''].join(' '),
    );
    expect(actions.sort()).toEqual([
      'delivery.attempted unknown',
      'delivery.opened agency:civil-affairs-440299',
      'delivery.opened agency:police-440299',
      'receipt.recorded stored',
      'receipt.recorded stored',
      'report.accepted ',
    ]);
  });

  test('INV-12 when the entry cannot be written nothing else is, and the press is answered 500 and may come again', async () => {
    const test_ = await createTestDatabase();
    const { pool, breakAt } = breakingPool(test_.url);
    fixture = await makeFixture();
    const database = openDatabase<RelaySchema>({ url: test_.url, pool });
    const relay = await createRelay({ ...fixture.options, database, queue: { backend: 'postgres', url: test_.url } });
    try {
      const headers = await fixture.headers({ pressId: 'press-broken' });
      const press = (): Promise<{ statusCode: number }> =>
        relay.app.inject({ method: 'POST', url: '/v1/reports', headers, payload: JSON.stringify(aReport()) });
      const rows = async (): Promise<unknown> =>
        (
          await pool.query(
            'select (select count(*) from reports)::int as reports, (select count(*) from deliveries)::int as deliveries, (select count(*) from number_serials)::int as serials, (select count(*) from audit_entries)::int as entries',
          )
        ).rows[0];
      for (const statement of [
        /insert into audit_entries/,
        /insert into audit_details/,
        /insert into "report_events"/,
        /insert into "deliveries"/,
      ]) {
        breakAt(statement);
        expect((await press()).statusCode).toBe(500);
        breakAt(undefined);
        expect(await rows()).toEqual({ reports: 0, deliveries: 0, serials: 0, entries: 0 });
      }
      expect((await press()).statusCode).toBe(202);

      fixture.police.behave = answers(500);
      breakAt(/insert into audit_entries/);
      await relay.drain().catch(() => undefined);
      breakAt(undefined);
      const { rows: deliveries } = await pool.query('select state, rung, last_outcome from deliveries');
      expect(deliveries).toEqual([
        { state: 'open', rung: 0, last_outcome: null },
        { state: 'open', rung: 0, last_outcome: null },
      ]);
    } finally {
      await relay.stop();
      await database.close();
      await test_.drop();
    }
  });
});

test('INV-11 nothing planted in a report turns up in logs, audit files, events, metrics, answers or any unsealed column', async () => {
  fixture = await makeFixture();
  const { relay, database, clock } = fixture;
  await relay.start();
  const planted = aReport({
    patient: {
      name: canaries.childName,
      phone: canaries.childPhone,
      identifiers: [{ system: 'cn-resident-id', value: canaries.childResidentId }],
      address: { text: canaries.address },
      school: { name: canaries.school },
    },
    guardians: [{ name: canaries.guardianName, phone: canaries.guardianPhone }],
    suspicion: { observed: canaries.doctorsNote, statements: [{ speaker: 'child', verbatim: canaries.freeText }] },
    [canaries.childNickname]: canaries.freeText,
    clinical: { [canaries.childName]: [{ [canaries.school]: '\ud800' }] },
    department: 7,
  });
  const ticket = {
    sub: canaries.reporterStaffId,
    reporter: { name: canaries.reporterName, role: 'doctor', staffId: canaries.reporterStaffId, phone: canaries.reporterPhone },
  };
  fixture.civilAffairs.behave = answers(400, {}, canaries.freeText);
  const answer = await fixture.press(planted, { ticket });
  expect(answer.statusCode).toBe(202);
  const { reportId } = answer.json<{ reportId: string }>();
  await expect.poll(async () => (await relay.ledger.counts(FACILITY)).byState.stored).toBe(1);
  const broken = [
    await fixture.press(undefined, { raw: `${canaries.childName} is no JSON` }),
    await fixture.press({ ...planted, mode: canaries.freeText }),
    await fixture.press({ ...planted, patient: {} }, { pressId: 'press-x', ticket }),
    await fixture.press({ ...planted, patient: { name: canaries.childName } }, { pressId: 'press-x', ticket }),
    await relay.app.inject({
      url: `/v1/reports/${encodeURIComponent(canaries.childName)}`,
      headers: { authorization: `Bearer ${canaries.freeText}` },
    }),
    await relay.app.inject({ method: 'POST', url: '/v1/agency/receipts', payload: canaries.freeText }),
    await relay.app.inject({ url: `/nowhere/${canaries.freeText}` }),
    await relay.app.inject({ url: '/metrics' }),
  ];
  clock.advance(5_000);
  await relay.drain();
  await relay.sequencer.runOnce();

  expect(findCanaries(answer.rawPayload)).toEqual([]);
  for (const { statusCode, rawPayload } of broken) expect([statusCode, findCanaries(rawPayload)]).toEqual([statusCode, []]);
  expect(findCanaries(fixture.log.join(''))).toEqual([]);
  expect(findCanaries(JSON.stringify(await relay.ledger.status(FACILITY, reportId)))).toEqual([]);
  const files = (await readdir(fixture.options.dataDirectory, { recursive: true, withFileTypes: true })).filter((file) => file.isFile());
  expect(files.length).toBeGreaterThan(2);
  for (const file of files) expect([file.name, findCanaries(await readFile(join(file.parentPath, file.name)))]).toEqual([file.name, []]);
  const tables = await database.pool.query<{ name: string }>(
    `select quote_ident(table_schema) || '.' || quote_ident(table_name) as name from information_schema.tables where table_schema in ('public', 'bullmq')`,
  );
  for (const { name } of tables.rows) {
    const { rows } = await database.pool.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
    const bytes = rows.map(({ row }) =>
      row.replace(/\\\\x((?:[0-9a-f]{2})+)/g, (_all, hex: string) => Buffer.from(hex, 'hex').toString('latin1')),
    );
    expect([name, findCanaries(Buffer.from(bytes.join('\n'), 'latin1')), findCanaries(rows.map(({ row }) => row).join('\n'))]).toEqual([
      name,
      [],
      [],
    ]);
  }
});
