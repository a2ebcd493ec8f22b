import { createId } from '@zhida/core';
import { reportSchema } from '@zhida/report';
import { signAssertion, signTicket } from '@zhida/signing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aReport, FACILITY, type Fixture, makeFixture } from './support/fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());

interface Answer {
  readonly reportId: string;
  readonly number: string;
  readonly receivedAt: string;
  readonly deliveries: readonly { deliveryId: string; recipient: { party: string; kind: string; name: { zh: string; en: string } } }[];
  readonly issues: readonly { code: string; at: string }[];
}

async function counts(): Promise<{ reports: number; deliveries: number; serials: number; audit: number }> {
  const { rows } = await fixture.database.pool.query<{ reports: number; deliveries: number; serials: number; audit: number }>(
    `select (select count(*) from reports) as reports, (select count(*) from deliveries) as deliveries,
      (select coalesce(sum(last), 0) from number_serials) as serials, (select count(*) from audit_entries) as audit`,
  );
  const row = rows[0];
  if (row === undefined) throw new Error('no counts');
  return row;
}

describe('what intake takes', () => {
  test('a press is answered 202 with number, recipients and issues, and is in the ledger with its deliveries', async () => {
    const answer = await fixture.press();
    expect(answer.statusCode).toBe(202);
    const body = answer.json<Answer>();
    expect(body.receivedAt).toBe('2026-11-22T12:30:00.000Z');
    expect(body.number).toMatch(/^440299-261122-03\d{4}-\d$/);
    expect(body.deliveries.map(({ recipient }) => recipient.party)).toEqual(['agency:police-440299', 'agency:civil-affairs-440299']);
    const status = await fixture.relay.ledger.status(FACILITY, body.reportId);
    expect(status).toMatchObject({ number: body.number, headline: 'submitted', version: 1, sequence: 1 });
    const { rows: events } = await fixture.database.pool.query('select version, status from report_events where report_id = $1', [
      body.reportId,
    ]);
    expect(events).toEqual([{ version: 1, status }]);
    expect(status?.lines.map((line) => [line.state, line.attempts, line.nextDueAt])).toEqual([
      ['open', 0, body.receivedAt],
      ['open', 0, body.receivedAt],
    ]);
  });

  test('of fifty racing presses with one key exactly one makes a report, and all get its answer byte for byte', async () => {
    const before = await counts();
    const headers = await fixture.headers({ pressId: 'press-race' });
    const payload = JSON.stringify(aReport());
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => fixture.relay.app.inject({ method: 'POST', url: '/v1/reports', headers, payload })),
    );
    expect(answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 49 }, () => 200), 202]);
    expect(new Set(answers.map(({ rawPayload }) => rawPayload.toString('hex'))).size).toBe(1);
    const after = await counts();
    expect(after.reports - before.reports).toBe(1);
    expect(after.deliveries - before.deliveries).toBe(2);
    expect(after.serials - before.serials).toBe(1);
  });

  test('the same body in another order is a repeat; another body with the same key is a conflict that names the first report', async () => {
    const first = await fixture.press(aReport(), { pressId: 'press-same' });
    const report = aReport();
    const turned = Object.fromEntries(Object.entries(report).reverse());
    const repeat = await fixture.press(turned, { pressId: 'press-same' });
    expect(repeat.statusCode).toBe(200);
    expect(repeat.rawPayload).toEqual(first.rawPayload);
    const other = await fixture.press(aReport({ kind: 'follow-up' }), { pressId: 'press-same' });
    expect(other.statusCode).toBe(409);
    expect(other.headers['content-type']).toContain('application/problem+json');
    const { reportId, number } = first.json<Answer>();
    expect(other.json()).toMatchObject({ status: 409, code: 'ZD_ERR_IDEMPOTENCY_CONFLICT', at: 'idempotency-key', reportId, number });
  });

  test('a key is remembered for as long as the report: years later the same body is its repeat, another one a conflict', async () => {
    const first = await fixture.press(aReport(), { pressId: 'press-of-long-ago' });
    expect(first.statusCode).toBe(202);
    fixture.clock.advance(3 * 365 * 86_400_000);
    try {
      const again = await fixture.press(aReport(), { pressId: 'press-of-long-ago' });
      expect([again.statusCode, again.payload]).toEqual([200, first.payload]);
      expect((await fixture.press(aReport({ source: 'manual' }), { pressId: 'press-of-long-ago' })).statusCode).toBe(409);
    } finally {
      fixture.clock.advance(-3 * 365 * 86_400_000);
    }
  });

  test('numbers of one day count up, and begin again after midnight in Shanghai', async () => {
    const serial = async (): Promise<[string, number]> => {
      const { number } = (await fixture.press()).json<Answer>();
      return [number.slice(7, 13), Number(number.slice(16, 20))];
    };
    const [, first] = await serial();
    expect(await serial()).toEqual(['261122', first + 1]);
    fixture.clock.set('2026-11-23T00:00:00+08:00');
    expect(await serial()).toEqual(['261123', 1]);
    fixture.clock.set('2026-11-22T20:30:00+08:00');
  });

  test('a follow-up takes the next place of its chain, and one of an unknown chain begins its own', async () => {
    const initial = (await fixture.press()).json<Answer>();
    const next = await Promise.all(
      [1, 2, 3].map(() => fixture.press(aReport({ kind: 'follow-up', chain: { id: initial.reportId, sequence: 2, replaces: null } }))),
    );
    const sequences = await Promise.all(
      next.map(async (answer) => (await fixture.relay.ledger.status(FACILITY, answer.json<Answer>().reportId))?.sequence),
    );
    expect(sequences.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual([2, 3, 4]);
    const lost = await fixture.press(aReport({ kind: 'follow-up', chain: { id: createId('rpt') } }));
    expect(lost.statusCode).toBe(202);
    expect(lost.json<Answer>().issues).toContainEqual({ code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: 'chain.id' });
  });

  test('a report keeps the id the gateway gave it, and gets another where that id is taken', async () => {
    const reportId = createId('rpt');
    expect((await fixture.press(aReport({ reportId }))).json<Answer>().reportId).toBe(reportId);
    const second = await fixture.press(aReport({ reportId }));
    expect(second.statusCode).toBe(202);
    expect(second.json<Answer>().reportId).not.toBe(reportId);
    expect(second.json<Answer>().issues).toContainEqual({ code: 'VALUE_DEFAULTED', severity: 'warning', at: 'reportId' });
  });
});

describe('INV-9 content never refuses a report', () => {
  test('INV-9 an empty object is a report', async () => {
    const answer = await fixture.press({});
    expect(answer.statusCode).toBe(202);
    expect(answer.json<Answer>().issues.length).toBeGreaterThan(0);
  });

  const wrongValues = [null, true, 7, 'text', [], [null, 3, 'x'], {}, { a: { b: [{}] } }];
  test.each(wrongValues.map((value) => [JSON.stringify(value), value]))(
    'INV-9 a report in which every field is %s is taken and rendered',
    async (_name, value) => {
      const fields = Object.keys((reportSchema as { properties: Record<string, unknown> }).properties).filter((field) => field !== 'mode');
      const body = Object.fromEntries(fields.map((field) => [field, value]));
      const answer = await fixture.press(body);
      expect(answer.statusCode).toBe(202);
      const { rows } = await fixture.database.pool.query<{ sealed: number }>(
        `select count(*) as sealed from deliveries where report_id = $1 and payload_sha256 is not null`,
        [answer.json<Answer>().reportId],
      );
      expect(rows[0]?.sealed).toBe(2);
    },
  );

  test('INV-9 a report with each optional field absent, one by one, is taken', async () => {
    const whole = aReport();
    for (const field of Object.keys(whole)) {
      const { [field]: _absent, ...rest } = whole;
      expect([field, (await fixture.press(rest)).statusCode]).toEqual([field, 202]);
    }
  });

  test.each([
    ['a lone surrogate', '{"patient":{"name":"\\ud83d"}}'],
    ['a number beyond the range', '{"clockOffsetMs":1e999}'],
    ['a null character', '{"patient":{"name":"a\\u0000b"},"suspicion":{"observed":"\\u0000"}}'],
    ['a deep nest', `{"clinical":${'['.repeat(5000)}${']'.repeat(5000)}}`],
    ['a member called __proto__', '{"__proto__":{"kind":"initial"},"constructor":{"prototype":{}}}'],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from('{"patient":{"name":"'), Buffer.from([0xd5, 0xc5]), Buffer.from('"}}')])],
    ['a mode that is no text', '{"mode":7}'],
  ])('INV-9 a report with %s is taken', async (_name, raw) => {
    const answer = await fixture.press(undefined, { raw });
    expect(answer.statusCode).toBe(202);
  });

  test.each(['text/plain', 'application/json; charset=gbk', 'application/x-www-form-urlencoded', 'nonsense', ''])(
    'INV-9 a report under the content type %j is taken',
    async (type) => {
      const headers = { ...(await fixture.headers()), 'content-type': type };
      const answer = await fixture.relay.app.inject({ method: 'POST', url: '/v1/reports', headers, payload: JSON.stringify(aReport()) });
      expect(answer.statusCode).toBe(202);
    },
  );

  test('INV-9 a report of exactly 1 MiB is taken', async () => {
    const head = '{"suspicion":{"observed":"';
    const raw = `${head}${'a'.repeat(1024 * 1024 - head.length - 3)}"}}`;
    expect((await fixture.press(undefined, { raw })).statusCode).toBe(202);
  });
});

describe('whose press it is', () => {
  const degraded = async (reportId: string): Promise<boolean | undefined> => {
    const { rows } = await fixture.database.pool.query<{ auth_degraded: boolean }>(
      'select auth_degraded from reports where report_id = $1',
      [reportId],
    );
    return rows[0]?.auth_degraded;
  };
  const pressed = async (options: Parameters<Fixture['press']>[1]): Promise<boolean | undefined> => {
    const answer = await fixture.press(aReport(), options);
    expect(answer.statusCode).toBe(202);
    return degraded(answer.json<Answer>().reportId);
  };

  test('assertion and ticket together are a whole credential', async () => {
    expect(await pressed({})).toBe(false);
  });

  test.each([
    ['a ticket alone', { assertion: null }],
    ['an assertion alone', { ticket: null }],
    ['a ticket of another press', { ticket: { pressId: 'press-of-somebody' } }],
    ['an assertion that is nonsense beside a good ticket', { assertion: 'a.b.c' }],
  ])('%s is enough, and flagged', async (_name, options) => {
    expect(await pressed(options)).toBe(true);
  });

  test('INV-9 a ticket past its time is taken and flagged', async () => {
    const nowSeconds = Math.floor(fixture.clock.now() / 1000);
    expect(await pressed({ assertion: null, ticket: { iat: nowSeconds - 80_000, exp: nowSeconds - 40_000 } })).toBe(true);
  });

  test('INV-9 an assertion past its time is taken and flagged', async () => {
    const late = await fixture.assertion('report:create', { now: fixture.clock.now() - 3_600_000 });
    expect(await pressed({ assertion: late, ticket: null })).toBe(true);
  });
});

describe('the only refusals', () => {
  async function refusal(options: Parameters<Fixture['press']>[1] & { body?: unknown }, status: number, code: string): Promise<void> {
    const before = await counts();
    const answer = await fixture.press(options.body ?? aReport(), options);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(await counts()).toEqual(before);
  }

  test('no credential at all', async () => {
    await refusal({ assertion: null, ticket: null }, 401, 'ZD_ERR_TOKEN_INVALID');
  });

  test('a credential signed by a party that is no pinned gateway', async () => {
    const { parties, clock } = fixture;
    const assertion = await signAssertion({
      keys: parties.police,
      audience: 'relay:yunxi',
      scope: 'report:create',
      facility: FACILITY,
      lifetimeSeconds: 60,
      now: clock.now(),
    });
    await refusal({ assertion, ticket: null }, 401, 'ZD_ERR_TOKEN_INVALID');
  });

  test('a credential of another facility, for another relay, or without the scope', async () => {
    const { parties, clock } = fixture;
    const base = { keys: parties.gateway, scope: 'report:create', lifetimeSeconds: 60, now: clock.now() };
    for (const options of [
      { ...base, audience: 'relay:yunxi', facility: '91440299MA5DEM0009' },
      { ...base, audience: 'relay:other', facility: FACILITY },
      { ...base, audience: 'relay:yunxi' },
      { ...base, audience: 'relay:yunxi', facility: FACILITY, scope: 'report:read' },
    ]) {
      await refusal({ assertion: await signAssertion(options), ticket: null }, 401, 'ZD_ERR_TOKEN_INVALID');
    }
    await refusal({ assertion: null, ticket: { facility: '91440299MA5DEM0009' } }, 401, 'ZD_ERR_TOKEN_INVALID');
  });

  test('a credential past its time by more than three days', async () => {
    const late = await fixture.assertion('report:create', { now: fixture.clock.now() - 73 * 3_600_000 });
    await refusal({ assertion: late, ticket: null }, 401, 'ZD_ERR_TOKEN_INVALID');
  });

  test('an unsigned token, and one with a symmetric algorithm', async () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const nowSeconds = Math.floor(fixture.clock.now() / 1000);
    const claims = encode({
      iss: 'gateway:yunxi',
      aud: 'relay:yunxi',
      scope: 'report:create',
      facility: FACILITY,
      mode: 'test',
      iat: nowSeconds,
      exp: nowSeconds + 60,
      jti: 'x',
    });
    for (const alg of ['none', 'HS256', 'EdDSA']) {
      const kid = fixture.parties.gateway.signingKey.kid;
      await refusal(
        { assertion: `${encode({ alg, typ: 'zhida-assertion+jwt', kid })}.${claims}.`, ticket: null },
        401,
        'ZD_ERR_TOKEN_INVALID',
      );
      await refusal(
        { assertion: `${encode({ alg, typ: 'zhida-assertion+jwt', kid })}.${claims}.${encode('signature')}`, ticket: null },
        401,
        'ZD_ERR_TOKEN_INVALID',
      );
    }
  });

  test('a body that is no JSON object', async () => {
    for (const raw of ['', 'null', '[1]', '{', 'hello']) await refusal({ raw }, 400, 'ZD_ERR_INPUT_UNREADABLE');
  });

  test('a body over 1 MiB', async () => {
    await refusal({ raw: `{"a":"${'a'.repeat(1024 * 1024)}"}` }, 413, 'ZD_ERR_INPUT_TOO_LARGE');
  });

  test('no idempotency key', async () => {
    const { 'idempotency-key': _none, ...headers } = await fixture.headers();
    const answer = await fixture.relay.app.inject({ method: 'POST', url: '/v1/reports', headers, payload: JSON.stringify(aReport()) });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'ZD_ERR_IDEMPOTENCY_KEY_MISSING']);
  });

  test.each(['production', 'training', 'exercise', 'anything'])('INV-16 a report of mode %s at a test relay', async (mode) => {
    await refusal({ body: aReport({ mode }) }, 422, 'ZD_ERR_MODE_REFUSED');
  });
});

test('INV-16 a ticket of another mode cannot even be signed with test keys, and keys of the other mode make no relay', async () => {
  const { parties } = fixture;
  await expect(fixture.headers({ ticket: { mode: 'production' } })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  await expect(fixture.another({ mode: 'production' })).rejects.toMatchObject({ code: 'ZD_ERR_MODE_REFUSED' });
  expect(parties.relay.mode).toBe('test');
  await expect(signTicket({} as never, parties.gateway)).rejects.toBeInstanceOf(Error);
});
