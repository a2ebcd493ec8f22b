import { createServer } from 'node:net';
import { fingerprint } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import { nationalRulePack } from '@zhida/packs';
import { createKeyDirectory } from '@zhida/signing';
import { waitUntil } from '@zhida/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, GATEWAY_DEFAULTS, type GatewayOptions, type GatewaySchema } from '../src/index.js';
import { type Fixture, makeFixture, only } from './support/fixture.js';
import { answers } from './support/scripted-relay.js';
import { bruisedInfant, ordinaryVisit, pregnantGirl } from './support/visits.js';

const DAY_MS = 86_400_000;

interface Operation {
  readonly summary?: string;
  readonly security?: Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: unknown;
  readonly parameters?: { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

describe('health', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(async () => fixture.close());

  test('ready with a database, alive without one; away is 503 with Retry-After, at every door', async () => {
    const get = (url: string) => fixture.gateway.app.inject({ method: 'GET', url });
    expect((await get('/readyz')).json()).toEqual({ status: 'ready', mode: 'test' });
    const feed = await fixture.feed();
    await fixture.send(pregnantGirl());
    const chosen = only(await fixture.prompts());
    const clinician = await fixture.clinician();
    // The same data behind a server that is not there.
    const gone = openDatabase<GatewaySchema>({ url: 'postgres://nobody:nothing@127.0.0.1:9/none' });
    const away = await createGateway({ ...fixture.options, database: gone });
    const authorized = { authorization: `Bearer ${clinician}` };
    const doors = await Promise.all([
      away.app.inject({ method: 'GET', url: '/readyz' }),
      away.app.inject({ method: 'GET', url: '/v1/prompts', headers: authorized }),
      away.app.inject({
        method: 'POST',
        url: '/v1/encounters',
        headers: { authorization: `Bearer ${feed}`, 'content-type': 'application/json' },
        payload: '{"id":"V1"}',
      }),
      away.app.inject({
        method: 'POST',
        url: '/v1/reports',
        headers: { 'press-ticket': chosen.ticket, 'idempotency-key': chosen.pressId },
        payload: '{}',
      }),
    ]);
    for (const answer of doors) {
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([503, 'ZD_ERR_DATABASE_UNAVAILABLE']);
      expect(answer.headers['retry-after']).toBe('5');
    }
    expect((await away.app.inject({ method: 'GET', url: '/healthz' })).statusCode).toBe(200);
    await away.app.close();
    await gone.close();
  });

  test('says nothing of itself to strangers but its keys and its API', async () => {
    const get = async (url: string) => fixture.gateway.app.inject({ method: 'GET', url });
    expect(Object.keys((await get('/.well-known/jwks.json')).json<{ keys: Record<string, unknown>[] }>().keys[0] ?? {})).not.toContain('d');
    const unknown = await get('/nothing');
    expect([unknown.statusCode, unknown.json<{ code: string }>().code]).toEqual([404, 'ZD_ERR_NOT_FOUND']);
    expect(unknown.headers['content-security-policy']).toBe(`default-src 'none';frame-ancestors 'none'`);
    expect(unknown.headers['x-content-type-options']).toBe('nosniff');
  });

  test('the API’s description names every route with its answers', async () => {
    const api = (await fixture.gateway.app.inject({ method: 'GET', url: '/docs/json' })).json<{
      openapi: string;
      paths: Record<string, Record<string, Operation>>;
      components: { securitySchemes: Record<string, unknown> };
    }>();
    expect(api.openapi).toBe('3.1.0');
    expect(
      Object.entries(api.paths)
        .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
        .toSorted(),
    ).toEqual([
      'get /.well-known/jwks.json',
      'get /duty',
      'get /duty/alarms',
      'get /duty/alarms/{escalationId}',
      'get /duty/desk.js',
      'get /duty/exercises',
      'get /duty/handover',
      'get /duty/lines',
      'get /duty/prompts',
      'get /duty/reports/{reportId}',
      'get /duty/review',
      'get /duty/reviews/{promptId}',
      'get /duty/roster',
      'get /duty/sign-in',
      'get /duty/style.css',
      'get /healthz',
      'get /manual',
      'get /ops/feeds',
      'get /ops/feeds/{feed}/messages',
      'get /readyz',
      'get /v1/prompts',
      'get /v1/prompts/events',
      'get /v1/prompts/{id}',
      'get /v1/reports/refused',
      'get /v1/reports/{id}',
      'get /v1/reports/{id}/events',
      'get /v1/reports/{id}/follow-ups',
      'get /widget-en.js',
      'get /widget-more.js',
      'get /widget.js',
      'get /widget.mjs',
      'post /duty/alarms/{escalationId}/acknowledge',
      'post /duty/alarms/{escalationId}/silence',
      'post /duty/handover',
      'post /duty/handover/{handoverId}/confirm',
      'post /duty/reports/{reportId}/attest',
      'post /duty/reports/{reportId}/calls',
      'post /duty/reports/{reportId}/form',
      'post /duty/reports/{reportId}/open',
      'post /duty/reviews/{promptId}',
      'post /duty/reviews/{promptId}/open',
      'post /duty/sign-in',
      'post /duty/sign-out',
      'post /launch',
      'post /ops/feeds/{feed}/messages/{id}/replay',
      'post /v1/encounters',
      'post /v1/prompts/{id}/decide',
      'post /v1/prompts/{id}/defer',
      'post /v1/prompts/{id}/open',
      'post /v1/prompts/{id}/seen',
      'post /v1/prompts/{id}/settle',
      'post /v1/reports',
      'post /v1/reports/{id}/attachments',
      'post /v1/reports/{id}/calls',
      'post /v1/reports/{id}/follow-ups',
      'post /v1/tickets',
      'post /v1/token',
      'put /v1/drafts/{promptId}',
      'put /v1/prompts/{id}/answers',
    ]);
    for (const methods of Object.values(api.paths)) {
      for (const { summary, responses } of Object.values(methods)) {
        expect(summary).toMatch(/\S/);
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '4XX', '5XX']));
      }
    }
    expect(Object.keys(api.paths['/v1/reports']?.['post']?.responses ?? {})).toEqual(expect.arrayContaining(['200', '201', '202']));
    const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ ...operation, name: `${method} ${path}` })),
    );
    expect(operations.filter(({ security }) => security === undefined).map(({ name }) => name)).toEqual([]);
    const named = new Set(operations.flatMap(({ security = [] }) => security.flatMap((alternative) => Object.keys(alternative))));
    expect([...named].toSorted()).toEqual(Object.keys(api.components.securitySchemes).toSorted());
    const silent = operations.filter(({ name, requestBody }) => /^(?:post|put) /.test(name) && requestBody === undefined);
    // Their addresses say all there is to say.
    expect(silent.map(({ name }) => name).toSorted()).toEqual([
      'post /ops/feeds/{feed}/messages/{id}/replay',
      'post /v1/prompts/{id}/open',
      'post /v1/prompts/{id}/seen',
    ]);
    const headersOf = (name: string): string[] =>
      (operations.find((one) => one.name === name)?.parameters ?? []).filter(({ in: place }) => place === 'header').map((one) => one.name);
    expect(headersOf('post /v1/reports')).toEqual(['idempotency-key']);
    expect(headersOf('post /v1/reports/{id}/follow-ups')).toEqual(['idempotency-key']);
    expect(headersOf('post /v1/reports/{id}/attachments')).toEqual(['idempotency-key', 'content-digest']);
    expect(headersOf('get /v1/reports/{id}/events')).toEqual(['last-event-id']);
  });

  test('a database that is away for long is told once in a while and not at every turn', async () => {
    const other = await makeFixture();
    await other.database.close();
    const told = (): string[] => other.log.filter((line) => line.includes('the outbox failed'));
    await waitUntil(() => told().length > 0, { what: 'the failure is told' });
    // Ten turns of the outbox are a fifth of a second here; each of them fails.
    await waitUntil(() => other.log.some((line) => line.includes('reminding of deferred prompts failed')), {
      what: 'the other loop has failed too',
    });
    expect(told()).toHaveLength(1);
    await other.close();
  });
});

describe('set-up', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(async () => fixture.close());

  const code = async (options: Partial<GatewayOptions>): Promise<unknown> =>
    createGateway({ ...fixture.options, ...options }).then(
      () => undefined,
      (error: { code?: unknown; at?: unknown }) => [error.code, error.at],
    );

  test('keys of another role, settings out of bounds and an empty facility are refused at once', async () => {
    expect(await code({ keys: fixture.parties.relay })).toEqual(['ZD_ERR_OPTION_INVALID', 'keys']);
    expect(await code({ keys: fixture.parties.his })).toEqual(['ZD_ERR_OPTION_INVALID', 'keys']);
    expect(await code({ settings: { ticketHours: 73 } })).toEqual(['ZD_ERR_OPTION_INVALID', 'settings.ticketHours']);
    expect(await code({ settings: { accessTokenSeconds: 901 } })).toEqual(['ZD_ERR_OPTION_INVALID', 'settings.accessTokenSeconds']);
    expect(await code({ settings: { relayAnswerMs: Number.NaN } })).toEqual(['ZD_ERR_OPTION_INVALID', 'settings.relayAnswerMs']);
    expect(await code({ settings: { outboxLadderMs: [] } })).toEqual(['ZD_ERR_OPTION_INVALID', 'settings.outboxLadderMs']);
    expect(await code({ facility: { ...fixture.options.facility, code: '' } })).toEqual(['ZD_ERR_OPTION_INVALID', 'facility.code']);
    expect(await code({ settings: GATEWAY_DEFAULTS })).toBeUndefined();
  });

  test('a taken port is said so', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => {
      taken.listen(0, '127.0.0.1', resolve);
    });
    const { port } = taken.address() as { port: number };
    const other = await createGateway({ ...fixture.options, listen: { host: '127.0.0.1', port } });
    await expect(other.start()).rejects.toMatchObject({ code: 'ZD_ERR_PORT_TAKEN' });
    await other.stop();
    taken.close();
  });

  test('INV-16 keys of the other mode meet nobody here', async () => {
    const directory = `${fixture.dataDirectory}/production-his`;
    const his = await createKeyDirectory(directory, { party: 'his:yunxi', role: 'his', mode: 'production', clock: fixture.clock });
    expect((await fixture.token(await fixture.assertion({ keys: his }))).statusCode).toBe(401);
  });

  test('a second start finds its data again', async () => {
    await fixture.send(pregnantGirl());
    const other = await createGateway({ ...fixture.options, dataDirectory: `${fixture.dataDirectory}/second` });
    await other.start();
    const headers = { authorization: `Bearer ${await fixture.clinician()}` };
    const list = await other.app.inject({ method: 'GET', url: '/v1/prompts', headers });
    expect(list.json<{ prompts: unknown[] }>().prompts).toHaveLength(1);
    await other.stop();
  });
});

test('a pack outside its days goes on being used, and the log says so at start', async () => {
  const over = { ...nationalRulePack, effectiveFrom: '2019-01-01', effectiveTo: '2020-12-31' };
  const fixture = await makeFixture({ gateway: { pack: over } });
  expect(await fixture.send(pregnantGirl())).toMatchObject({ level: 'red' });
  const line = fixture.log.find((each) => each.includes('outside the days it is meant for'));
  expect(line).toContain('"validity":"over"');
  expect(line).toContain('2020-12-31');
});

describe('a hospital’s own overlay', () => {
  const overlay = {
    terms: { 'C-HIT': ['修理得'] },
    silentRules: ['R-PG-01'],
    silentReasons: { 'R-PG-01': 'covered by the region’s own system' },
  };
  const beaten = ordinaryVisit({ notes: [{ section: 'present-illness', text: '被继父修理得不轻' }] });

  test('is heard, and named wherever the rules are: in assessment, row, report and log; its reasons are on record', async () => {
    const fixture = await makeFixture({ gateway: { overlay } });
    const overlayDigest = await fingerprint(overlay);
    const { digest, version } = nationalRulePack;
    expect(await fixture.send(beaten)).toMatchObject({ level: 'red', rulePack: { version, digest, overlay: overlayDigest } });
    expect(await fixture.send(pregnantGirl())).toMatchObject({ level: 'none' });
    const prompt = only(await fixture.prompts());
    expect(prompt.prefill.trigger?.rulePack).toMatchObject({ digest, overlay: overlayDigest });
    expect(await fixture.rows('select distinct pack_digest from encounters')).toEqual([
      { pack_digest: `${digest}.${overlayDigest.slice(0, 32)}` },
    ]);
    expect(await fixture.actions()).toContain('overlay.used');
    expect(fixture.log.find((line) => line.includes('the rules of this gateway'))).toContain(overlayDigest);
    // Without it the same record is another assessment, not a repeat.
    const { overlay: _gone, ...options } = fixture.options;
    const plain = await createGateway(options);
    const again = await plain.app.inject({
      method: 'POST',
      url: '/v1/encounters',
      headers: { authorization: `Bearer ${await fixture.feed()}`, 'content-type': 'application/json' },
      payload: JSON.stringify(beaten),
    });
    expect(again.json()).toMatchObject({ level: 'none', rulePack: { digest } });
    expect(again.json()).not.toHaveProperty('rulePack.overlay');
    await plain.stop();
    // One that chooses what it may not is refused before anything starts.
    const wrong = createGateway({ ...options, overlay: { levels: { 'R-PG-01': 'lower' } } });
    await expect(wrong).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID', at: 'levels' });
    await fixture.close();
  });
});

describe('erasure', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await makeFixture();
  });
  afterAll(async () => fixture.close());
  afterEach(async () => fixture.reset());

  test('takes the text of visits past their time that led to no report, and leaves what a doctor answers with', async () => {
    await fixture.send(ordinaryVisit());
    await fixture.send(bruisedInfant());
    const orange = only(await fixture.prompts());
    await fixture.act(orange.id, 'decide', { version: 1, code: 'clear-accident', text: '目击跌倒' });
    fixture.clock.advance(89 * DAY_MS);
    expect(await fixture.gateway.purgeOnce()).toEqual({ encounters: 0, presses: 0, messages: 0, drafts: 0, answers: 0, told: 0 });
    fixture.clock.advance(DAY_MS);
    expect(await fixture.gateway.purgeOnce()).toEqual({ encounters: 2, presses: 0, messages: 0, drafts: 0, answers: 0, told: 0 });
    expect(await fixture.gateway.purgeOnce()).toEqual({ encounters: 0, presses: 0, messages: 0, drafts: 0, answers: 0, told: 0 });
    const rows = await fixture.rows<Record<string, unknown>>('select * from encounters order by level');
    for (const row of rows) {
      expect(row).toMatchObject({
        wrapped_key: null,
        sealed_snapshot: null,
        sealed_assessment: null,
        purged_at: new Date(fixture.clock.now()),
      });
      expect(row['input_sha256']).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(rows.map((row) => row['rule_ids'])).toEqual([[], ['R-BR-01', 'R-BR-02', 'R-WS-02']]);
    expect(await fixture.rows(`select account, code, rule_ids from prompt_events where kind = 'decided'`)).toEqual([
      { account: 'D1001', code: 'clear-accident', rule_ids: ['R-BR-01', 'R-BR-02'] },
    ]);
    expect((await fixture.actions()).filter((action) => action === 'encounter.purged')).toHaveLength(2);
    expect(await fixture.prompts()).toEqual([]);
    const read = await fixture.act(orange.id, 'seen');
    expect(read.statusCode).toBe(200);
  });

  test('never takes a visit that led to a press, held or taken; the gateway’s copy of a taken report goes, a held one stays', async () => {
    await fixture.send(pregnantGirl());
    await fixture.press(only(await fixture.prompts()));
    await fixture.send(bruisedInfant());
    fixture.relay.behave = () => undefined;
    const orange = (await fixture.prompts()).find(({ level }) => level === 'orange');
    if (orange === undefined) throw new Error('no orange prompt');
    await fixture.press(orange);
    fixture.clock.advance(200 * DAY_MS);
    expect(await fixture.gateway.purgeOnce()).toEqual({ encounters: 0, presses: 1, messages: 0, drafts: 0, answers: 0, told: 0 });
    expect(
      await fixture.rows('select state, sealed_body is null as erased, answer is null as unanswered from presses order by state'),
    ).toEqual([
      { state: 'held', erased: false, unanswered: true },
      { state: 'submitted', erased: true, unanswered: false },
    ]);
    expect(await fixture.rows('select count(*) as kept from encounters where wrapped_key is not null')).toEqual([{ kept: 2 }]);
  });

  test('a press of which the relay holds another is kept as long as a report, and then goes with its key', async () => {
    await fixture.send(pregnantGirl());
    fixture.relay.behave = answers(409, JSON.stringify({ reportId: `rpt_${'0'.repeat(26)}`, number: '440299-261122-010042-0' }));
    expect((await fixture.press(only(await fixture.prompts()))).statusCode).toBe(409);
    fixture.clock.advance(89 * DAY_MS);
    expect(await fixture.gateway.purgeOnce()).toMatchObject({ presses: 0 });
    fixture.clock.advance(DAY_MS);
    expect(await fixture.gateway.purgeOnce()).toMatchObject({ presses: 1 });
    const [row] = await fixture.rows<Record<string, unknown>>('select * from presses');
    expect(row).toMatchObject({ state: 'conflict', wrapped_key: null, sealed_body: null, sealed_ticket: null });
    expect(await fixture.actions()).toContain('press.purged');
  });

  test('a visit that is told again after its time is stored, and assessed, anew; the prompt nobody answered has expired meanwhile', async () => {
    await fixture.send(bruisedInfant());
    fixture.clock.advance(91 * DAY_MS);
    await fixture.gateway.purgeOnce();
    expect(await fixture.rows('select state, version from prompts')).toEqual([{ state: 'expired', version: 2 }]);
    expect(await fixture.actions()).toContain('prompt.expired');
    await fixture.send(bruisedInfant());
    expect(only(await fixture.prompts())).toMatchObject({ level: 'orange', patient: { maskedName: '孔*宝' } });
  });

  test('goes on by itself', async () => {
    const sweeping = await makeFixture({ settings: { purgeSweepMs: 30 } });
    await sweeping.send(ordinaryVisit());
    sweeping.clock.advance(91 * DAY_MS);
    await waitUntil(
      async () => only(await sweeping.rows<{ purged_at: Date | null }>('select purged_at from encounters')).purged_at !== null,
      {
        what: 'the sweep has erased the visit',
      },
    );
    await sweeping.close();
  });
});
