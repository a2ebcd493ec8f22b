import type { KeyMode } from '@zhida/signing';
import { canaries, findCanaries, frozenClock } from '@zhida/testkit';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReceiver, receiverPlugin } from '../src/index.js';
import { type AgencyApp, openAgencyApp } from './agency-app.js';
import { canaryReport } from './sample-report.js';

const clock = frozenClock('2026-05-03T21:10:00+08:00');
let agency: AgencyApp;
let { pair, app, code } = {} as AgencyApp;

async function open(mode?: KeyMode): Promise<void> {
  agency = await openAgencyApp(clock, mode);
  ({ pair, app, code } = agency);
}
beforeEach(async () => {
  clock.set('2026-05-03T21:10:00+08:00');
  await open();
});
afterEach(() => agency.close());

async function received(options?: Parameters<AgencyApp['receive']>[0]) {
  return (await agency.receive(options)).claims;
}

interface Browser {
  get(
    url: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: string; location: string | undefined; headers: Record<string, unknown> }>;
  /** Sends a form with the hidden field of the page it stands on. */
  submit(
    url: string,
    fields: Record<string, string>,
    page: string,
  ): Promise<{ status: number; body: string; location: string | undefined }>;
  cookie: string;
}

async function signIn(): Promise<Browser> {
  const answer = await form('/inbox/sign-in', { officer: 'P1024', code }, {});
  expect(answer.statusCode).toBe(303);
  const [cookie = ''] = String(answer.headers['set-cookie']).split(';');
  return {
    cookie,
    get: async (url, headers = {}) => {
      const page = await app.inject({ url, headers: { cookie, ...headers } });
      return { status: page.statusCode, body: page.body, location: page.headers.location, headers: page.headers };
    },
    submit: async (url, fields, page) => {
      const formToken = /name="formToken" value="([^"]+)"/.exec(page)?.[1] ?? '';
      const { statusCode, body, headers } = await form(url, { ...fields, formToken }, { cookie });
      return { status: statusCode, body, location: headers.location };
    },
  };
}

function form(url: string, fields: Record<string, string>, headers: Record<string, string>) {
  return app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

describe('signing in', () => {
  test('sets a cookie no script reads and no other site sends; over TLS it is Secure', async () => {
    const answer = await form('/inbox/sign-in', { officer: 'P1024', code }, {});
    expect(answer.headers.location).toBe('/inbox');
    expect(answer.headers['set-cookie']).toMatch(/^zhida_officer=[^;]+; Path=\/inbox; Max-Age=28800; HttpOnly; SameSite=Strict$/);
    const proxied = fastify({ trustProxy: true });
    await proxied.register(receiverPlugin, {
      receiver: createReceiver({ keys: pair.agency, inbox: agency.inbox, clock }),
      keys: pair.agency,
      clock,
    });
    const body = new URLSearchParams({ officer: 'P1024', code }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-proto': 'https' };
    expect((await proxied.inject({ method: 'POST', url: '/inbox/sign-in', headers, body })).headers['set-cookie']).toMatch(/; Secure$/);
    await proxied.close();
  });

  test('a wrong code stays on the page; a form of another site is refused', async () => {
    const wrong = await form('/inbox/sign-in', { officer: 'P1024', code: 'wrong' }, {});
    expect([wrong.statusCode, wrong.headers['set-cookie']]).toEqual([401, undefined]);
    expect(wrong.body).toContain('工号或口令不对');
    for (const origin of ['https://elsewhere.example', 'null']) {
      expect((await form('/inbox/sign-in', { officer: 'P1024', code }, { origin })).statusCode).toBe(401);
    }
    expect((await form('/inbox/sign-in', { officer: 'P1024', code }, { origin: 'http://localhost', host: 'localhost' })).statusCode).toBe(
      303,
    );
  });

  test('every page leads to sign-in first', async () => {
    const { deliveryId } = await received();
    for (const url of ['/inbox', `/inbox/${deliveryId}`]) {
      const answer = await app.inject(url);
      expect([answer.statusCode, answer.headers.location]).toEqual([303, '/inbox/sign-in']);
    }
    const browser = await signIn();
    const page = (await browser.get('/inbox')).body;
    expect(await browser.submit('/inbox/sign-out', {}, page)).toMatchObject({ status: 303, location: '/inbox/sign-in' });
  });
});

describe('the list', () => {
  test('shows what an officer needs to act and no name', async () => {
    await received();
    clock.advance(60_000);
    const { body, headers } = await (await signIn()).get('/inbox');
    const text = textOf(body);
    for (const words of ['紧急', '4分钟', '云溪县人民医院', '女13岁', '在院', '陪同人是否涉事不清楚', '眼下有危险', '已签收 21:10'])
      expect(text).toContain(words);
    expect(findCanaries(body)).toEqual([]);
    expect(/<title>([^<]*)<\/title>/.exec(body)?.[1]).toBe('(1) 待办事项');
    expect(String(headers['content-security-policy'])).toContain("script-src 'none'");
    expect(body).not.toMatch(/<script|style=|onclick/);
  });

  test('speaks English when asked, and remembers it', async () => {
    await received();
    const browser = await signIn();
    const asked = await browser.get('/inbox?lang=en');
    expect(textOf(asked.body)).toContain('Not clear whether the companion is involved');
    expect(asked.headers['set-cookie']).toContain('zhida_lang=en');
    expect((await browser.get('/inbox', { cookie: `${browser.cookie}; zhida_lang=en` })).body).toContain('<html lang="en">');
    expect((await browser.get('/inbox', { 'accept-language': 'fr, en-GB;q=0.8, zh;q=0.5' })).body).toContain('<html lang="en">');
    expect((await browser.get('/inbox?lang=fr')).body).toContain('<html lang="zh-CN">');
  });

  test('puts English marks into an English report', async () => {
    const companions = [{ relationship: '', name: 'A', mayBeInvolved: 'unknown', attitude: 'refuses' }];
    const { deliveryId } = await received({ report: { ...canaryReport, companions } });
    const { body } = await (await signIn()).get(`/inbox/${deliveryId}?lang=en`);
    expect(textOf(body)).toContain('may be involved: not known');
    expect(body.slice(0, body.indexOf('id="sent"'))).not.toMatch(/(involved|attitude|Child)：/);
  });
});

describe('a report', () => {
  test('begins with whom to call and whom not, and ends with everything that was sent', async () => {
    const { deliveryId } = await received();
    const { body } = await (await signIn()).get(`/inbox/${deliveryId}`);
    const order = [
      'id="contact"',
      'id="where"',
      'id="who"',
      'id="what"',
      'id="danger"',
      'id="evidence"',
      'id="restricted"',
      'id="sent"',
    ].map((id) => body.indexOf(id));
    expect(order.every((position) => position > 0)).toBe(true);
    expect([...order].sort((left, right) => left - right)).toEqual(order);
    const text = textOf(body);
    for (const words of ['总值班 0000-1200000', '不要拨打', '便衣', '女警', canaries.childName, canaries.doctorsNote, '05-04 09:00'])
      expect(text).toContain(words);
    for (const value of [canaries.reporterName, canaries.reporterPhone]) expect(body).not.toContain(value);
    expect(text).toContain('patient.address.text');
  });

  test('is accepted in two clicks without a number, and says 已签收 and 已受理 apart', async () => {
    const { deliveryId } = await received();
    const browser = await signIn();
    const before = await browser.get(`/inbox/${deliveryId}`);
    expect(textOf(before.body)).toContain('已签收 21:10，等待受理');
    expect(textOf(before.body)).not.toContain('已受理');
    expect(await browser.submit(`/inbox/${deliveryId}/accept`, {}, before.body)).toMatchObject({
      status: 303,
      location: `/inbox/${deliveryId}`,
    });
    const after = await browser.get(`/inbox/${deliveryId}`);
    expect(textOf(after.body)).toContain('已受理 21:10');
    expect(after.body).not.toContain('/accept"');
    expect((await browser.get('/inbox')).body).not.toContain('<title>(1)');
    expect(
      await browser.submit(`/inbox/${deliveryId}/feedback`, { code: 'filed', documentNumber: '云公立字7号' }, after.body),
    ).toMatchObject({ status: 303 });
    expect(textOf((await browser.get(`/inbox/${deliveryId}`)).body)).toContain('立案 云公立字7号');
  });

  test('INV-10 shows the reporter to a form with a reason, on a page that is not kept', async () => {
    const { deliveryId } = await received();
    const browser = await signIn();
    const { body } = await browser.get(`/inbox/${deliveryId}`);
    const without = await browser.submit(`/inbox/${deliveryId}/restricted/reporter`, { reason: ' ' }, body);
    expect([without.status, textOf(without.body).includes('请填写事由')]).toEqual([400, true]);
    const opened = await browser.submit(`/inbox/${deliveryId}/restricted/reporter`, { reason: '核实现场' }, body);
    expect(opened.status).toBe(200);
    expect(opened.body).toContain(canaries.reporterName);
    expect((await agency.inbox.trail(deliveryId)).map(({ action }) => action)).toEqual([
      'delivery.stored',
      'delivery.opened',
      'restricted.opened',
    ]);
  });

  test('a form without the token of its session does nothing', async () => {
    const { deliveryId } = await received();
    const browser = await signIn();
    for (const formToken of ['', 'x', browser.cookie]) {
      const answer = await form(`/inbox/${deliveryId}/accept`, { formToken }, { cookie: browser.cookie });
      expect(answer.statusCode).toBe(401);
    }
    expect((await agency.inbox.find(deliveryId))?.receipts).toHaveLength(1);
  });

  test('a feedback form sent twice is one feedback; other words, and the same words of a new page, are others', async () => {
    const { deliveryId } = await received();
    const browser = await signIn();
    const shown = async (): Promise<{ body: string; key: string; given: number }> => {
      const { body } = await browser.get(`/inbox/${deliveryId}`);
      const key = /name="key" value="([^"]+)"/.exec(body)?.[1] ?? '';
      return { body, key, given: (await agency.inbox.find(deliveryId))?.feedback.length ?? 0 };
    };
    const send = (page: { body: string; key: string }, fields: Record<string, string>) =>
      browser.submit(`/inbox/${deliveryId}/feedback`, { code: 'filed', ...fields, key: page.key }, page.body);
    const first = await shown();
    const clicks = await Promise.all([send(first, { reason: '已立案' }), send(first, { reason: '已立案' })]);
    expect(clicks.map(({ status }) => status)).toEqual([303, 303]);
    const second = await shown();
    expect([second.given, second.key === first.key]).toEqual([1, false]);
    // Of the page the browser went back to.
    await send(first, { reason: '又查明一人' });
    await send(second, { reason: '已立案' });
    expect((await shown()).given).toBe(3);
    expect(await agency.inbox.waiting()).toBe(3);
  });

  test('an error notice says to stop, and is answered by stopping', async () => {
    const { deliveryId } = await received({
      report: { ...canaryReport, kind: 'error-notice' },
      claims: { kind: 'error-notice', sequence: 2 },
    });
    const browser = await signIn();
    const { body } = await browser.get(`/inbox/${deliveryId}`);
    expect(textOf(body)).toContain('本报告对象有误，请立即停止使用并签收');
    expect(body).not.toContain('/accept"');
    await browser.submit(`/inbox/${deliveryId}/stopped-using`, {}, body);
    expect(textOf((await browser.get(`/inbox/${deliveryId}`)).body)).toContain('已停止使用 21:10');
  });

  test('INV-16 an exercise in a production inbox is marked in its row and on every page of it', async () => {
    await agency.close();
    await open('production');
    const real = await received({ claims: { mode: 'production' }, report: { ...canaryReport, mode: 'production' } });
    const exercise = await received({ claims: { mode: 'exercise' }, report: { ...canaryReport, mode: 'exercise' } });
    const browser = await signIn();
    const list = (await browser.get('/inbox')).body;
    expect(list.match(/【演练】/g)).toHaveLength(1);
    expect(list).not.toContain('class="stripe"');
    expect((await browser.get(`/inbox/${real.deliveryId}`)).body).not.toContain('【');
    const page = (await browser.get(`/inbox/${exercise.deliveryId}`)).body;
    expect(page).toContain('<p class="stripe" data-mode="exercise">【演练】');
    const group = await browser.submit(`/inbox/${exercise.deliveryId}/restricted/reporter`, { reason: '演练' }, page);
    expect(group.body).toContain('<p class="stripe" data-mode="exercise">【演练】');
  });

  test('what a hospital wrote is text, never markup', async () => {
    const attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>';
    const { deliveryId } = await received({
      report: {
        ...canaryReport,
        patient: { name: attack, sex: attack },
        facility: { code: 'x', name: attack },
        suspicion: { observed: attack, situations: [attack] },
      },
      claims: { number: attack, kind: attack },
    });
    const browser = await signIn();
    for (const url of ['/inbox', `/inbox/${deliveryId}`, '/inbox?lang="><script>']) {
      const { body } = await browser.get(url);
      expect(body).not.toMatch(/<script|<img/);
    }
    expect(textOf((await browser.get('/inbox')).body)).toContain('警员<甲>');
  });

  test('a body of another schema still opens, with everything listed', async () => {
    const { deliveryId } = await received({
      claims: { body: { patient: 7, companions: 'x', evidence: [null, 3], later: { field: ['新内容'] } } },
    });
    const { status, body } = await (await signIn()).get(`/inbox/${deliveryId}`);
    expect(status).toBe(200);
    expect(textOf(body)).toContain('later.field[0] 新内容');
    expect(textOf(body)).toContain('未注明，请先联系医院总值班');
  });

  test('one that is not there is a page that says so', async () => {
    const { status, body } = await (await signIn()).get('/inbox/dlv_01kam0jm0000000000000000aa');
    expect([status, textOf(body).includes('没有这份报告')]).toEqual([404, true]);
  });
});

/** What a reader sees. */
function textOf(markup: string): string {
  return markup
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\s+/g, ' ');
}
