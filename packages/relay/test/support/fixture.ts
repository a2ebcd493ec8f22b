import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createId } from '@zhida/core';
import { migrate, openDatabase, type OpenDatabase } from '@zhida/database';
import { signAssertion, signTicket, type TicketClaims } from '@zhida/signing';
import { createTestDatabase, deployment, type FrozenClock, frozenClock, type TestQueue } from '@zhida/testkit';
import type { LightMyRequestResponse } from 'fastify';
import {
  createLogger,
  createRelay,
  type Relay,
  relayMigrations,
  type RelayOptions,
  type RelayProfile,
  type RelaySchema,
} from '../../src/index.js';
import type { Child } from '../../../../test/fault/support/child.js';
import { startRelayProcess } from '../../../../test/fault/support/relay-process.js';
import { makeParties, type Parties } from './parties.js';
import { type ScriptedAgency, startAgency } from './scripted-agency.js';

/** An invented hospital of the invented county 云溪县. */
export const FACILITY = '91440299MA5DEM0001';

export const profile: RelayProfile = {
  id: 'yunxi-440299',
  version: '1',
  regionCode: '440299',
  hospitalIndex: { [FACILITY]: 3 },
  recipients: [
    {
      party: 'agency:police-440299',
      kind: 'police',
      view: 'police',
      name: { zh: '县公安局110指挥中心', en: 'County police 110' },
      phone: '0000-1100110',
      system: 'push',
      priority: 1,
    },
    {
      party: 'agency:civil-affairs-440299',
      kind: 'civil-affairs',
      view: 'civil-affairs',
      name: { zh: '县民政局', en: 'Civil affairs' },
      phone: '0000-1100121',
      system: 'push',
      priority: 2,
    },
  ],
};

/** A desk without a system, for which a person's word stands in. */
export const STATION = {
  party: 'agency:station-440299100',
  kind: 'police',
  view: 'police',
  name: { zh: '城关派出所', en: 'Chengguan station' },
  system: 'no-system',
  priority: 3,
} as const;

/** What a relay takes to have the station too. */
export const withStation = { profile: { ...profile, recipients: [...profile.recipients, STATION] }, delivery: { breakerAfter: 1_000 } };

/** The agencies of the tests are on this machine. */
export const LOOPBACK = { privateNetworks: ['127.0.0.0/8'] } as const;
const endpoints = Object.fromEntries(profile.recipients.map(({ party }) => [party, LOOPBACK]));

export interface Fixture {
  readonly clock: FrozenClock;
  readonly database: OpenDatabase<RelaySchema>;
  readonly parties: Parties;
  readonly police: ScriptedAgency;
  readonly civilAffairs: ScriptedAgency;
  readonly relay: Relay;
  readonly options: RelayOptions;
  /** Every line the relay logged. */
  readonly log: string[];
  readonly queue: TestQueue;
  press(body?: unknown, options?: PressOptions): Promise<LightMyRequestResponse>;
  headers(options?: PressOptions): Promise<Record<string, string>>;
  assertion(scope: string, extra?: { facility?: string; lifetimeSeconds?: number; now?: number; extra?: { sub: string } }): Promise<string>;
  /** Asks the relay as the operator of this account. */
  operate(method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown, account?: string): Promise<LightMyRequestResponse>;
  /** Has an administrator stop sending to a party, or start again. */
  turn(party: string, to: 'disable' | 'enable', options?: { reason?: string; scope?: string }): Promise<LightMyRequestResponse>;
  /** Starts the relay, and beside it what the deployment asks for: a second process over the same ledger and queue that follows the frozen clock. */
  start(): Promise<void>;
  /** A second relay over the same ledger, as another process would be. */
  another(overrides: Partial<RelayOptions>): Promise<Relay>;
  close(): Promise<void>;
}

export interface PressOptions {
  readonly pressId?: string;
  readonly ticket?: Partial<TicketClaims> | null;
  readonly assertion?: string | null;
  readonly raw?: string | Buffer;
}

export interface FixtureOptions {
  readonly relay?: Partial<Omit<RelayOptions, 'database' | 'keys'>>;
  readonly withoutCivilAffairs?: boolean;
  readonly queue?: (databaseUrl: string) => TestQueue | Promise<TestQueue>;
}

export const NOW = '2026-11-22T20:30:00+08:00';

const TABLES = {
  name: 'relay',
  async make(url: string): Promise<void> {
    const database = openDatabase<RelaySchema>({ url });
    await migrate(database.pool, relayMigrations, { namespace: 'relay' });
    await database.close();
  },
};

/** A relay with two agencies, real keys, a database of its own, and a clock that stands still. */
export async function makeFixture(options: FixtureOptions = {}): Promise<Fixture> {
  const clock = frozenClock(NOW);
  const [police, civilAffairs, test] = [await startAgency(clock), await startAgency(clock), await createTestDatabase(TABLES)];
  const mode = options.relay?.mode ?? 'test';
  const addresses = { police: police.url, ...(options.withoutCivilAffairs === true ? {} : { civilAffairs: civilAffairs.url }) };
  const parties = await makeParties(clock, addresses, mode);
  police.keys = parties.police;
  civilAffairs.keys = parties.civilAffairs;
  const dataDirectory = await mkdtemp(join(tmpdir(), 'zhida-relay-data-'));
  const database = openDatabase<RelaySchema>({ url: test.url });
  const log: string[] = [];
  const queue = (await options.queue?.(test.url)) ?? ({ backend: 'postgres', url: test.url } as const);
  const relayOptions: RelayOptions = {
    database,
    keys: parties.relay,
    profile,
    mode,
    facilityCodes: [FACILITY],
    endpoints,
    queue,
    dataDirectory,
    listen: { host: '127.0.0.1', port: 0 },
    clock,
    random: () => 0,
    logger: createLogger({ level: 'debug', destination: { write: (line) => log.push(line) } }),
    ...options.relay,
  };
  const relay = await createRelay(relayOptions);
  const others: Relay[] = [];
  const processes: Child[] = [];

  async function startAnotherProcess(): Promise<void> {
    const { child } = await startRelayProcess(
      {
        ledgerUrl: test.url,
        applicationName: 'beside',
        keys: parties.relay.directory,
        dataDirectory,
        queue,
        delivery: { ...options.relay?.delivery },
        frozenAt: clock.now(),
      },
      (born) => processes.push(born),
    );
    clock.follow((now) => child.send({ now }));
  }

  const assertion: Fixture['assertion'] = (scope, extra = {}) =>
    signAssertion({
      keys: parties.gateway,
      audience: 'relay:yunxi',
      scope,
      facility: FACILITY,
      lifetimeSeconds: 300,
      now: clock.now(),
      ...extra,
    });

  const headers: Fixture['headers'] = async (press = {}) => {
    const pressId = press.pressId ?? `press-${createId('prs')}`;
    const issuedAt = Math.floor(clock.now() / 1000);
    const ticket: TicketClaims = {
      iss: 'gateway:yunxi',
      aud: 'relay:yunxi',
      sub: 'account-77',
      facility: FACILITY,
      encounterId: 'V0001',
      promptId: null,
      pressId,
      mode,
      purpose: 'report',
      reporter: { name: '操作员甲', role: 'doctor', staffId: 'S-77' },
      iat: issuedAt,
      exp: issuedAt + 3600,
      jti: createId('tkt'),
      ...press.ticket,
    };
    return {
      'content-type': 'application/json',
      'idempotency-key': pressId,
      ...(press.assertion === null ? {} : { authorization: `Bearer ${press.assertion ?? (await assertion('report:create report:read'))}` }),
      ...(press.ticket === null ? {} : { 'press-ticket': await signTicket(ticket, parties.gateway) }),
    };
  };

  return {
    clock,
    database,
    parties,
    police,
    civilAffairs,
    relay,
    options: relayOptions,
    log,
    queue,
    assertion,
    headers,
    async press(body = aReport(), press = {}) {
      return relay.app.inject({
        method: 'POST',
        url: '/v1/reports',
        headers: await headers(press),
        payload: press.raw ?? JSON.stringify(body),
      });
    },
    async operate(method, url, body, account = 'duty-1') {
      const headers = { authorization: `Bearer ${await assertion('delivery:operate', { extra: { sub: account } })}` };
      const payload = body === undefined ? {} : { payload: Buffer.isBuffer(body) ? body : JSON.stringify(body) };
      return relay.app.inject({ method, url, headers, ...payload });
    },
    async turn(party, to, { reason = 'maintenance', scope = 'endpoint:admin' } = {}) {
      return relay.app.inject({
        method: 'POST',
        url: `/v1/endpoints/${encodeURIComponent(party)}/${to}`,
        headers: { authorization: `Bearer ${await assertion(scope, { extra: { sub: 'admin-1' } })}` },
        payload: JSON.stringify({ reason }),
      });
    },
    async start() {
      await relay.start();
      if (deployment().relays === 2) await startAnotherProcess();
    },
    async another(overrides) {
      const other = await createRelay({ ...relayOptions, ...overrides });
      others.push(other);
      return other;
    },
    async close() {
      for (const child of processes) child.signal('SIGKILL');
      await Promise.all(processes.map((child) => child.ended));
      for (const other of others) await other.stop();
      await relay.stop();
      await database.close();
      await test.drop();
      await Promise.all([police.close(), civilAffairs.close(), parties.remove(), rm(dataDirectory, { recursive: true, force: true })]);
    },
  };
}

/** An invented report with what a press usually carries. */
export function aReport(overrides: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    schemaVersion: '1',
    kind: 'initial',
    createdAt: '2026-11-22T20:29:40+08:00',
    facility: { code: FACILITY, name: '云溪县人民医院', dutyContact: { title: '总值班', phone: '0000-1100120' } },
    patient: {
      name: '张某某',
      sex: 'female',
      birthDate: '2013-03-18',
      identifiers: [],
      address: { text: '云溪县某路', regionCode: '440299' },
    },
    whereabouts: { status: 'in-facility', place: '急诊2诊室' },
    suspicion: { situations: ['opinion-2020:4.1'], observed: '血HCG升高' },
    safety: { immediateDanger: 'unknown', safeToGoHome: 'unknown' },
    ...overrides,
  };
}
