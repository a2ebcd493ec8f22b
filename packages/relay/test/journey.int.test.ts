import { createId, isoNow } from '@zhida/core';
import { signReceipt } from '@zhida/signing';
import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture } from './support/fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
  await fixture.relay.start();
});
afterAll(async () => fixture.close());

test('a press travels to both agencies and comes back as stored, then as accepted', async () => {
  const { relay, police, civilAffairs, clock, parties } = fixture;
  const pressed = await fixture.press();
  expect(pressed.statusCode).toBe(202);
  const { reportId, number, deliveries } = pressed.json<{ reportId: string; number: string; deliveries: { deliveryId: string }[] }>();
  expect(number).toMatch(/^440299-261122-030001-\d$/);
  expect(deliveries).toHaveLength(2);

  const stored = await waitUntil(
    async () => {
      const status = await relay.ledger.status(FACILITY, reportId);
      return status?.lines.every((line) => line.state === 'stored') === true ? status : undefined;
    },
    { what: 'both agencies have stored the report' },
  );
  expect(stored.headline).toBe('stored');
  expect(police.arrivals).toHaveLength(1);
  expect(civilAffairs.arrivals).toHaveLength(1);

  const arrival = police.arrivals[0];
  if (arrival === undefined) throw new Error('no arrival');
  const accepted = await signReceipt(
    {
      v: '1',
      mode: 'test',
      iss: 'agency:police-440299',
      aud: 'relay:yunxi',
      receiptId: createId('rcp'),
      deliveryId: arrival.claims.deliveryId,
      reportId,
      sequence: 1,
      payloadSha256: arrival.payloadSha256,
      stage: 'accepted',
      agencyNumber: 'J-0001',
      transferredTo: null,
      at: isoNow(clock),
    },
    parties.police,
  );
  const posted = await relay.app.inject({
    method: 'POST',
    url: '/v1/agency/receipts',
    headers: { 'content-type': 'application/jose' },
    payload: accepted,
  });
  expect(posted.json()).toEqual({ recorded: true, repeat: false });

  const read = await relay.app.inject({
    url: `/v1/reports/${reportId}`,
    headers: { authorization: `Bearer ${await fixture.assertion('report:read')}` },
  });
  expect(read.json()).toMatchObject({ reportId, number, headline: 'accepted' });
  const run = await relay.sequencer.runOnce();
  expect(run.size).toBeGreaterThan(5);
});
