import { createHmac } from 'node:crypto';
import { signAssertion } from '@zhida/signing';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feedTokenSchema } from '../src/routes/schemas.js';
import { FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { ordinaryVisit } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());

const MINUTE_MS = 60_000;

function withHeader(jwt: string, change: (header: Record<string, unknown>) => Record<string, unknown>): string {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const read = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as Record<string, unknown>;
  return [Buffer.from(JSON.stringify(change(read))).toString('base64url'), payload, signature].join('.');
}

/** Every way a client assertion or a clinician's token can be wrong. */
async function wrongTokens(right: (overrides?: Parameters<Fixture['assertion']>[0]) => Promise<string>): Promise<[string, string][]> {
  const { parties, clock } = fixture;
  const stranger = await parties.keysOf('his:stranger', 'his');
  const namesake = await parties.keysOf('his:yunxi', 'his');
  const good = await right();
  const [header = '', payload = '', signature = ''] = good.split('.');
  const publicKey = parties.his.signingKey.privateKey.export({ format: 'jwk' }).x ?? '';
  const hsHeader = Buffer.from('{"alg":"HS256","typ":"zhida-assertion+jwt"}').toString('base64url');
  return [
    ['no token at all', ''],
    ['no JWT', 'canary.canary'],
    [
      'an unsigned one',
      `${withHeader(good, () => ({ alg: 'none' }))
        .split('.')
        .slice(0, 2)
        .join('.')}.`,
    ],
    ['one with another algorithm', withHeader(good, (read) => ({ ...read, alg: 'ES256' }))],
    [
      'one signed with the public key as a secret',
      `${hsHeader}.${payload}.${createHmac('sha256', publicKey).update(`${hsHeader}.${payload}`).digest('base64url')}`,
    ],
    ['one of another type', withHeader(good, (read) => ({ ...read, typ: 'JWT' }))],
    ['one with an unknown key id', withHeader(good, (read) => ({ ...read, kid: 'unknown' }))],
    [
      'one whose claims were changed',
      [
        header,
        Buffer.from(Buffer.from(payload, 'base64url').toString('utf8').replace('"test"', '"Test"')).toString('base64url'),
        signature,
      ].join('.'),
    ],
    ['one past its time', await right({ now: clock.now() - 20 * MINUTE_MS })],
    ['one from the future', await right({ now: clock.now() + 20 * MINUTE_MS })],
    ['one for another party', await right({ audience: 'relay:yunxi' })],
    ['one for another facility', await right({ facility: '91350100M000100Y43' })],
    ['one of a party nobody pinned', await right({ keys: stranger })],
    ['one of a party with the same name and other keys', await right({ keys: namesake })],
    ['one a gateway has signed', await right({ keys: parties.neighbour })],
  ];
}

describe('the token endpoint', () => {
  test('gives a feed token of at most 15 minutes for a good client assertion', async () => {
    const answer = await fixture.token(await fixture.assertion());
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(Value.Check(feedTokenSchema, answer.json())).toBe(true);
    expect(answer.json()).toMatchObject({ token_type: 'Bearer', expires_in: 900, scope: 'encounter:write' });
  });

  test('answers every wrong assertion with one and the same 401', async () => {
    const bodies = new Map<string, string>();
    for (const [what, token] of await wrongTokens((overrides) => fixture.assertion(overrides))) {
      const answer = await fixture.token(token);
      expect(answer.statusCode, what).toBe(401);
      expect(answer.headers['www-authenticate'], what).toBe('Bearer');
      bodies.set(answer.body, what);
    }
    expect([...bodies.keys()]).toHaveLength(1);
    expect([...bodies.keys()][0]).toContain('ZD_ERR_TOKEN_INVALID');
  });

  test('refuses a good assertion of another scope as not allowed', async () => {
    const answer = await fixture.token(await fixture.assertion({ scope: 'prompt:answer' }));
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'ZD_ERR_SCOPE_MISSING']);
  });

  test('grants nothing but client_credentials', async () => {
    const answer = await fixture.gateway.app.inject({
      method: 'POST',
      url: '/v1/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: `grant_type=password&client_assertion=${await fixture.assertion()}`,
    });
    expect([answer.statusCode, answer.json<{ at: string }>().at]).toEqual([400, 'grant_type']);
  });
});

describe('a feed token', () => {
  async function withToken(token: string): Promise<number> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const payload = JSON.stringify(ordinaryVisit());
    return (await fixture.gateway.app.inject({ method: 'POST', url: '/v1/encounters', headers, payload })).statusCode;
  }

  test('opens the door for 15 minutes by the gateway’s clock, and not longer', async () => {
    const token = await fixture.feed();
    expect(await withToken(token)).toBe(200);
    fixture.clock.advance(14 * MINUTE_MS);
    expect(await withToken(token)).toBe(200);
    fixture.clock.advance(MINUTE_MS);
    expect(await withToken(token)).toBe(401);
  });

  test('is no assertion, and neither an assertion nor a press ticket nor the relay’s assertion is one', async () => {
    const { parties } = fixture;
    const own = await signAssertion({
      keys: parties.gateway,
      audience: parties.gateway.party,
      scope: 'encounter:write',
      facility: FACILITY.code,
      lifetimeSeconds: 300,
    });
    expect(await withToken(await fixture.assertion())).toBe(401);
    expect(await withToken(own)).toBe(401);
    expect((await fixture.token(await fixture.feed())).statusCode).toBe(401);
  });

  test('changed in one place, of another algorithm, or missing is one 401', async () => {
    const token = await fixture.feed();
    const wrong = [
      '',
      `${token.slice(0, -3)}AAA`,
      withHeader(token, (header) => ({ ...header, alg: 'HS256' })),
      withHeader(token, (header) => ({ ...header, alg: 'none' })),
      withHeader(token, (header) => ({ ...header, typ: 'JWT' })),
    ];
    for (const candidate of wrong) expect(await withToken(candidate)).toBe(401);
    const none = await fixture.gateway.app.inject({ method: 'POST', url: '/v1/encounters', payload: '{}' });
    expect(none.statusCode).toBe(401);
  });

  test('of a party whose trust was withdrawn is out at once', async () => {
    const other = await makeFixture();
    const token = await other.feed();
    const { rm } = await import('node:fs/promises');
    await rm(`${other.parties.gateway.directory}/trust/his_yunxi.json`);
    await other.parties.gateway.trusted.reload();
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await other.gateway.app.inject({ method: 'POST', url: '/v1/encounters', headers, payload: '{"id":"V1"}' });
    await other.close();
    expect(answer.statusCode).toBe(401);
  });
});

describe('a clinician’s token', () => {
  async function list(token: string): Promise<{ status: number; body: string }> {
    const answer = await fixture.gateway.app.inject({ method: 'GET', url: '/v1/prompts', headers: { authorization: `Bearer ${token}` } });
    return { status: answer.statusCode, body: answer.body };
  }

  test('reads prompts; every wrong one is the same 401 at every door', async () => {
    expect((await list(await fixture.clinician())).status).toBe(200);
    const refusals = new Set<string>();
    const asClinician: Fixture['assertion'] = (overrides) => fixture.clinician('D1001', overrides);
    for (const [what, token] of await wrongTokens(asClinician)) {
      const answer = await list(token);
      expect(answer.status, what).toBe(401);
      refusals.add(answer.body);
      for (const url of ['/v1/prompts/events', '/v1/prompts/prm_x', '/v1/reports/rpt_x', '/v1/reports/rpt_x/events']) {
        const door = await fixture.gateway.app.inject({ method: 'GET', url, headers: { authorization: `Bearer ${token}` } });
        expect([door.statusCode, door.body]).toEqual([401, answer.body]);
      }
    }
    expect(refusals.size).toBe(1);
  });

  test('that names no account, or an account that is no name, is refused', async () => {
    for (const sub of ['his:yunxi', '', 'D\u0000', 'D\n1', 'x'.repeat(129)]) {
      const status = (await list(await fixture.clinician('D1001', { extra: { sub } })).catch(() => ({ status: 401 }))).status;
      expect(status).toBe(401);
    }
  });

  test('of one scope does not open the other’s door', async () => {
    const reader = await fixture.clinician('D1001', { scope: 'report:read.own' });
    expect((await list(reader)).status).toBe(403);
    const answerer = await fixture.clinician('D1001', { scope: 'prompt:answer' });
    const answer = await fixture.gateway.app.inject({
      method: 'GET',
      url: '/v1/reports/x',
      headers: { authorization: `Bearer ${answerer}` },
    });
    expect(answer.statusCode).toBe(403);
  });
});
