import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Chart } from '../chart.js';
import { texts } from '../locales/zh-cn.js';
import type { ChartEvent } from '../outbound/snapshot.js';
import { chartForm, type Notice } from '../pages/chart-form.js';
import { clockText } from '../pages/format.js';
import { queueRows, type Tab, TABS, visitsUnder } from '../pages/queue.js';
import { signInPage, workstationPage } from '../pages/workstation.js';
import { type Seat, SEATS, seatOf } from '../roster.js';
import { savedChart, withResults } from '../save.js';
import type { HisDeps } from '../server.js';

const ASSETS = { 'his.css': 'text/css; charset=utf-8', 'his.js': 'text/javascript; charset=utf-8' } as const;
const HTML = 'text/html; charset=utf-8';

type VisitRoute = { Params: { visit: string }; Body: URLSearchParams };

/** The doctor's pages. The chart is swapped in place, so that a page outlives many patients, as in a real HIS. */
export function pageRoutes(app: FastifyInstance, deps: HisDeps): void {
  const { charts, clock, gatewayUrl } = deps;
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('content-security-policy', policy(gatewayUrl)).header('cache-control', 'no-store');
  });
  for (const [name, type] of Object.entries(ASSETS)) {
    const file = readFileSync(join(import.meta.dirname, '..', 'pages', 'assets', name));
    app.get(`/assets/${name}`, (_request, reply) => reply.type(type).send(file));
  }
  signInRoutes(app, deps);
  app.get<{ Querystring: { code?: string; visit?: string } }>('/', async (request, reply) => {
    if (request.query.code !== undefined) return reply.header('set-cookie', cookie('his', deps.code)).redirect('/', 303);
    const seat = seatIn(request);
    if (seat === undefined) return reply.type(HTML).send(signInPage());
    const own = visitsUnder('own', charts.list(), seat);
    const selected = charts.get(request.query.visit ?? '') ?? own.find(({ state }) => state === 'seeing');
    return reply.type(HTML).send(workstationPage({ seat, charts: charts.list(), selected, nowMs: clock.now(), gatewayUrl }));
  });
  app.get<{ Querystring: { tab?: Tab; selected?: string } }>('/queue', async (request, reply) => {
    const tab = TABS.find((name) => name === request.query.tab) ?? 'own';
    const rows = queueRows(visitsUnder(tab, charts.list(), requireSeat(request)), request.query.selected, clock.now());
    return reply.type(HTML).send(rows.toString());
  });
  // The widget's tokens: minted for the seat that signed in, never for whoever asks.
  app.post('/widget-token', async (request) => deps.gateway.clinicianToken(requireSeat(request).account));
  chartRoutes(app, deps);
}

function signInRoutes(app: FastifyInstance, _deps: HisDeps): void {
  app.post<{ Body: URLSearchParams }>('/sign-in', async (request, reply) => {
    const seat = seatOf(request.body.get('account') ?? '');
    return reply.header('set-cookie', cookie('seat', seat.account)).redirect('/', 303);
  });
  app.post('/sign-out', async (_request, reply) => reply.header('set-cookie', `${cookie('seat', '')}; Max-Age=0`).redirect('/', 303));
}

function chartRoutes(app: FastifyInstance, deps: HisDeps): void {
  const { charts, clock } = deps;
  app.get<VisitRoute>('/visits/:visit', async (request, reply) => sendChart(reply, deps, charts.get(request.params.visit)));
  app.post<VisitRoute>('/visits/:visit', async (request, reply) => {
    const chart = charts.get(request.params.visit);
    if (chart === undefined) return sendChart(reply, deps, undefined);
    return keepAndSend(reply, deps, savedChart(chart, request.body, clock.now()), 'diagnosis');
  });
  app.post<VisitRoute>('/visits/:visit/results', async (request, reply) => {
    const chart = charts.get(request.params.visit);
    if (chart === undefined) return sendChart(reply, deps, undefined);
    return keepAndSend(reply, deps, withResults(chart, clock.now()), 'result');
  });
}

/** Saving never waits for the gateway's opinion, and a gateway that is away never keeps a doctor from saving. */
async function keepAndSend(reply: FastifyReply, deps: HisDeps, chart: Chart, event: ChartEvent): Promise<FastifyReply> {
  deps.charts.put(chart);
  try {
    await deps.channels.send(chart.feed, [chart], event);
    return await sendChart(reply, deps, chart, { text: texts.saved(clockText(chart.savedAt), texts.feeds[chart.feed]), failed: false });
  } catch (error) {
    if (!isZhidaError(error) && !(error instanceof TypeError)) throw error;
    return sendChart(reply, deps, chart, { text: texts.saveFailed, failed: true });
  }
}

async function sendChart(reply: FastifyReply, { clock }: HisDeps, chart: Chart | undefined, notice?: Notice): Promise<FastifyReply> {
  if (chart === undefined) return reply.code(404).type(HTML).send(`<p class="pick">${texts.queue.empty}</p>`);
  return reply.type(HTML).send(chartForm(chart, clock.now(), notice).toString());
}

function seatIn(request: FastifyRequest): Seat | undefined {
  const account = /(?:^|; )seat=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
  return SEATS.find((seat) => seat.account === account);
}

function requireSeat(request: FastifyRequest): Seat {
  const seat = seatIn(request);
  if (seat === undefined) throw Object.assign(new Error('nobody has signed in'), { statusCode: 401 });
  return seat;
}

function cookie(name: string, value: string): string {
  return `${name}=${value}; HttpOnly; SameSite=Strict; Path=/`;
}

/** The page speaks to itself and to the gateway, and runs the gateway's widget: nothing else. */
function policy(gatewayUrl: string): string {
  return `default-src 'none'; script-src 'self' ${gatewayUrl}; style-src 'self' 'unsafe-inline'; connect-src 'self' ${gatewayUrl}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
}
