import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fixture, makeFixture } from './support/fixture.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'zh-CN' };

describe('the gateway’s own pages', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await makeFixture({ gateway: { hisOrigins: ['http://his.example'] } });
  });
  afterAll(() => fixture.close());

  test('the launch page carries the token in its body and hosts the widget', async () => {
    const token = await fixture.clinician();
    const answer = await fixture.gateway.app.inject({ method: 'POST', url: '/launch', headers: FORM, payload: `token=${token}` });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('<zhida-prompt');
    expect(answer.body).toContain(token);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['content-security-policy']).toContain(`connect-src 'self'`);
  });

  test('without a good token is a page that says how to come in, and tells nothing', async () => {
    const answer = await fixture.gateway.app.inject({ method: 'POST', url: '/launch', headers: FORM, payload: 'token=canary' });
    expect(answer.statusCode).toBe(401);
    expect(answer.body).toContain('请从医生工作站重新打开本页');
    expect(answer.body).not.toMatch(/canary|id="session"/);
    expect(answer.headers['content-security-policy']).toContain(`default-src 'none'`);
  });

  test.each(['widget.js', 'widget.mjs', 'widget-more.js', 'widget-en.js'])('any page may load %s', async (name) => {
    const answer = await fixture.gateway.app.inject({ method: 'GET', url: `/${name}` });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['cross-origin-resource-policy']).toBe('cross-origin');
    expect(answer.body.length).toBeGreaterThan(1_000);
  });

  test('a page of a listed HIS may ask with its token and read the gateway’s time; any other learns nothing', async () => {
    const preflight = (origin: string) =>
      fixture.gateway.app.inject({
        method: 'OPTIONS',
        url: '/v1/prompts',
        headers: { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' },
      });
    expect((await preflight('http://his.example')).headers).toMatchObject({ 'access-control-allow-origin': 'http://his.example' });
    expect((await preflight('http://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
    const headers = { origin: 'http://his.example', authorization: `Bearer ${await fixture.clinician()}` };
    const answer = await fixture.gateway.app.inject({ method: 'GET', url: '/v1/prompts', headers });
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': 'http://his.example', 'access-control-expose-headers': 'date' });
  });
});
