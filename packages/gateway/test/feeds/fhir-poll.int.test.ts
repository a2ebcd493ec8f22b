import { waitUntil } from '@zhida/testkit';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createGateway, type Gateway } from '../../src/index.js';
import { type Fixture, makeFixture, only } from '../support/fixture.js';

const ORIGIN = 'https://emr.yunxi.example';

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}

const meta = (minute: number, versionId = '1') => ({ versionId, lastUpdated: `2026-11-22T20:${String(minute).padStart(2, '0')}:00+08:00` });
const person = (id: string, birthDate: string): Resource => ({ resourceType: 'Patient', id, gender: 'female', birthDate, meta: meta(31) });
const visit = (id: string, owner: string): Resource => ({
  resourceType: 'Encounter',
  id,
  status: 'in-progress',
  class: { code: 'EMER' },
  subject: { reference: `Patient/${owner}` },
  period: { start: '2026-11-22T19:00:00+08:00' },
  meta: meta(31),
});
const hcg = (value: number, minute: number, versionId = '1'): Resource => ({
  resourceType: 'Observation',
  id: 'o1',
  status: versionId === '1' ? 'final' : 'corrected',
  subject: { reference: 'Patient/p1' },
  encounter: { reference: 'Encounter/e1' },
  code: { coding: [{ system: 'http://loinc.org', code: '21198-7' }], text: '血HCG' },
  valueQuantity: { value, unit: 'IU/L' },
  meta: meta(minute, versionId),
});

/** An EMR with these resources; what `broken` names is answered with this status. */
function serve(
  resources: readonly Resource[],
  broken: Readonly<Record<string, number>> = {},
  histories: Readonly<Record<string, object>> = {},
): string[] {
  nock.cleanAll();
  const asked: string[] = [];
  nock(ORIGIN)
    .persist()
    .get(/^\/fhir\//)
    .reply(function (uri) {
      const url = new URL(uri, ORIGIN);
      const path = url.pathname.replace('/fhir/', '');
      const [type = '', id] = path.split('/');
      asked.push(String(this.req.headers['authorization']));
      const status = broken[path] ?? broken['*'];
      if (status !== undefined) return [status, { resourceType: 'OperationOutcome' }];
      const history = histories[path];
      if (history !== undefined) return [200, history as nock.Body];
      const own = resources.filter((resource) => resource.resourceType === type);
      if (id !== undefined) {
        const found = own.find((resource) => resource.id === id);
        return found === undefined ? [404, { resourceType: 'OperationOutcome' }] : [200, found];
      }
      const owner = url.searchParams.get('patient');
      const since = Date.parse((url.searchParams.get('_lastUpdated') ?? 'ge1970-01-01').slice(2));
      const chosen = own.filter(({ subject, meta: { lastUpdated } = meta(0) }: Resource & { meta?: ReturnType<typeof meta> }) =>
        owner === null
          ? Date.parse(lastUpdated) >= since
          : (subject as { reference?: string } | undefined)?.reference === `Patient/${owner}`,
      );
      return [200, { resourceType: 'Bundle', type: 'searchset', entry: chosen.map((resource) => ({ resource })) } as nock.Body];
    });
  return asked;
}

let fixture: Fixture;
let gateway: Gateway | undefined;
beforeAll(async () => {
  if (!nock.isActive()) nock.activate();
  fixture = await makeFixture();
});
afterAll(async () => {
  nock.restore();
  await fixture.close();
});
beforeEach(async () => {
  await fixture.reset();
  await fixture.database.pool.query(`delete from feeds where name = 'emr'`);
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  nock.cleanAll();
});

async function run(): Promise<void> {
  gateway = await createGateway({
    ...fixture.options,
    feeds: [
      {
        kind: 'fhir-poll',
        name: 'emr',
        baseUrl: `${ORIGIN}/fhir`,
        bearerToken: () => Promise.resolve('of-this-minute'),
        pollMs: 20,
        limits: { attemptsMax: 1, retryFirstMs: 1 },
      },
    ],
  });
  await gateway.start();
}

const messages = () =>
  fixture.rows<{ status: string; format: string; problem_code: string | null }>(
    'select status, format, problem_code from feed_messages order by seq',
  );
const problem = async () =>
  only(await fixture.rows<{ code: string | null }>(`select problem_code as code from feeds where name = 'emr'`)).code;

test('what has changed is asked for, with a fresh token, taken once, and the cursor goes on after a restart', async () => {
  const asked = serve([person('p1', '2013-03-18'), visit('e1', 'p1'), hcg(12_500, 32)]);
  await run();
  await waitUntil(async () => (await fixture.prompts()).length === 1, { what: 'the prompt' });
  expect(only(await fixture.prompts())).toMatchObject({ level: 'red', encounter: { id: 'e1' } });
  expect(new Set(asked)).toEqual(new Set(['Bearer of-this-minute']));
  await gateway?.stop();
  expect(await messages()).toEqual([{ status: 'processed', format: 'encounter', problem_code: null }]);
  serve([person('p1', '2013-03-18'), visit('e1', 'p1'), hcg(2, 40, '2')]);
  await run();
  await waitUntil(async () => only(await fixture.prompts()).state === 'closed', { what: 'the correction closes the prompt' });
  expect(await messages()).toHaveLength(2);
});

test('a server that is away is told by code, without its address, and asked again; nothing is skipped', async () => {
  serve([], { '*': 503 });
  await run();
  await waitUntil(async () => (await problem()) === 'ZD_ERR_HTTP', { what: 'the problem is told' });
  serve([person('p1', '2013-03-18'), visit('e1', 'p1'), hcg(12_500, 32)]);
  await waitUntil(async () => (await fixture.prompts()).length === 1, { what: 'the prompt' });
  await waitUntil(async () => (await problem()) === null, { what: 'the word is taken back' });
});

test('a record the server does not give is set aside, the others are read, and a replay asks for it again', async () => {
  const resources = [person('p1', '2013-03-18'), visit('e1', 'p1'), hcg(12_500, 32), person('p2', '2020-09-14'), visit('e2', 'p2')];
  serve(resources, { 'Patient/p1': 500 });
  await run();
  await waitUntil(async () => (await messages()).filter(({ status }) => status !== 'received').length === 2, {
    what: 'both are worked on',
  });
  expect((await messages()).toSorted((left, right) => left.format.localeCompare(right.format))).toEqual([
    { status: 'processed', format: 'encounter', problem_code: null },
    { status: 'set-aside', format: 'fhir-record', problem_code: 'ZD_ERR_HTTP' },
  ]);
  expect(await fixture.prompts()).toEqual([]);
  serve(resources);
  const { id } = only(await fixture.rows<{ id: string }>(`select id from feed_messages where status = 'set-aside'`));
  const replayed = await gateway?.app.inject({
    method: 'POST',
    url: `/ops/feeds/emr/messages/${id}/replay`,
    headers: { authorization: `Bearer ${await fixture.clinician('ADMIN1', { scope: 'endpoint:admin' })}` },
  });
  expect(replayed?.json()).toEqual({ id, status: 'processed', problem: null });
  expect(only(await fixture.prompts()).level).toBe('red');
  expect(fixture.log.join('')).not.toContain('emr.yunxi.example');
});

test('a visit the server has deleted is taken back, and one that is created again with the same words is heard again', async () => {
  const all = [person('p1', '2013-03-18'), visit('e1', 'p1'), hcg(12_500, 32)];
  serve(all);
  await run();
  await waitUntil(async () => (await fixture.prompts()).some(({ state }) => state === 'shown'), { what: 'the prompt is shown' });
  const entry = [{ request: { method: 'DELETE', url: 'Encounter/e1' }, response: { lastModified: '2026-11-22T20:40:00+08:00' } }];
  serve([person('p1', '2013-03-18')], {}, { 'Encounter/_history': { resourceType: 'Bundle', type: 'history', entry } });
  await waitUntil(async () => (await fixture.prompts()).every(({ state }) => state === 'closed'), { what: 'the prompt is closed' });
  serve([person('p1', '2013-03-18'), { ...visit('e1', 'p1'), meta: meta(45, '3') }, hcg(12_500, 32)]);
  await waitUntil(async () => (await fixture.prompts()).some(({ state }) => state === 'shown'), { what: 'the prompt is shown again' });
});
