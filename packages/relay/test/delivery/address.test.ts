import { canonicalBytes } from '@zhida/core';
import { frozenClock } from '@zhida/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { attemptDelivery } from '../../src/delivery/attempt.js';
import type { Post } from '../../src/delivery/egress.js';
import { makeParties } from '../support/parties.js';

const clock = frozenClock('2026-11-22T20:30:00+08:00');
const payload = canonicalBytes({
  v: '1',
  mode: 'test',
  iss: 'relay:yunxi',
  aud: 'agency:police-440299',
  deliveryId: 'dlv_01jtbsv6h0abcdefghjkmnpqrs',
  reportId: 'rpt_01jtbsv6h0abcdefghjkmnpqrs',
  number: '440299-261122-030007-5',
  sequence: 1,
  kind: 'initial',
  view: 'police',
  createdAt: '2026-11-22T20:30:00+08:00',
  body: {},
  restricted: {},
});

test.each([
  ['https://110.test', 'https://110.test/v1/envelopes'],
  ['https://gateway.test:8443/police/zhida', 'https://gateway.test:8443/police/zhida/v1/envelopes'],
])('an agency at %s gets its envelopes below that address', async (baseUrl, expected) => {
  const parties = await makeParties(clock, { police: baseUrl });
  onTestFinished(() => parties.remove());
  const recipient = parties.relay.trusted.party('agency:police-440299');
  if (recipient === undefined) throw new TypeError('the police are pinned');
  const asked: string[] = [];
  const post: Post = async ({ url }) => {
    asked.push(url);
    return { status: 503, headers: {}, body: Buffer.alloc(0) };
  };
  const deps = { keys: parties.relay, clock, post, settings: { attemptTimeoutMs: 5_000 }, underWay: new Set<AbortController>() };
  const shipment = {
    deliveryId: 'dlv_01jtbsv6h0abcdefghjkmnpqrs',
    payload,
    recipient,
    baseUrl: recipient.baseUrl,
    permitted: [],
    forwarded: false,
  };
  await expect(attemptDelivery(deps, shipment)).resolves.toMatchObject({ status: 503 });
  expect(asked).toEqual([expected]);
});
