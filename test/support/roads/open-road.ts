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
import type { Road, Weather } from './describe-road.js';

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
  close(): Promise<void>;
}

export async function openAgency(fixture: Fixture, directory: string, fetch: typeof globalThis.fetch): Promise<Agency> {
  const keys = fixture.parties.police;
  const inbox = await openFileInbox({ directory: join(directory, 'inbox'), keys, clock: fixture.clock });
  const receiver = createReceiver({ keys, inbox, clock: fixture.clock, fetch });
  return {
    receiver,
    exchanger: createExchanger({ inbox, keys, relay: 'relay:yunxi', clock: fixture.clock, fetch }),
    async close() {
      await receiver.stop();
      await inbox.close();
    },
  };
}

/** The relay's HTTP side without a socket. */
function relayFetch(fixture: Fixture, lost: () => boolean): typeof globalThis.fetch {
  return async (input, init) => {
    const { pathname, search } = new URL(addressOf(input));
    const method = init?.method === 'POST' ? 'POST' : 'GET';
    if (method === 'POST' && lost()) throw new TypeError('lost on the way');
    const headers = init?.headers as Record<string, string>;
    const payload = typeof init?.body === 'string' ? { payload: init.body } : {};
    const answer = await fixture.relay.app.inject({ method, url: pathname + search, headers, ...payload });
    return new Response(answer.body, { status: answer.statusCode });
  };
}

function addressOf(input: string | URL | Request): string {
  if (typeof input === 'string') return input;
  return input instanceof URL ? input.href : input.url;
}

export async function openPush(): Promise<Road> {
  const fixture = await makeFixture({ relay: { profile: policeBy('push'), delivery: { breakerAfter: 1_000 } } });
  const directory = await mkdtemp(join(tmpdir(), 'zhida-road-'));
  let lost = false;
  const fetch = relayFetch(fixture, () => lost);
  const agency = await openAgency(
    fixture,
    directory,
    relayFetch(fixture, () => false),
  );
  const puller = pullerOf(fixture, agency, fetch, 'attachments');
  return {
    fixture,
    receiver: agency.receiver,
    exchanger: agency.exchanger,
    async carry({ nothingBack, disorder, away } = {}) {
      fixture.police.behave = async ({ jwe }, response) => {
        if (away === true) return void response.writeHead(503).end();
        const envelope = new TextEncoder().encode(jwe);
        if (disorder === true) await agency.receiver.receiveCarried(envelope);
        const { status, contentType, body } = await agency.receiver.receiveCarried(envelope);
        response.writeHead(nothingBack === true ? 502 : status, { 'content-type': contentType }).end(nothingBack === true ? '' : body);
      };
      await fixture.relay.drain();
      lost = nothingBack === true;
      if (away !== true) await Promise.allSettled([puller.pullOnce()]);
    },
    close: () => closeAll(agency, fixture, directory),
  };
}

function pullerOf(fixture: Fixture, { receiver }: Agency, fetch: typeof globalThis.fetch, fetches: 'all' | 'attachments'): Puller {
  return createPuller({ receiver, keys: fixture.parties.police, relay: 'relay:yunxi', clock: fixture.clock, fetch, fetches });
}

export async function openPull(): Promise<Road> {
  const fixture = await makeFixture({ relay: { profile: policeBy('pull') } });
  const directory = await mkdtemp(join(tmpdir(), 'zhida-road-'));
  let weather: Weather = {};
  const fetch = relayFetch(fixture, () => weather.nothingBack === true);
  const agency = await openAgency(fixture, directory, fetch);
  const puller = pullerOf(fixture, agency, fetch, 'all');
  return {
    fixture,
    receiver: agency.receiver,
    exchanger: agency.exchanger,
    async carry(today = {}) {
      weather = today;
      await fixture.relay.sweepOnce();
      if (today.away === true) return;
      const rounds = today.disorder === true ? 2 : 1;
      // A round whose answer is lost throws; the agency begins the next one anew.
      await Promise.allSettled(Array.from({ length: rounds }, () => puller.pullOnce()));
    },
    close: () => closeAll(agency, fixture, directory),
  };
}

/** A one-way gate that shuffles, doubles and cuts what it copies. */
export async function openFerry(): Promise<Road> {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-road-'));
  const at = (name: string): string => join(directory, name);
  const [police] = profile.recipients;
  const endpoints = { [police?.party ?? '']: { ...LOOPBACK, ferry: { out: at('relay-out'), in: at('relay-in') } } };
  const fixture = await makeFixture({ relay: { profile: policeBy('push'), endpoints, delivery: { breakerAfter: 3 } } });
  const agency = await openAgency(fixture, directory, ferryFetch(at('agency-out')));
  const { receiver, exchanger } = agency;
  const exchanged = (jws: string) => exchanger.takeAnswer(jws);
  const ferry = createFerry({ receiver, in: at('agency-in'), out: at('agency-out'), exchanged, clock: fixture.clock });
  return {
    fixture,
    receiver: agency.receiver,
    exchanger: agency.exchanger,
    async carry(weather = {}) {
      await fixture.relay.drain();
      if (weather.away === true) return;
      const looks = () => ferry.ferryOnce();
      await gate(at('relay-out'), at('agency-in'), weather.disorder === true, looks);
      await looks();
      if (weather.nothingBack === true) return empty(at('agency-out'));
      await gate(at('agency-out'), at('relay-in'), weather.disorder === true, () => fixture.relay.sweepOnce());
      await fixture.relay.sweepOnce();
    },
    close: () => closeAll(agency, fixture, directory),
  };
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
