import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RelayProfile } from '@zhida/relay';
import {
  createExchanger,
  createFerry,
  createPuller,
  createReceiver,
  type Exchanger,
  ferryFetch,
  type Puller,
  type Receiver,
} from '@zhida/receiver';
import { openFileInbox } from '@zhida/receiver/file';
import { type Fixture, LOOPBACK, makeFixture, profile } from '../../../packages/relay/test/support/fixture.js';
import { waitUntil } from '@zhida/testkit';
import type { OpenRoad, Weather } from './describe-road.js';
import { liarFor } from './lies.js';

/** The police alone, reached in this way. */
export function policeBy(system: 'push' | 'pull'): RelayProfile {
  return {
    ...profile,
    recipients: profile.recipients.filter(({ kind }) => kind === 'police').map((recipient) => ({ ...recipient, system })),
  };
}

export interface Agency {
  readonly receiver: Receiver;
  readonly exchanger: Exchanger;
  /** Every envelope that has come, oldest first. */
  readonly envelopes: readonly Uint8Array[];
  /** What comes back in the place of a receipt, and when. */
  readonly told: (receipt: string, weather: Weather) => Promise<string>;
  close(): Promise<void>;
}

/**
 * A relay at work whose sweeps a test makes by hand, so that a round is whole when it ends; the queue carries every wake-up, however long
 * something has been due. Its breaker opens soon.
 */
export const BY_HAND = { sweepEveryMs: 86_400_000, overdueAfterMs: 365 * 86_400_000, breakerAfter: 3 } as const;

/** A wire on which everything waits between two rounds, so that all of a round has its weather. */
function createWire(): { pass(): Promise<Weather>; during(weather: Weather, act: () => Promise<unknown>): Promise<void> } {
  let today: Weather | undefined;
  const waiting: (() => void)[] = [];
  return {
    async pass() {
      while (today === undefined) await new Promise<void>((resolve) => waiting.push(resolve));
      return today;
    },
    async during(weather, act) {
      today = weather;
      for (const go of waiting.splice(0)) go();
      await act();
      today = undefined;
    },
  };
}

/** Sweeps until everything that is due has been tried, and what was tried is written down. */
export async function settled({ relay, database, clock }: Fixture): Promise<void> {
  const busy = async (): Promise<number | undefined> => {
    const { rows } = await database.pool.query<{ busy: number }>(
      `select count(*)::int as busy from deliveries left join endpoint_gates on party = recipient_party
       where state in ('open', 'attested') and hold_reason is null
         and (lease_until >= now() or (next_due_at <= $1 and (probe_at is null or probe_at <= $1)))`,
      [new Date(clock.now())],
    );
    return rows[0]?.busy;
  };
  const swept = async (): Promise<boolean> => {
    await relay.sweepOnce();
    return (await busy()) === 0;
  };
  await waitUntil(swept, { what: 'what is due is tried' });
}

export async function openAgency(fixture: Fixture, directory: string, fetch: typeof globalThis.fetch): Promise<Agency> {
  const keys = fixture.parties.police;
  const inbox = await openFileInbox({ directory: join(directory, 'inbox'), keys, clock: fixture.clock });
  const inner = createReceiver({ keys, inbox, clock: fixture.clock, fetch });
  const envelopes: Uint8Array[] = [];
  const liar = liarFor(fixture);
  const receiver: Receiver = {
    ...inner,
    async receive(bytes, headers) {
      envelopes.push(bytes);
      return inner.receive(bytes, headers);
    },
    async receiveCarried(bytes) {
      envelopes.push(bytes);
      return inner.receiveCarried(bytes);
    },
  };
  return {
    receiver,
    envelopes,
    async told(receipt, { lie, meanwhile }) {
      await meanwhile?.();
      return lie === undefined ? receipt : liar(lie, receipt);
    },
    exchanger: createExchanger({ inbox, keys, relay: 'relay:yunxi', clock: fixture.clock, fetch }),
    async close() {
      await receiver.stop();
      await inbox.close();
    },
  };
}

/** The relay's HTTP side without a socket. */
function relayFetch(
  fixture: Fixture,
  lost: () => boolean = () => false,
  told: (receipt: string) => Promise<string> = async (receipt) => receipt,
): typeof globalThis.fetch {
  return async (input, init) => {
    const { pathname, search } = new URL(addressOf(input));
    const method = init?.method === 'POST' ? 'POST' : 'GET';
    if (method === 'POST' && lost()) throw new TypeError('lost on the way');
    const headers = init?.headers as Record<string, string>;
    const isReceipt = method === 'POST' && pathname === '/v1/agency/receipts';
    const payload = typeof init?.body === 'string' ? { payload: isReceipt ? await told(init.body) : init.body } : {};
    const answer = await fixture.relay.app.inject({ method, url: pathname + search, headers, ...payload });
    return new Response(answer.body, { status: answer.statusCode });
  };
}

function addressOf(input: string | URL | Request): string {
  if (typeof input === 'string') return input;
  return input instanceof URL ? input.href : input.url;
}

export const openPush: OpenRoad = async (queue) => {
  const fixture = await makeFixture({ queue, relay: { profile: policeBy('push'), delivery: BY_HAND } });
  const directory = await mkdtemp(join(tmpdir(), 'zhida-road-'));
  let lost = false;
  const fetch = relayFetch(fixture, () => lost);
  const agency = await openAgency(fixture, directory, relayFetch(fixture));
  const puller = pullerOf(fixture, agency, fetch, 'attachments');
  const wire = createWire();
  fixture.police.behave = async ({ jwe }, response) => {
    const weather = await wire.pass();
    const { nothingBack, disorder, away } = weather;
    if (away === true) return void response.writeHead(503).end();
    const envelope = new TextEncoder().encode(jwe);
    if (disorder === true) await agency.receiver.receiveCarried(envelope);
    const { status, contentType, body } = await agency.receiver.receiveCarried(envelope);
    const told = nothingBack === true || status !== 200 ? '' : await agency.told(body, weather);
    response.writeHead(nothingBack === true ? 502 : status, { 'content-type': contentType }).end(told);
  };
  await fixture.relay.start();
  return {
    ...roadOf(fixture, agency, directory),
    calls: true,
    async carry(weather = {}) {
      await wire.during(weather, async () => settled(fixture));
      lost = weather.nothingBack === true;
      if (weather.away !== true) await Promise.allSettled([puller.pullOnce()]);
    },
  };
};

/** What all roads have. */
function roadOf(fixture: Fixture, agency: Agency, directory: string) {
  const { receiver, exchanger, envelopes } = agency;
  return { fixture, receiver, exchanger, envelopes, close: () => closeAll(agency, fixture, directory) };
}

function pullerOf(fixture: Fixture, { receiver }: Agency, fetch: typeof globalThis.fetch, fetches: 'all' | 'attachments'): Puller {
  return createPuller({ receiver, keys: fixture.parties.police, relay: 'relay:yunxi', clock: fixture.clock, fetch, fetches });
}

export const openPull: OpenRoad = async (queue) => {
  const fixture = await makeFixture({ queue, relay: { profile: policeBy('pull'), delivery: BY_HAND } });
  const directory = await mkdtemp(join(tmpdir(), 'zhida-road-'));
  let weather: Weather = {};
  const fetch = relayFetch(
    fixture,
    () => weather.nothingBack === true,
    async (receipt) => agency.told(receipt, weather),
  );
  const agency = await openAgency(fixture, directory, fetch);
  const puller = pullerOf(fixture, agency, fetch, 'all');
  await fixture.relay.start();
  return {
    ...roadOf(fixture, agency, directory),
    calls: false,
    async carry(today = {}) {
      weather = today;
      await settled(fixture);
      if (today.away === true) return;
      const rounds = today.disorder === true ? 2 : 1;
      // A round whose answer is lost throws; the agency begins the next one anew.
      await Promise.allSettled(Array.from({ length: rounds }, () => puller.pullOnce()));
    },
  };
};

/** A one-way gate that shuffles, doubles and cuts what it copies. */
export const openFerry: OpenRoad = async (queue) => {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-road-'));
  const at = (name: string): string => join(directory, name);
  const [police] = profile.recipients;
  const endpoints = { [police?.party ?? '']: { ...LOOPBACK, ferry: { out: at('relay-out'), in: at('relay-in') } } };
  const fixture = await makeFixture({ queue, relay: { profile: policeBy('push'), endpoints, delivery: BY_HAND } });
  const agency = await openAgency(fixture, directory, ferryFetch(at('agency-out')));
  const { receiver, exchanger } = agency;
  const exchanged = (jws: string) => exchanger.takeAnswer(jws);
  const ferry = createFerry({ receiver, in: at('agency-in'), out: at('agency-out'), exchanged, clock: fixture.clock });
  await fixture.relay.start();
  return {
    ...roadOf(fixture, agency, directory),
    calls: false,
    async carry(weather = {}) {
      await settled(fixture);
      if (weather.away === true) return;
      const looks = () => ferry.ferryOnce();
      await gate(at('relay-out'), at('agency-in'), weather.disorder === true, looks);
      await looks();
      if (weather.nothingBack === true) return empty(at('agency-out'));
      await toldInFiles(agency, at('agency-out'), weather);
      await gate(at('agency-out'), at('relay-in'), weather.disorder === true, () => fixture.relay.sweepOnce());
      await fixture.relay.sweepOnce();
    },
  };
};

async function toldInFiles({ told }: Agency, directory: string, weather: Weather): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of (await readdir(directory)).filter((file) => file.startsWith('receipts-'))) {
    const path = join(directory, name);
    await writeFile(path, await told((await readFile(path, 'utf8')).trim(), weather));
  }
}

/** Copies every file to the other side; in disorder the last first, half of each before the whole, and each twice. */
async function gate(from: string, to: string, disorder: boolean, look: () => Promise<unknown>): Promise<void> {
  await Promise.all([mkdir(from, { recursive: true }), mkdir(to, { recursive: true })]);
  const names = (await readdir(from)).filter((name) => !name.startsWith('.')).sort();
  for (const name of disorder ? names.toReversed() : names) {
    if (disorder) {
      const whole = await readFile(join(from, name));
      await writeFile(join(to, name), whole.subarray(0, Math.floor(whole.length / 2)));
      await look();
      await copyFile(join(from, name), join(to, name));
      await look();
    }
    await copyFile(join(from, name), join(to, name));
    await unlink(join(from, name));
  }
}

async function empty(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

async function closeAll(agency: Agency, fixture: Fixture, directory: string): Promise<void> {
  await agency.close();
  await fixture.close();
  await rm(directory, { recursive: true, force: true });
}
