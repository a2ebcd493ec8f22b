import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyReceipt } from '@zhida/signing';
import { canaries, findCanaries, frozenClock } from '@zhida/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addOfficer, ENVELOPE_LIMIT_BYTES, removeOfficer } from '../src/index.js';
import { type AgencyApp, openAgencyApp } from './agency-app.js';
import { canaryReport } from './sample-report.js';

const clock = frozenClock('2026-05-03T21:10:00+08:00');
let agency: AgencyApp;
let { pair, app, code } = {} as AgencyApp;

beforeEach(async () => {
  clock.set('2026-05-03T21:10:00+08:00');
  agency = await openAgencyApp(clock);
  ({ pair, app, code } = agency);
});
afterEach(() => agency.close());

async function received(options?: Parameters<AgencyApp['receive']>[0]) {
  const letter = await agency.receive(options);
  expect(letter.answer.statusCode).toBe(200);
  return letter;
}

describe('POST /v1/envelopes', () => {
  test('answers application/jose with the receipt', async () => {
    const { claims, answer } = await received();
    expect(answer.headers['content-type']).toBe('application/jose');
    expect(await verifyReceipt(answer.body, { trusted: pair.relay.trusted, expected: { deliveryId: claims.deliveryId } })).toMatchObject({
      stage: 'stored',
    });
  });

  test('answers problem+json for everything else, and reads no more than the limit', async () => {
    const empty = await app.inject({ method: 'POST', url: '/v1/envelopes' });
    expect(empty.statusCode).toBe(401);
    expect(empty.headers['content-type']).toMatch(/^application\/problem\+json/);
    const large = await app.inject({
      method: 'POST',
      url: '/v1/envelopes',
      headers: { 'content-type': 'application/jose' },
      body: Buffer.alloc(ENVELOPE_LIMIT_BYTES + 1),
    });
    expect(large.statusCode).toBe(413);
    expect(large.json()).toMatchObject({ code: 'ZD_ERR_INPUT_TOO_LARGE', status: 413 });
  });
});

describe('the officers’ API', () => {
  async function token(): Promise<string> {
    const answer = await app.inject({ method: 'POST', url: '/v1/session', body: { officer: 'P1024', code } });
    return answer.json<{ token: string }>().token;
  }
  const bearer = async () => ({ authorization: `Bearer ${await token()}` });

  test('is closed to everybody who has not signed in', async () => {
    const { claims } = await received();
    const session = await token();
    const tampered = `${session.slice(0, 8)}${session[8] === 'A' ? 'B' : 'A'}${session.slice(9)}`;
    for (const authorization of [undefined, 'Bearer x.y', `Bearer ${tampered}`, `Basic ${session}`]) {
      for (const [method, url] of [
        ['GET', '/v1/inbox'],
        ['GET', `/v1/inbox/${claims.deliveryId}`],
        ['POST', `/v1/inbox/${claims.deliveryId}/accept`],
        ['POST', `/v1/inbox/${claims.deliveryId}/restricted/reporter`],
      ] as const) {
        const answer = await app.inject({ method, url, headers: authorization === undefined ? {} : { authorization } });
        expect([method, url, answer.statusCode]).toEqual([method, url, 401]);
        expect(findCanaries(answer.body)).toEqual([]);
      }
    }
    // A cookie is for the pages: no other site can use it here.
    expect((await app.inject({ url: '/v1/inbox', headers: { cookie: `zhida_officer=${session}` } })).statusCode).toBe(401);
  });

  test('a wrong code, an unknown officer and a strange body are one and the same refusal', async () => {
    for (const body of [{ officer: 'P1024', code: 'wrong' }, { officer: 'P9', code }, { officer: 1, code: 2 }, {}]) {
      expect((await app.inject({ method: 'POST', url: '/v1/session', body })).json()).toMatchObject({
        status: 401,
        code: 'ZD_ERR_TOKEN_INVALID',
      });
    }
  });

  test('a session ends with its time, and at once with its officer', async () => {
    const headers = await bearer();
    expect((await app.inject({ url: '/v1/inbox', headers })).statusCode).toBe(200);
    clock.advance(8 * 3600_000 - 1);
    expect((await app.inject({ url: '/v1/inbox', headers })).statusCode).toBe(200);
    clock.advance(1);
    expect((await app.inject({ url: '/v1/inbox', headers })).statusCode).toBe(401);
    const second = await bearer();
    expect(await removeOfficer(pair.agency.directory, 'P1024')).toBe(true);
    expect((await app.inject({ url: '/v1/inbox', headers: second })).statusCode).toBe(401);
  });

  test('lists without names, opens with them, accepts, feeds back', async () => {
    const { claims } = await received();
    const headers = await bearer();
    const url = `/v1/inbox/${claims.deliveryId}`;
    const list = await app.inject({ url: '/v1/inbox', headers });
    expect(list.headers['cache-control']).toBe('no-store');
    expect(findCanaries(list.body)).toEqual([]);
    expect(list.json()).toMatchObject({
      mode: 'test',
      rows: [
        {
          deliveryId: claims.deliveryId,
          priority: 'urgent',
          summary: {
            facility: '云溪县人民医院',
            sex: 'female',
            whereabouts: 'in-facility',
            companionInvolved: 'unknown',
            immediateDanger: 'yes',
          },
        },
      ],
    });
    expect((await app.inject({ url, headers })).json()).toMatchObject({ body: { patient: { name: canaries.childName } } });
    const accepted = await app.inject({ method: 'POST', url: `${url}/accept`, headers, body: { agencyNumber: 'JJ-1' } });
    expect(accepted.json()).toMatchObject({ stage: 'accepted', agencyNumber: 'JJ-1', officerId: 'P1024' });
    const again = await app.inject({ method: 'POST', url: `${url}/accept`, headers });
    expect(again.json()).toEqual(accepted.json());
    const keyed = { ...headers, 'idempotency-key': 'case-7' };
    const feedback = async (code: string) => app.inject({ method: 'POST', url: `${url}/feedback`, headers: keyed, body: { code } });
    const [filed, repeat, other] = [await feedback('filed'), await feedback('filed'), await feedback('warning-letter')];
    expect([filed.statusCode, repeat.body === filed.body, other.json<{ code: string }>().code]).toEqual([200, true, 'warning-letter']);
    // Without a key the words say which it is: said twice it is one feedback.
    const unkeyed = async (documentNumber: string) =>
      app.inject({ method: 'POST', url: `${url}/feedback`, headers, body: { code: 'case-accepted', documentNumber } });
    const [said, saidAgain, otherWords] = [await unkeyed('A1'), await unkeyed('A1'), await unkeyed('A2')];
    expect([said.statusCode, saidAgain.body === said.body, otherWords.body === said.body]).toEqual([200, true, false]);
    expect((await app.inject({ method: 'POST', url: `${url}/misdirected`, headers, body: { transferredTo: 'agency:x' } })).statusCode).toBe(
      200,
    );
  });

  test('INV-10 a restricted group needs a reason', async () => {
    const { claims } = await received();
    const headers = await bearer();
    const url = `/v1/inbox/${claims.deliveryId}/restricted/reporter`;
    expect((await app.inject({ method: 'POST', url, headers, body: {} })).json()).toMatchObject({
      status: 400,
      code: 'ZD_ERR_REASON_MISSING',
    });
    expect((await app.inject({ method: 'POST', url, headers, body: { reason: '核实' } })).json()).toMatchObject({
      value: { name: canaries.reporterName },
    });
  });

  test('refuses what it cannot read without quoting it', async () => {
    const { claims } = await received();
    const headers = await bearer();
    const accept = `/v1/inbox/${claims.deliveryId}/accept`;
    const cases = [
      { url: accept, body: { agencyNumber: canaries.childName.repeat(40) }, status: 413 },
      { url: accept, body: { agencyNumber: 7 }, status: 400 },
      { url: accept, body: [canaries.childName], status: 400 },
      { url: accept, body: `{"agencyNumber": ${canaries.childName}`, status: 400 },
      { url: '/v1/inbox/dlv_01kam0jm0000000000000000zz/accept', body: {}, status: 404 },
      { url: '/v1/inbox/..%2f..%2fetc/accept', body: {}, status: 404 },
    ];
    for (const { url, body, status } of cases) {
      const answer = await app.inject({ method: 'POST', url, headers: { ...headers, 'content-type': 'application/json' }, body });
      expect([url, answer.statusCode]).toEqual([url, status]);
      expect(findCanaries(answer.body)).toEqual([]);
    }
  });
});

describe('the officers file', () => {
  test('holds hashes in a private file; a code is shown once, and a new one replaces it', async () => {
    const file = join(pair.agency.directory, 'officers.json');
    // Windows has no such modes.
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
    const text = await readFile(file, 'utf8');
    expect(text).toContain('scrypt$32768$8$1$');
    expect(text).not.toContain(code);
    expect(text).not.toContain(code.replaceAll('-', ''));
    expect(code).toMatch(/^([2-9a-hjkmnp-z]{4}-){3}[2-9a-hjkmnp-z]{4}$/);
    const { code: next } = await addOfficer(pair.agency.directory, { id: 'P1024', name: '警员甲' });
    const signIn = async (given: string) =>
      (await app.inject({ method: 'POST', url: '/v1/session', body: { officer: 'P1024', code: given } })).statusCode;
    expect(await signIn(code)).toBe(401);
    expect(await signIn(` ${next.toUpperCase().replaceAll('-', ' ')} `)).toBe(200);
  });

  test('is refused when others may read it', async () => {
    await chmod(join(pair.agency.directory, 'officers.json'), 0o644);
    const answer = await app.inject({ method: 'POST', url: '/v1/session', body: { officer: 'P1024', code } });
    expect(answer.json()).toMatchObject({ status: 500, code: 'ZD_ERR_KEY_FILE' });
  });

  test('takes no id that could be mistaken for something else', async () => {
    for (const id of ['', 'a b', '../x', 'x'.repeat(41)]) {
      await expect(addOfficer(pair.agency.directory, { id, name: '甲' })).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
    }
    await expect(addOfficer(pair.agency.directory, { id: 'a', name: ' ' })).rejects.toMatchObject({ code: 'ZD_ERR_OPTION_INVALID' });
  });
});

describe('health', () => {
  test('says it is alive, and ready while its store answers', async () => {
    expect((await app.inject('/healthz')).json()).toEqual({ alive: true });
    expect((await app.inject('/readyz')).json()).toEqual({ ready: true, waiting: 0 });
  });
});

describe('mode', () => {
  test('INV-16 a test inbox shows its stripe on every page, also before sign-in', async () => {
    expect((await app.inject('/inbox/sign-in')).body).toContain('【测试】');
    expect(canaryReport.mode).toBe('test');
  });
});
