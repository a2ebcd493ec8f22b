import { createSealer, verifyAttestation } from '@zhida/signing';
import { canaries, findCanaries } from '@zhida/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture, STATION, withStation } from './support/fixture.js';
import { postFeedback, postReceipt } from './support/receipts.js';
import { answers, type Arrival, stores } from './support/scripted-agency.js';

const MINUTE = 60_000;

let fixture: Fixture;
beforeEach(async () => {
  fixture = await makeFixture({ relay: withStation });
});
afterEach(async () => fixture.close());

const handover = {
  handedTo: '值班民警 警号000123',
  handedAt: '2026-11-22T20:32:00+08:00',
  how: 'telephone',
  incidentNumber: 'J440299-0007',
};

async function press(): Promise<{ police: Arrival; stationDelivery: string; reportId: string }> {
  fixture.police.behave = answers(500);
  await fixture.press();
  await fixture.relay.drain();
  const police = fixture.police.arrivals[0];
  if (police === undefined) throw new Error('nothing arrived');
  const { reportId } = police.claims;
  const status = await fixture.relay.ledger.status(FACILITY, reportId);
  const station = status?.lines.find(({ recipient }) => recipient.party === STATION.party);
  return { police, reportId, stationDelivery: station?.deliveryId ?? '' };
}

async function stateOf(reportId: string, deliveryId: string): Promise<unknown> {
  const status = await fixture.relay.ledger.status(FACILITY, reportId);
  const line = status?.lines.find((candidate) => candidate.deliveryId === deliveryId);
  return { state: line?.state, attested: line?.attestedAt !== null, headline: status?.headline };
}

describe('INV-5 an attestation', () => {
  test('INV-5 is taken for a recipient without a system, signed by the relay over the operator’s account, and shown as nothing else', async () => {
    const { reportId, stationDelivery } = await press();
    expect(await stateOf(reportId, stationDelivery)).toEqual({ state: 'open', attested: false, headline: 'submitted' });
    const answer = await fixture.operate('POST', `/v1/deliveries/${stationDelivery}/attest`, handover, 'duty-7');
    expect(answer.statusCode).toBe(200);
    expect(await stateOf(reportId, stationDelivery)).toEqual({ state: 'attested', attested: true, headline: 'attested' });

    const row = await fixture.database.db
      .selectFrom('receipts')
      .selectAll()
      .where('delivery_id', '=', stationDelivery)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ kind: 'attestation', stage: 'attested', via: 'operator', jws: null, issuer: 'relay:yunxi' });
    const key = await fixture.database.db
      .selectFrom('data_keys')
      .select('wrapped')
      .where('report_id', '=', reportId)
      .where('purpose', '=', 'report')
      .executeTakeFirstOrThrow();
    const sealer = createSealer(fixture.parties.relay.masterKey);
    const jws = Buffer.from(
      sealer.open(sealer.unwrap(key.wrapped), row.jws_sealed ?? Buffer.alloc(0), `${row.receipt_id}:attestation`),
    ).toString();
    const claims = await verifyAttestation(jws, { trusted: fixture.parties.relay.trusted, self: fixture.parties.relay });
    expect(claims).toMatchObject({
      sub: 'duty-7',
      recipient: STATION.party,
      how: 'telephone',
      incidentNumber: 'J440299-0007',
      reportId,
      deliveryId: stationDelivery,
    });
  });

  test('INV-5 for a recipient with a system is refused before its 30-minute rung, taken after it, and the report is sent on', async () => {
    const { police, reportId } = await press();
    const url = `/v1/deliveries/${police.claims.deliveryId}/attest`;
    fixture.clock.advance(29 * MINUTE);
    await fixture.relay.escalateOnce();
    expect((await fixture.operate('POST', url, handover)).json()).toMatchObject({ status: 409, code: 'ZD_ERR_CONFLICT', at: 'rung' });
    fixture.clock.advance(MINUTE);
    await fixture.relay.escalateOnce();
    expect((await fixture.operate('POST', url, handover)).statusCode).toBe(200);
    expect(await stateOf(reportId, police.claims.deliveryId)).toMatchObject({ state: 'attested' });
    // Its system still owes a receipt.
    fixture.police.behave = stores;
    fixture.clock.advance(60 * MINUTE);
    await fixture.relay.drain();
    expect(await stateOf(reportId, police.claims.deliveryId)).toEqual({ state: 'stored', attested: true, headline: 'stored' });
  });

  test('INV-5 logging a telephone call is none: it moves no delivery and allows nothing', async () => {
    const { police, reportId } = await press();
    const call = {
      callId: `cal_${reportId.slice(4)}`,
      outcome: 'answered',
      at: '2026-11-22T20:31:00+08:00',
      incidentNumber: 'J440299-0007',
    };
    const headers = { authorization: `Bearer ${await fixture.assertion('report:create')}` };
    await fixture.relay.app.inject({ method: 'POST', url: `/v1/reports/${reportId}/calls`, headers, payload: JSON.stringify(call) });
    expect(await stateOf(reportId, police.claims.deliveryId)).toMatchObject({ state: 'open', attested: false });
    expect((await fixture.operate('POST', `/v1/deliveries/${police.claims.deliveryId}/attest`, handover)).statusCode).toBe(409);
  });

  test('stops the escalation of its delivery', async () => {
    const { stationDelivery } = await press();
    await fixture.operate('POST', `/v1/deliveries/${stationDelivery}/attest`, handover);
    for (const wait of [10, 20, 60]) {
      fixture.clock.advance(wait * MINUTE);
      await fixture.relay.escalateOnce();
    }
    const rows = await fixture.database.db.selectFrom('escalations').select('rung').where('delivery_id', '=', stationDelivery).execute();
    expect(rows).toEqual([]);
  });

  test('is made once, by a person with the right to operate, about a delivery of this facility that nobody has accepted', async () => {
    const { police, stationDelivery } = await press();
    const url = `/v1/deliveries/${stationDelivery}/attest`;
    const asParty = await fixture.relay.app.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${await fixture.assertion('delivery:operate')}` },
      payload: JSON.stringify(handover),
    });
    expect(asParty.json()).toMatchObject({ status: 403, at: 'sub' });
    const withoutScope = await fixture.relay.app.inject({
      method: 'POST',
      url,
      headers: { authorization: `Bearer ${await fixture.assertion('report:read', { extra: { sub: 'x' } })}` },
      payload: JSON.stringify(handover),
    });
    expect(withoutScope.statusCode).toBe(403);
    const racing = await Promise.all(Array.from({ length: 10 }, () => fixture.operate('POST', url, handover)));
    expect(racing.filter(({ statusCode }) => statusCode === 200)).toHaveLength(1);
    expect(racing.filter(({ statusCode }) => statusCode === 409)).toHaveLength(9);
    await postReceipt(fixture, police, { stage: 'accepted' });
    expect((await fixture.operate('POST', `/v1/deliveries/${police.claims.deliveryId}/attest`, handover)).json()).toMatchObject({
      status: 409,
      at: 'state',
    });
    expect((await fixture.operate('POST', '/v1/deliveries/dlv_00000000000000000000000000/attest', handover)).statusCode).toBe(404);
  });

  test.each([
    ['handedTo', { ...handover, handedTo: ' ' }],
    ['handedAt', { ...handover, handedAt: 'yesterday' }],
    ['handedAt', { ...handover, handedAt: '2026-11-22T21:00:00+08:00' }],
    ['how', { ...handover, how: 'pigeon' }],
  ])('without a readable %s is refused', async (at, body) => {
    const { stationDelivery } = await press();
    expect((await fixture.operate('POST', `/v1/deliveries/${stationDelivery}/attest`, body)).json()).toMatchObject({
      status: 400,
      code: 'ZD_ERR_INPUT_UNREADABLE',
      at,
    });
  });

  test('INV-11 INV-12 has its audit entry, and who took the report is neither in the log nor readable in the table', async () => {
    const { stationDelivery } = await press();
    await fixture.operate('POST', `/v1/deliveries/${stationDelivery}/attest`, {
      ...handover,
      handedTo: canaries.guardianName,
      incidentNumber: canaries.freeText,
    });
    const { rows } = await fixture.database.pool.query<{ row: string }>(
      `select convert_from(bytes, 'UTF8') as row from audit_entries union all select to_jsonb(r)::text from receipts r`,
    );
    expect(rows.some(({ row }) => row.includes('"delivery.attested"'))).toBe(true);
    expect(findCanaries(rows.map(({ row }) => row).join() + fixture.log.join())).toEqual([]);
  });
});

describe('outcomes', () => {
  test('a recipient gives the outcomes of its own kind: civil affairs release nobody, and the police grant no aid', async () => {
    fixture.civilAffairs.behave = stores;
    const { reportId } = await press();
    const { civilAffairs, police } = fixture.parties;
    expect((await postFeedback(fixture, reportId, { code: 'aid' }, civilAffairs)).statusCode).toBe(200);
    expect((await postFeedback(fixture, reportId, { code: 'release', releaseTo: ['education'] }, civilAffairs)).json()).toMatchObject({
      status: 400,
      at: 'code',
    });
    expect((await postFeedback(fixture, reportId, { code: 'aid' }, police)).json()).toMatchObject({ status: 400, at: 'code' });
  });
});
