import { waitUntil } from '@zhida/testkit';
import { openDatabase } from '@zhida/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRelay, type RelaySchema } from '../src/index.js';
import { aReport, FACILITY, type Fixture, makeFixture } from './support/fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());

interface Operation {
  readonly security?: Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: unknown;
  readonly parameters?: { readonly name: string; readonly in: string }[];
}

interface ApiDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly securitySchemes: Readonly<Record<string, unknown>> };
}

const operationsOf = ({ paths }: ApiDescription): (Operation & { name: string })[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, name: `${method} ${path}` })),
  );

const get = async (url: string, scope?: string): Promise<{ statusCode: number; payload: string; json: <T>() => T }> =>
  fixture.relay.app.inject({ url, headers: scope === undefined ? {} : { authorization: `Bearer ${await fixture.assertion(scope)}` } });

describe('what operators see', () => {
  test('keys, health and readiness are open to whoever reaches the port', async () => {
    const keys = (await get('/.well-known/jwks.json')).json<{ keys: Record<string, unknown>[] }>().keys;
    expect(keys.map((key) => key['kid'])).toContain(fixture.parties.relay.signingKey.kid);
    expect(keys.some((key) => 'd' in key)).toBe(false);
    expect((await get('/healthz')).json()).toEqual({ status: 'ok', mode: 'test' });
    expect((await get('/readyz')).json()).toEqual({ status: 'ready', mode: 'test' });
  });

  test('metrics count what is open and say how long the oldest has been due', async () => {
    await fixture.press();
    fixture.clock.advance(90_000);
    const { payload } = await get('/metrics');
    expect(payload).toContain(`zhida_relay_deliveries{facility="${FACILITY}",state="open"} 2`);
    expect(payload).toContain(`zhida_relay_oldest_due_seconds{facility="${FACILITY}"} 90`);
    // This one has no calendar, and 60 days on is the year after.
    expect(payload).toContain('zhida_relay_calendar_years_missing 2');
    await fixture.relay.drain();
    expect((await get('/metrics')).payload).toContain(`zhida_relay_deliveries{facility="${FACILITY}",state="open"} 0`);
    expect((await get('/metrics')).payload).toContain('zhida_relay_attempts_total{outcome="receipted"} 2');
  });

  test('the list of deliveries needs its own scope and turns pages by id', async () => {
    expect((await get('/v1/deliveries')).statusCode).toBe(401);
    expect((await get('/v1/deliveries', 'report:read')).statusCode).toBe(403);
    const { deliveries } = (await get('/v1/deliveries?state=stored', 'delivery:operate')).json<{
      deliveries: { deliveryId: string; state: string }[];
    }>();
    expect(deliveries.map(({ state }) => state)).toEqual(['stored', 'stored']);
    const [first] = deliveries;
    const rest = (await get(`/v1/deliveries?state=stored&after=${first?.deliveryId}`, 'delivery:operate')).json<{
      deliveries: unknown[];
      next: null;
    }>();
    expect(rest.deliveries).toHaveLength(1);
    expect((await get('/v1/deliveries?state=sent', 'delivery:operate')).json()).toMatchObject({
      status: 400,
      code: 'ZD_ERR_INPUT_UNREADABLE',
    });
  });

  test('the OpenAPI document at /docs is the one that is checked in; vitest -u writes it anew', async () => {
    const { statusCode, payload } = await get('/docs');
    expect(statusCode).toBe(200);
    const document = JSON.parse(payload) as { openapi: string; paths: Record<string, unknown> };
    expect(document.openapi).toBe('3.1.0');
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../../docs/reference/relay.openapi.json');
  });

  test('every operation names its credential, and every one that reads a body or a header of its own describes it', async () => {
    const api = (await get('/docs')).json<ApiDescription>();
    const operations = operationsOf(api);
    expect(operations.filter(({ security }) => security === undefined).map(({ name }) => name)).toEqual([]);
    const schemes = Object.keys(api.components.securitySchemes);
    const named = new Set(operations.flatMap(({ security = [] }) => security.flatMap((alternative) => Object.keys(alternative))));
    expect([...named].toSorted()).toEqual(schemes.toSorted());
    const writes = operations.filter(({ name }) => /^(?:post|put) /.test(name));
    // Its address says all there is to say.
    expect(writes.filter(({ requestBody }) => requestBody === undefined).map(({ name }) => name)).toEqual([
      'post /v1/escalations/{id}/acknowledge',
    ]);
    const headersOf = (name: string): string[] =>
      (operations.find((one) => one.name === name)?.parameters ?? []).filter(({ in: place }) => place === 'header').map((one) => one.name);
    expect(headersOf('post /v1/reports')).toEqual(['idempotency-key']);
    expect(headersOf('post /v1/reports/{id}/attachments')).toEqual(['idempotency-key', 'content-digest']);
    expect(headersOf('get /v1/reports/{id}/events')).toEqual(['last-event-id']);
    expect(headersOf('post /v1/forwards')).toEqual(['webhook-id', 'webhook-timestamp', 'forward-to']);
  });

  test('INV-9 what is described decides nothing: a body and a content type that are not as described are taken', async () => {
    const { statusCode } = await fixture.relay.app.inject({
      method: 'POST',
      url: '/v1/reports',
      headers: { ...(await fixture.headers()), 'content-type': 'text/x-other' },
      payload: JSON.stringify({ ...aReport(), suspicion: 7, chain: 'none', evidence: { kind: ['x'] } }),
    });
    expect(statusCode).toBe(202);
  });

  test('a report of another facility is not there', async () => {
    expect((await get('/v1/reports/rpt_00000000000000000000000000', 'report:read')).json()).toMatchObject({
      status: 404,
      code: 'ZD_ERR_NOT_FOUND',
    });
  });
});

test('a database that is away is a delay: 503, Retry-After, and the press may come again', async () => {
  const url = new URL(fixture.queue.url);
  url.port = '9';
  const database = openDatabase<RelaySchema>({ url: fixture.queue.url });
  const relay = await createRelay({ ...fixture.options, database });
  await database.pool.end();
  const gone = openDatabase<RelaySchema>({ url: url.href });
  const away = await createRelay({ ...fixture.options, database: { ...gone, pool: fixture.database.pool } });
  const press = await away.app.inject({
    method: 'POST',
    url: '/v1/reports',
    headers: await fixture.headers(),
    payload: JSON.stringify(aReport()),
  });
  expect(press.statusCode).toBe(503);
  expect(press.headers['retry-after']).toBe('1');
  expect(press.json()).toMatchObject({ code: 'ZD_ERR_DATABASE_UNAVAILABLE' });
  expect((await away.app.inject({ url: '/readyz' })).statusCode).toBe(503);
  await gone.close();
  await relay.app.close();
  await away.app.close();
});

test('a relay refuses to start on a database that may lose a committed row, and on a taken port it names the option', async () => {
  const off = new URL(fixture.queue.url);
  off.searchParams.set('options', '-c synchronous_commit=off');
  const database = openDatabase<RelaySchema>({ url: off.href });
  const relay = await createRelay({ ...fixture.options, database });
  await expect(relay.start()).rejects.toMatchObject({ code: 'ZD_ERR_DATABASE_NOT_DURABLE' });
  await database.close();

  const first = await fixture.another({});
  await first.start();
  const address = first.app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const second = await fixture.another({ listen: { host: '127.0.0.1', port } });
  await expect(second.start()).rejects.toMatchObject({ code: 'ZD_ERR_PORT_TAKEN', at: 'listen.port' });
});

test('a queue that does not answer costs no delivery', async () => {
  const relay = await fixture.another({
    queue: { backend: 'redis', url: 'redis://127.0.0.1:9' },
    delivery: { sweepEveryMs: 100, queueTimeoutMs: 200 },
  });
  await relay.start();
  fixture.police.arrivals.length = 0;
  await relay.app.inject({ method: 'POST', url: '/v1/reports', headers: await fixture.headers(), payload: '{}' });
  await waitUntil(() => fixture.police.arrivals.length === 1, { what: 'the agency has it although there is no queue' });
});
