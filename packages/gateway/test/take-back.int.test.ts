import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { pregnantGirl } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());

interface VisitRow {
  readonly encounter_key: string;
  readonly patient_key: string;
  readonly level: string;
}

const visits = (): Promise<VisitRow[]> => fixture.rows<VisitRow>('select encounter_key, patient_key, level from encounters');

/** How many transactions wait for the lock of a visit or a patient. */
async function waiters(): Promise<number> {
  const rows = await fixture.rows<{ count: number }>(
    `select count(*)::integer as count from pg_locks where locktype = 'advisory' and not granted`,
  );
  return rows[0]?.count ?? 0;
}

test('a visit that is told of another patient while it is taken back is taken back as that patient’s', async () => {
  await fixture.send(pregnantGirl());
  const [before] = await visits();
  const holder = await fixture.database.pool.connect();
  await holder.query('begin');
  await holder.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${FACILITY.code}:visit:${before?.encounter_key}`]);
  const told = fixture.send(pregnantGirl({ patient: { id: 'P0777', name: '张晓婷', sex: 'female', birthDate: '2013-03-18' } }));
  await waitUntil(async () => (await waiters()) === 1, { what: 'the new word of the visit waits' });
  const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'DELETE', url: 'Encounter/V0013' } }] };
  const deleted = fixture.post(bundle, 'application/fhir+json');
  await waitUntil(async () => (await waiters()) === 2, { what: 'the deletion waits behind it' });
  await holder.query('rollback');
  holder.release();
  await told;
  expect((await deleted).statusCode).toBe(200);
  const [after] = await visits();
  expect(after?.level).toBe('none');
  expect(after?.patient_key).not.toBe(before?.patient_key);
  expect((await fixture.prompts()).filter(({ state }) => state === 'shown')).toEqual([]);
});
