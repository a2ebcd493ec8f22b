import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json } from '@zhida/core';
import { openDatabase, type OpenDatabase } from '@zhida/database';
import { nationalRulePack, sampleCountyProfile } from '@zhida/packs';
import { type KeyMode, signAssertion } from '@zhida/signing';
import { createTestDatabase, type FrozenClock, frozenClock } from '@zhida/testkit';
import type { LightMyRequestResponse } from 'fastify';
import type pg from 'pg';
import { pino } from 'pino';
import {
  createGateway,
  type Gateway,
  type GatewayFacility,
  type GatewayOptions,
  type GatewaySchema,
  type PromptView,
} from '../../src/index.js';
import { makeParties, type Parties } from './parties.js';
import { type ScriptedRelay, startRelay, takes } from './scripted-relay.js';

export const NOW = '2026-11-22T20:30:00+08:00';

export const FACILITY: GatewayFacility = {
  code: Object.keys(sampleCountyProfile.hospitalIndex)[0] ?? '',
  name: '云溪县人民医院',
  regionCode: '440299',
  address: '云溪县城关镇人民路1号',
  dutyContact: { title: '总值班', phone: '0000-5550100' },
};

export interface Assessed {
  readonly encounterId: string;
  readonly revision: number | null;
  readonly level: string;
  readonly inputSha256: string;
  readonly indications: readonly { readonly ruleId: string; readonly level: string }[];
  readonly issues: readonly { readonly code: string; readonly at: string }[];
}

export interface Fixture {
  readonly clock: FrozenClock;
  readonly database: OpenDatabase<GatewaySchema>;
  readonly parties: Parties;
  readonly relay: ScriptedRelay;
  readonly gateway: Gateway;
  readonly options: GatewayOptions;
  readonly url: string;
  /** Every line the gateway logged. */
  readonly log: string[];
  readonly dataDirectory: string;
  /** A client assertion of the HIS; what is given replaces a claim or the key. */
  assertion(overrides?: AssertionOverrides): Promise<string>;
  clinician(account?: string, overrides?: AssertionOverrides): Promise<string>;
  token(assertion: string): Promise<LightMyRequestResponse>;
  feed(): Promise<string>;
  /** Posts a visit as it is: an object as JSON, a string or bytes raw. */
  post(visit: unknown, contentType?: string): Promise<LightMyRequestResponse>;
  /** Posts a visit and expects an Assessment. */
  send(visit: unknown): Promise<Assessed>;
  prompts(account?: string, overrides?: AssertionOverrides): Promise<PromptView[]>;
  act(id: string, act: string, body?: unknown, account?: string): Promise<LightMyRequestResponse>;
  press(prompt: Pick<PromptView, 'ticket' | 'pressId' | 'prefill'>, options?: PressOptions): Promise<LightMyRequestResponse>;
  /** Actions of the audit log, in the order they were committed. */
  actions(): Promise<string[]>;
  rows<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]>;
  /** Empties the gateway's tables (the audit log stays) and puts clock and relay back, for the next test of a file. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export interface AssertionOverrides {
  readonly audience?: string;
  readonly scope?: string;
  readonly facility?: string;
  readonly lifetimeSeconds?: number;
  readonly now?: number;
  readonly extra?: Readonly<Record<string, Json>>;
  readonly keys?: Parties['his'];
}

export interface PressOptions {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface FixtureOptions {
  readonly settings?: GatewayOptions['settings'];
  readonly gateway?: Partial<GatewayOptions>;
  readonly pool?: (url: string) => pg.Pool;
  readonly relayTrusted?: boolean;
  /** @defaultValue test */
  readonly mode?: KeyMode;
}

/** A gateway on real PostgreSQL with real keys, a scripted relay, and a clock that stands still. */
export async function makeFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const clock = frozenClock(NOW);
  const [test, parties] = [await createTestDatabase(), await makeParties(clock, options.mode)];
  const relay = await startRelay(clock, () => parties.relay);
  if (options.relayTrusted !== false) await parties.introduce(parties.relay, parties.gateway, relay.url);
  const pool = options.pool?.(test.url);
  const database = openDatabase<GatewaySchema>({ url: test.url, ...(pool === undefined ? {} : { pool }) });
  const dataDirectory = await mkdtemp(join(tmpdir(), 'zhida-gateway-data-'));
  const log: string[] = [];
  const gatewayOptions: GatewayOptions = {
    database,
    keys: parties.gateway,
    relayParty: parties.relay.party,
    facility: FACILITY,
    profile: sampleCountyProfile,
    pack: nationalRulePack,
    dataDirectory,
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    logger: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
    settings: { relayAnswerMs: 400, outboxSweepMs: 20, reminderSweepMs: 20, streamPollMs: 40, ...options.settings },
    ...options.gateway,
  };
  const gateway = await createGateway(gatewayOptions);
  await gateway.start();
  const calls = callsOf({ gateway, parties, clock });
  return {
    clock,
    database,
    parties,
    relay,
    gateway,
    options: gatewayOptions,
    url: addressOf(gateway),
    log,
    dataDirectory,
    ...calls,
    async actions() {
      const { rows } = await database.pool.query<{ bytes: Buffer }>('select bytes from audit_entries order by xid, id');
      return rows.map(({ bytes }) => (JSON.parse(bytes.toString('utf8')) as { action: string }).action);
    },
    async rows<Row extends pg.QueryResultRow>(sql: string) {
      return (await database.pool.query<Row>(sql)).rows;
    },
    async reset() {
      await database.pool.query(
        `delete from drafts; delete from prompt_answers; delete from prompt_told; delete from prompt_events; delete from prompt_encounters; delete from prompts; delete from encounters; delete from presses;
         delete from feed_messages; delete from feed_files; delete from folded_visits; delete from desk_handovers`,
      );
      clock.set(NOW);
      Object.assign(relay, { behave: takes(), statusCode: 200 });
      for (const list of [relay.arrivals, relay.calls, relay.events, relay.resumed, log]) list.length = 0;
    },
    async close() {
      await gateway.stop();
      await database.close();
      await test.drop();
      await Promise.all([relay.close(), parties.remove(), rm(dataDirectory, { recursive: true, force: true })]);
    },
  };
}

function addressOf(gateway: Gateway): string {
  const address = gateway.app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the gateway does not listen');
  return `http://127.0.0.1:${address.port}`;
}

type Calls = Pick<Fixture, 'assertion' | 'clinician' | 'token' | 'feed' | 'post' | 'send' | 'prompts' | 'act' | 'press'>;

function callsOf({ gateway, parties, clock }: Pick<Fixture, 'gateway' | 'parties' | 'clock'>): Calls {
  const assertion: Calls['assertion'] = ({ keys = parties.his, ...overrides } = {}) =>
    signAssertion({
      keys,
      audience: parties.gateway.party,
      scope: 'encounter:write',
      facility: FACILITY.code,
      lifetimeSeconds: 300,
      now: clock.now(),
      ...overrides,
    });
  const clinician: Calls['clinician'] = (account = 'D1001', { extra, ...overrides } = {}) =>
    assertion({
      scope: 'prompt:answer report:read.own',
      lifetimeSeconds: 900,
      extra: { sub: account, name: '李医生', role: 'doctor', staffId: account, ...extra },
      ...overrides,
    });
  const token: Calls['token'] = (client_assertion) =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion,
        scope: 'encounter:write',
      }).toString(),
    });
  const feed: Calls['feed'] = async () => (await token(await assertion())).json<{ access_token: string }>().access_token;
  const post: Calls['post'] = async (visit, contentType = 'application/json') =>
    gateway.app.inject({
      method: 'POST',
      url: '/v1/encounters',
      headers: { 'content-type': contentType, authorization: `Bearer ${await feed()}` },
      payload: typeof visit === 'string' || Buffer.isBuffer(visit) ? visit : JSON.stringify(visit),
    });
  return {
    assertion,
    clinician,
    token,
    feed,
    post,
    async send(visit) {
      const answer = await post(visit);
      if (answer.statusCode !== 200) throw new Error(`the visit was answered ${answer.statusCode} ${answer.body}`);
      return answer.json<Assessed>();
    },
    async prompts(account, overrides) {
      const headers = { authorization: `Bearer ${await clinician(account, overrides)}` };
      const answer = await gateway.app.inject({ method: 'GET', url: '/v1/prompts', headers });
      if (answer.statusCode !== 200) throw new Error(`the list was answered ${answer.statusCode} ${answer.body}`);
      return answer.json<{ prompts: PromptView[] }>().prompts;
    },
    async act(id, act, body, account) {
      const headers = { authorization: `Bearer ${await clinician(account)}`, 'content-type': 'application/json' };
      return gateway.app.inject({
        method: 'POST',
        url: `/v1/prompts/${id}/${act}`,
        headers,
        ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
    },
    async press(prompt, { body = JSON.stringify({ ...prompt.prefill, createdAt: NOW }), headers = {} } = {}) {
      const all = { 'content-type': 'application/json', 'press-ticket': prompt.ticket, 'idempotency-key': prompt.pressId, ...headers };
      const given = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
      return gateway.app.inject({ method: 'POST', url: '/v1/reports', headers: given, payload: body });
    },
  };
}

/** The only prompt there is. */
export function only<Item>(items: readonly Item[]): Item {
  const [first] = items;
  if (items.length !== 1 || first === undefined) throw new Error(`expected one, there are ${items.length}`);
  return first;
}
