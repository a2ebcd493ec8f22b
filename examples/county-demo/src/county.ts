import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type EmbeddedServer, startEmbeddedPostgres } from '@zhida/database/embedded';
import type { AgencyConfig, AgencyReady } from './agency.js';
import { type Arrival, bringIn } from './arrivals.js';
import { DEMO_FEEDS } from './feeds.js';
import type { HisConfig, HisReady } from './his.js';
import type { HospitalConfig, HospitalReady } from './hospital.js';
import { introduceParties } from './introduce.js';
import { type AgencyName, type Layout, type ListenerName, PARTIES, type PartyName } from './layout.js';
import type { DemoLock } from './lock.js';
import type { DemoOptions } from './options.js';
import { requireFreePorts } from './ports.js';
import type { ProgramName } from './program.js';
import { type StartedProcess, startProcess } from './processes.js';
import type { RelayPart, ServicePart } from './relay-part.js';
import type { Steps } from './steps.js';

const DATABASES = {
  gateway: 'zhida_gateway',
  relay: 'zhida_relay',
  police: 'zhida_police',
  'civil-affairs': 'zhida_civil_affairs',
} as const;

/** The running county: one database server and four kinds of process, started and stopped in order. */
export class County {
  readonly layout: Layout;
  private readonly steps: Steps;
  private readonly lock: DemoLock;
  private readonly options: Pick<DemoOptions, 'relays' | 'redisUrl'>;
  private server: EmbeddedServer | undefined;
  private readonly processes: StartedProcess<unknown>[] = [];
  private readonly agencies = new Map<AgencyName, AgencyReady>();
  private hisReady: HisReady | undefined;
  private hospitalReady: HospitalReady | undefined;
  /** What the gateway shows to read the HIS's FHIR interface. */
  private readonly fhirCode = randomBytes(18).toString('base64url');
  private readonly stopped = new AbortController();
  private starting: Promise<void> | undefined;
  private complete = false;

  constructor(layout: Layout, steps: Steps, lock: DemoLock, options: Pick<DemoOptions, 'relays' | 'redisUrl'>) {
    this.layout = layout;
    this.steps = steps;
    this.lock = lock;
    this.options = options;
  }

  get his(): HisReady {
    if (this.hisReady === undefined) throw new TypeError('the demo HIS has not been started');
    return this.hisReady;
  }

  get hospital(): HospitalReady {
    if (this.hospitalReady === undefined) throw new TypeError('the hospital has not been started');
    return this.hospitalReady;
  }

  agency(name: AgencyName): AgencyReady {
    const ready = this.agencies.get(name);
    if (ready === undefined) throw new TypeError('this agency has not been started');
    return ready;
  }

  /** True once every process was ready. */
  get wasStarted(): boolean {
    return this.complete;
  }

  start(): Promise<void> {
    this.starting = this.startAll();
    return this.starting;
  }

  private async startAll(): Promise<void> {
    const { layout, steps } = this;
    await requireFreePorts(layout, this.listeners());
    const databases = await steps.run(
      'database: PostgreSQL of our own',
      () => this.startDatabase(),
      () => (this.server?.adopted === true ? 'found running, taken over' : `started on port ${this.server?.port}`),
    );
    await steps.run(
      'keys and trust: a folder each, fingerprints compared',
      () => introduceParties(layout),
      (how) => how,
    );
    this.stopped.signal.throwIfAborted();
    await steps.run('processes: police, civil affairs, gateway and relay, demo HIS', () =>
      allStarted([
        this.startAgency('police', databases.police),
        this.startAgency('civil-affairs', databases['civil-affairs']),
        this.startHospital(databases.gateway, databases.relay),
        this.startHis(),
      ]),
    );
    if (this.options.relays === 2) {
      await steps.run('a second relay process over the same ledger', () =>
        this.launch<RelayPart, object>('second-relay', 'second-relay', this.relayPart('second-relay', databases.relay)),
      );
    }
    this.complete = true;
  }

  /** The hospital's day, feed by feed. */
  async bringInDay(): Promise<readonly Arrival[]> {
    const arrivals: Arrival[] = [];
    for (const feed of DEMO_FEEDS) arrivals.push(await this.steps.run(feed.title, () => bringIn(this, feed), arrivalText));
    return arrivals;
  }

  async hisCall<Answer>(path: string): Promise<Answer> {
    const response = await fetch(new URL(path, this.layout.url('his')), { method: 'POST', headers: { 'x-his-code': this.his.code } });
    if (!response.ok) throw new Error(`the demo HIS answered ${response.status} to ${path}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  urls(): string {
    const inbox = (name: AgencyName): string => {
      const { id, code } = this.agency(name).officer;
      return `${this.layout.url(name)}/inbox\n                 officer ${id}, code ${code}`;
    };
    const { officer: duty } = this.hospital;
    return [
      '',
      '  TEST MODE: every patient, place and number is invented.',
      '',
      `  demo HIS       ${this.his.signInUrl}`,
      `  duty desk      ${this.layout.url('gateway')}/duty\n                 officer ${duty.id}, code ${duty.code}`,
      `  police         ${inbox('police')}`,
      `  civil affairs  ${inbox('civil-affairs')}`,
      '',
      '  In the HIS, open 苏雨晴 and press 取回结果: a prompt comes up.',
      '  Ctrl-C stops everything; the next start finds its data again.',
    ].join('\n');
  }

  /** Settles with a sentence when any process ends that nobody stopped. */
  async anyEnded(): Promise<string> {
    return Promise.race(this.processes.map(async (process) => `${process.name} ended unexpectedly (${await process.ended})`));
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    // What is still starting is waited for, so that nothing comes up after it was stopped; its failure was told already.
    await this.starting?.catch(() => {});
    // Those who send stop before those who receive, and the database last.
    for (const process of this.processes.splice(0).reverse()) await process.stop();
    const server = this.server;
    this.server = undefined;
    await server?.stop();
  }

  private async startDatabase(): Promise<Record<keyof typeof DATABASES, string>> {
    const server = await startEmbeddedPostgres({
      directory: join(this.layout.root, 'postgres'),
      stateFile: join(this.layout.root, 'database.json'),
      signal: this.stopped.signal,
    });
    this.server = server;
    const entries = await Promise.all(
      Object.entries(DATABASES).map(
        async ([name, database]) => [name, (await server.ensureDatabase({ database, role: database })).url] as const,
      ),
    );
    return Object.fromEntries(entries) as Record<keyof typeof DATABASES, string>;
  }

  private async launch<Config extends object, Ready>(name: string, program: ProgramName, config: Config): Promise<Ready> {
    const started = await startProcess<Config, Ready>(name, program, config, this.layout.log(name), (pid) => this.lock.addChild(pid));
    this.processes.push(started);
    return started.ready;
  }

  private async startAgency(name: AgencyName, databaseUrl: string): Promise<void> {
    const config: AgencyConfig = { name, databaseUrl, keys: this.layout.keys(name), port: this.layout.port(name) };
    this.agencies.set(name, await this.launch<AgencyConfig, AgencyReady>(name, 'agency', config));
  }

  private async startHospital(gatewayUrl: string, relayUrl: string): Promise<void> {
    this.hospitalReady = await this.launch<HospitalConfig, HospitalReady>('hospital', 'hospital', {
      gateway: this.part('gateway', 'gateway', gatewayUrl),
      relay: this.relayPart('relay', relayUrl),
      feeds: {
        gb18030Port: this.layout.port('mllp-gb18030'),
        utf8Port: this.layout.port('mllp-utf8'),
        fhirUrl: `${this.layout.url('his')}/fhir`,
        fhirCode: this.fhirCode,
        rowsFolder: this.layout.rows,
      },
      hisOrigin: this.layout.url('his'),
    });
  }

  private relayPart(listener: 'relay' | 'second-relay', databaseUrl: string): RelayPart {
    const { redisUrl } = this.options;
    const queue =
      redisUrl === undefined ? ({ backend: 'postgres', url: databaseUrl } as const) : ({ backend: 'redis', url: redisUrl } as const);
    return { ...this.part('relay', listener, databaseUrl), queue };
  }

  private part(name: 'gateway' | 'relay', listener: ListenerName, databaseUrl: string): ServicePart {
    return { databaseUrl, keys: this.layout.keys(name), data: this.dataFolder(name), port: this.layout.port(listener) };
  }

  private listeners(): ListenerName[] {
    const listeners: ListenerName[] = [...(Object.keys(PARTIES) as PartyName[]), 'mllp-gb18030', 'mllp-utf8'];
    return this.options.relays === 2 ? [...listeners, 'second-relay'] : listeners;
  }

  private async startHis(): Promise<void> {
    const { layout } = this;
    const config: HisConfig = {
      keys: layout.keys('his'),
      data: this.dataFolder('his'),
      port: layout.port('his'),
      gatewayUrl: layout.url('gateway'),
      mllp: { gb18030: layout.port('mllp-gb18030'), utf8: layout.port('mllp-utf8') },
      dropFolder: layout.rows,
      fhirCode: this.fhirCode,
    };
    this.hisReady = await this.launch<HisConfig, HisReady>('his', 'his', config);
  }

  private dataFolder(name: 'gateway' | 'relay' | 'his'): string {
    const folder = this.layout.data(name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return folder;
  }
}

/** Waits for every one before it complains of the first: a party that comes up late must be known, to be stopped again. */
async function allStarted(starts: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(starts)) if (outcome.status === 'rejected') throw outcome.reason;
}

/** `77 messages received, 16 visits assessed, 0 set aside; red 1, orange 1, as expected`. */
function arrivalText({ visits, messages, setAside, red, orange }: Arrival): string {
  return `${messages} messages received, ${visits.length} visits assessed, ${setAside} set aside; red ${red}, orange ${orange}, as expected`;
}
