import { createId } from '@zhida/core';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signAssertion } from '@zhida/signing';
import { deployment, describeWithRedis } from '@zhida/testkit';
import { expect, test } from 'vitest';
import { type BackendUnderTest, postgresBackend, redisBackend } from '../support/roads/backends.js';
import { describeRoad } from '../support/roads/describe-road.js';
import { describeWakeUps } from '../support/roads/describe-wake-ups.js';
import { openForward } from '../support/roads/open-forward.js';
import { openFerry, openPull, openPush } from '../support/roads/open-road.js';

const ROADS = { push: openPush, 'agency pull': openPull, 'file ferry': openFerry, 'relay to relay': openForward };

/** The one contract of delivery: what every road promises, and how each backend wakes it. */
function describeRoads(backend: BackendUnderTest): void {
  describeWakeUps(backend);
  for (const [name, open] of Object.entries(ROADS)) describeRoad(name, open, backend);
}

// Asked for two processes, each backend runs in its own cell of the matrix.
const { queue, relays } = deployment();
if (queue === 'postgres') describeRoads(postgresBackend);
if (queue === 'redis' || relays === 1) describeWithRedis('the other backend', () => describeRoads(redisBackend));

const fromLedger = (url: string) => ({ backend: 'postgres', url }) as const;

test('an inbox is its own agency’s: without a credential, or with one for something else, there is none', async () => {
  const road = await openPull(fromLedger);
  try {
    await road.fixture.press();
    const ask = (token: string) =>
      road.fixture.relay.app.inject({ url: '/v1/agency/inbox', headers: { authorization: `Bearer ${token}` } });
    const { clock, parties } = road.fixture;
    const base = { audience: 'relay:yunxi', lifetimeSeconds: 300, now: clock.now() };
    expect((await road.fixture.relay.app.inject({ url: '/v1/agency/inbox' })).statusCode).toBe(401);
    expect((await ask(await signAssertion({ ...base, keys: parties.gateway, scope: 'inbox:read' }))).statusCode).toBe(401);
    expect(
      (await ask(await signAssertion({ ...base, keys: parties.police, scope: 'inbox:read', now: clock.now() - 3_600_000 }))).statusCode,
    ).toBe(401);
    expect((await ask(await signAssertion({ ...base, keys: parties.police, scope: 'report:read' }))).statusCode).toBe(403);
    const other = await ask(await signAssertion({ ...base, keys: parties.civilAffairs, scope: 'inbox:read' }));
    expect(other.json()).toEqual({ deliveries: [], next: null });
    const own = await ask(await signAssertion({ ...base, keys: parties.police, scope: 'inbox:read' }));
    expect(own.json<{ deliveries: unknown[] }>().deliveries).toHaveLength(1);
  } finally {
    await road.close();
  }
});

test('a ferried file that no copy can mend is set aside for a person, and one still being copied is waited for', async () => {
  const road = await openFerry(fromLedger);
  try {
    const { fixture } = road;
    await fixture.press();
    await road.carry();
    const [row] = await road.receiver.list();
    const relayIn = fixture.options.endpoints?.['agency:police-440299']?.ferry?.in ?? '';
    await mkdir(relayIn, { recursive: true });
    await writeFile(join(relayIn, 'receipts-half.jws'), 'eyJhbGciOiJFZERTQSJ9.eyJ2');
    await writeFile(join(relayIn, `${createId('dlv')}.txt`), 'not ours');
    await fixture.relay.sweepOnce();
    expect(await readdir(relayIn)).toContain('receipts-half.jws');
    fixture.clock.advance(11 * 60_000);
    await fixture.relay.sweepOnce();
    expect(await readdir(relayIn)).not.toContain('receipts-half.jws');
    expect(await readdir(join(relayIn, 'refused'))).toEqual(['receipts-half.jws']);
    expect(row?.stages).toEqual(['stored']);
  } finally {
    await road.close();
  }
});
