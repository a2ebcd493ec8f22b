import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frozenClock } from '@zhida/testkit';
import { ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Channels } from '../src/his/channels.js';
import type { Chart } from '../src/his/chart.js';
import { createFhirStore, type FhirStore } from '../src/his/fhir-store.js';
import { resourcesOfChart } from '../src/his/outbound/fhir.js';
import { visitIdOf } from '../src/his/outbound/visit-id.js';
import { createHis } from '../src/his/server.js';
import { type ChartStore, openCharts } from '../src/his/store.js';

const clock = frozenClock('2026-05-08T21:40:00+08:00');
const CODE = 'code-of-the-pages';
const FHIR_CODE = 'code-of-the-interface';
let directory: string;
let app: FastifyInstance;
let charts: ChartStore;
let fhir: FhirStore;
let sent: { feed: string; chart: Chart; event: string }[];
let away: boolean;

/** The roads out of the HIS, written down instead of taken: what is beyond them has tests of its own. */
const channels: Channels = {
  async send(feed, given, event) {
    if (away) throw new ZhidaError('ZD_ERR_HTTP', 'away', { at: 'v1/encounters' });
    sent.push(...given.map((chart) => ({ feed, chart, event })));
    return given.length;
  },
  close: () => undefined,
};

beforeEach(async () => {
  clock.set('2026-05-08T21:40:00+08:00');
  directory = mkdtempSync(join(tmpdir(), 'zhida-his-'));
  charts = openCharts(directory, clock);
  fhir = createFhirStore(clock);
  [sent, away] = [[], false];
  const gateway = {
    postSnapshot: () => Promise.reject(new Error('not asked for here')),
    clinicianToken: async (account: string) => `token of ${account}`,
    administratorToken: async () => 'token of the administrator',
  };
  app = await createHis({ charts, channels, gateway, fhir, gatewayUrl: 'http://gateway.example', code: CODE, fhirCode: FHIR_CODE, clock });
});
afterEach(async () => {
  await app.close();
  rmSync(directory, { recursive: true });
});

const doctor = { cookie: `his=${CODE}; seat=D1001` };

async function page(url: string, headers: Record<string, string> = doctor) {
  const { statusCode, body, headers: answered } = await app.inject({ url, headers });
  return { status: statusCode, body, headers: answered };
}

async function save(visit: string, form: Record<string, string>) {
  return app.inject({
    method: 'POST',
    url: `/visits/${visit}`,
    headers: { ...doctor, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form).toString(),
  });
}

test('nobody comes in without the code, and no page is kept or framed', async () => {
  for (const url of ['/', '/queue', '/visits/V260508013', '/fhir/Patient']) expect((await page(url, {})).status, url).toBe(401);
  expect((await page('/fhir/Patient', doctor)).status).toBe(401);
  const { headers } = await page('/');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
});

test('the address with the code leads to one without it; a seat is chosen there', async () => {
  const first = await app.inject({ url: `/?code=${CODE}` });
  expect([first.statusCode, first.headers.location, String(first.headers['set-cookie'])]).toEqual([
    303,
    '/',
    `his=${CODE}; HttpOnly; SameSite=Strict; Path=/`,
  ]);
  expect((await page('/', { cookie: `his=${CODE}` })).body).toContain('选择岗位');
  expect((await page('/')).body).toContain('李医生');
});

describe('the list', () => {
  test('shows a seat its own department, who waits first, and every visit of the hospital on demand', async () => {
    const own = (await page('/queue?tab=own')).body;
    expect(own.match(/data-visit=/g)).toHaveLength(12);
    expect(own.indexOf('丁浩然')).toBeLessThan(own.indexOf('郑可欣'));
    expect((await page('/queue?tab=all')).body.match(/data-visit=/g)).toHaveLength(60);
  });

  test('a token is minted for the seat that signed in', async () => {
    const answer = await app.inject({ method: 'POST', url: '/widget-token', headers: { cookie: `his=${CODE}; seat=D1003` } });
    expect(answer.body).toBe('token of D1003');
    expect((await app.inject({ method: 'POST', url: '/widget-token', headers: { cookie: `his=${CODE}` } })).statusCode).toBe(401);
  });
});

describe('a chart', () => {
  test('names its patient and its visit to the widget as the gateway knows them', async () => {
    const { body } = await page('/visits/V260508013');
    const chart = charts.get('V260508013');
    expect(body).toContain(`data-patient="${chart?.patient.number}" data-visit-id="${chart === undefined ? '' : visitIdOf(chart)}"`);
    const script = (await page('/assets/his.js')).body;
    expect(script).toContain("setAttribute('visit-id', visitId)");
  });

  test('is kept and sent by its own feed when it is saved, with a higher revision', async () => {
    const answer = await save('V260508026', {
      complaint: '鼻部出血',
      exam: '无活动性出血',
      code: 'r04.000',
      diagnosis: '鼻出血',
      order: '冷敷',
      disposition: 'home',
    });
    expect(answer.body).toContain('已保存 21:40　已由接口平台送出');
    expect(sent).toMatchObject([
      {
        feed: 'snapshot',
        event: 'diagnosis',
        chart: { revision: 2, complaint: '鼻部出血', state: 'seen', disposition: 'home', orders: ['冷敷'] },
      },
    ]);
    expect(sent[0]?.chart.diagnoses).toEqual([{ code: 'R04.000', text: '鼻出血' }]);
    expect(openCharts(directory, clock).get('V260508026')).toEqual(sent[0]?.chart);
  });

  test('is kept when the gateway is away, and says so', async () => {
    away = true;
    expect((await save('V260508026', { complaint: '鼻部出血' })).body).toContain('已保存，但接口暂未送达');
    expect(charts.get('V260508026')?.complaint).toBe('鼻部出血');
  });

  test('takes back results once, at the time they came', async () => {
    const url = '/visits/V260508025/results';
    expect((await app.inject({ method: 'POST', url, headers: doctor })).body).toContain('阳性');
    await app.inject({ method: 'POST', url, headers: doctor });
    expect(charts.get('V260508025')?.results.map(({ name, at }) => [name, at])).toEqual([['尿HCG', '2026-05-08T21:40:00+08:00']]);
    expect(sent.map(({ event }) => event)).toEqual(['result', 'result']);
  });

  test('shows what was written as text, never as markup', async () => {
    const attack = '"></textarea><script>alert(1)</script>';
    const { body } = await save('V260508026', { complaint: attack, diagnosis: attack, order: attack });
    expect(body).not.toMatch(/<script|<\/textarea><script/);
  });

  test('that is not there is told so', async () => {
    expect((await page('/visits/V000000000')).status).toBe(404);
    expect((await save('V000000000', {})).statusCode).toBe(404);
    expect(sent).toEqual([]);
  });
});

test('what was saved is found again the same day; another day begins anew', async () => {
  await save('V260508013', { complaint: '改过的主诉' });
  clock.set('2026-05-08T23:59:00+08:00');
  expect(openCharts(directory, clock).get('V260508013')).toMatchObject({ complaint: '改过的主诉', revision: 2 });
  clock.set('2026-05-09T00:01:00+08:00');
  const next = openCharts(directory, clock);
  expect(next.list()).toHaveLength(60);
  expect(next.get('V260508013')).toBeUndefined();
  expect(next.get('V260509013')?.revision).toBe(1);
});

describe('the FHIR interface', () => {
  const bearer = { authorization: `Bearer ${FHIR_CODE}` };
  const search = async (query: string) => JSON.parse((await page(`/fhir/${query}`, bearer)).body);

  test('finds by patient and by change, in pages that lead to one another', async () => {
    const campus = charts.list().filter(({ feed }) => feed === 'fhir');
    for (const chart of campus) fhir.put(resourcesOfChart(chart));
    expect((await search('Encounter?_lastUpdated=ge2026-05-08T00:00:00Z')).total).toBe(10);
    expect((await search('Encounter?_lastUpdated=ge2026-05-09T00:00:00Z')).total).toBe(0);
    const first = await search(`Patient?_count=6`);
    expect(first.entry).toHaveLength(6);
    const next = new URL(first.link[0].url);
    expect((await search(`Patient${next.search}`)).entry).toHaveLength(4);
    const [chart] = campus;
    const own = await search(`DocumentReference?patient=${chart?.patient.number}`);
    expect(own.total).toBeGreaterThan(2);
  });

  test('a saved chart has a newer version', async () => {
    const [chart] = charts.list().filter(({ feed }) => feed === 'fhir');
    if (chart === undefined) throw new TypeError('no visit');
    fhir.put(resourcesOfChart(chart));
    clock.advance(60_000);
    fhir.put(resourcesOfChart({ ...chart, revision: 2 }));
    const encounter = JSON.parse((await page(`/fhir/Encounter/${chart.id}`, bearer)).body);
    expect(encounter.meta).toEqual({ versionId: '2', lastUpdated: '2026-05-08T13:41:00.000Z' });
    expect((await page('/fhir/Encounter/none', bearer)).status).toBe(404);
  });
});
