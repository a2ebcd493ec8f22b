import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@zhida/database';
import { createPuller } from '@zhida/receiver';
import { createRelay, type RelayOptions, type RelaySchema } from '@zhida/relay';
import { createKeyDirectory, type KeyDirectory } from '@zhida/signing';
import { createTestDatabase, frozenClock } from '@zhida/testkit';
import type { FastifyInstance } from 'fastify';
import { type Fixture, LOOPBACK, makeFixture, NOW } from '../../../packages/relay/test/support/fixture.js';
import type { OpenRoad, Weather } from './describe-road.js';
import { BY_HAND, openAgency, policeBy, settled } from './open-road.js';

const POLICE = 'agency:police-440299';
const HOSPITAL = 'relay:yunxi';
const COUNTY = 'relay:county';
const UNUSED = 'http://127.0.0.1:9';

/** A hospital's relay that reaches the police through the county's: three real services, with wires instead of sockets between them. */
export const openForward: OpenRoad = async (queue) => {
  let weather: Weather = {};
  let county: FastifyInstance | undefined;
  // The hospital's wire ends at the county, whatever the agency's address is.
  const post: RelayOptions['post'] = async (outgoing) => {
    const answer = await injected(county, outgoing);
    if (weather.nothingBack === true && answer.status === 200) throw new TypeError('lost on the way');
    return answer;
  };
  const endpoints = { [POLICE]: { ...LOOPBACK, via: COUNTY } };
  const fixture = await makeFixture({ queue, relay: { profile: policeBy('push'), endpoints, post, delivery: BY_HAND } });
  const directory = await mkdtemp(join(tmpdir(), 'zhida-road-'));
  const keys = await meet(fixture, directory);
  // What an agency knows of the hospital's relay is its address at the county.
  const viaCounty: typeof globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const answer = await injected(county, {
      url,
      method: init?.method === 'POST' ? 'POST' : 'GET',
      headers: { ...(init?.headers as Record<string, string>) },
      body: typeof init?.body === 'string' ? init.body : '',
    });
    return new Response(new Uint8Array(answer.body), { status: answer.status });
  };
  const agency = await openAgency(fixture, directory, viaCounty);
  const { receiver } = agency;
  const puller = createPuller({
    receiver,
    keys: fixture.parties.police,
    relay: HOSPITAL,
    clock: fixture.clock,
    fetch: viaCounty,
    fetches: 'attachments',
  });
  const database = await createTestDatabase();
  const open = openDatabase<RelaySchema>({ url: database.url });
  const other = await createRelay({
    ...fixture.options,
    database: open,
    keys,
    queue: await queue(database.url),
    dataDirectory: join(directory, 'county'),
    endpoints: {},
    post: async (outgoing) => {
      if (outgoing.url.endsWith('/v1/envelopes')) return toAgency(outgoing);
      if (weather.nothingBack === true && outgoing.method !== 'GET') throw new TypeError('lost on the way');
      return injected(fixture.relay.app, outgoing);
    },
  });
  county = other.app;
  await fixture.relay.start();

  async function toAgency({ headers, body }: { headers: Readonly<Record<string, string>>; body: string }) {
    if (weather.away === true) return { status: 503, headers: {}, body: Buffer.alloc(0) };
    const bytes = Buffer.from(body);
    if (weather.disorder === true) await receiver.receive(bytes, headers);
    const answer = await receiver.receive(bytes, headers);
    const told = answer.status === 200 ? await agency.told(answer.body, weather) : answer.body;
    return { status: answer.status, headers: { 'content-type': answer.contentType }, body: Buffer.from(told) };
  }

  return {
    fixture,
    receiver,
    exchanger: agency.exchanger,
    envelopes: agency.envelopes,
    calls: false,
    async carry(today = {}) {
      weather = today;
      await settled(fixture);
      await other.forwardOnce();
      if (today.away !== true) await Promise.allSettled([puller.pullOnce()]);
      await other.forwardOnce();
    },
    async close() {
      await other.stop();
      await open.close();
      await database.drop();
      await agency.close();
      await fixture.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

/** The county's relay knows both sides; the police know the hospital's relay at the county's address. */
async function meet({ parties }: Fixture, directory: string): Promise<KeyDirectory> {
  const clock = frozenClock(NOW);
  const keys = await createKeyDirectory(join(directory, 'county-keys'), { party: COUNTY, role: 'relay', mode: 'test', clock });
  await parties.introduce(keys, parties.relay, UNUSED);
  await parties.introduce(keys, parties.police, UNUSED);
  await parties.introduce(parties.relay, keys, UNUSED);
  await parties.introduce(parties.police, keys, UNUSED);
  await parties.introduce(parties.civilAffairs, keys, UNUSED);
  await parties.introduce(parties.relay, parties.police, `${UNUSED}/v1/via/${HOSPITAL}`);
  return keys;
}

interface Sent {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

async function injected(app: FastifyInstance | undefined, { url, method = 'POST', headers, body }: Sent) {
  if (app === undefined) throw new TypeError('the other end is not there yet');
  const { pathname, search } = new URL(url);
  const payload = method === 'GET' ? {} : { payload: body };
  const answer = await app.inject({ method, url: pathname + search, headers: { ...headers }, ...payload });
  return { status: answer.statusCode, headers: answer.headers as Record<string, string>, body: answer.rawPayload };
}
