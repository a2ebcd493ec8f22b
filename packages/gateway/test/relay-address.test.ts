import { frozenClock } from '@zhida/testkit';
import { expect, onTestFinished, test } from 'vitest';
import type { GatewayContext } from '../src/context.js';
import { createRelayClient } from '../src/relay-client.js';
import { makeParties } from './support/parties.js';

const clock = frozenClock('2026-11-22T20:30:00+08:00');

test.each([
  ['http://127.0.0.1:7411', 'http://127.0.0.1:7411'],
  ['https://county.test/hospital/relay/', 'https://county.test/hospital/relay'],
])('a relay at %s is called below that address', async (baseUrl, expected) => {
  const parties = await makeParties(clock);
  onTestFinished(() => parties.remove());
  await parties.introduce(parties.relay, parties.gateway, baseUrl);
  const asked: string[] = [];
  const fetch = (async (url: string | URL) => {
    asked.push(String(url));
    return new Response('{}', { status: 202 });
  }) as typeof globalThis.fetch;
  const context = { keys: parties.gateway, relayParty: parties.relay.party, facility: { code: 'facility-1' }, clock, fetch };
  const relay = createRelayClient(context as unknown as GatewayContext);
  const signal = AbortSignal.timeout(5_000);
  await relay.postReport({ body: new Uint8Array(), ticket: 'a.b.c', pressId: 'prs_1' }, signal);
  await relay.getReport('../../else?where', signal);
  expect(asked).toEqual([`${expected}/v1/reports`, `${expected}/v1/reports/..%2F..%2Felse%3Fwhere`]);
});
