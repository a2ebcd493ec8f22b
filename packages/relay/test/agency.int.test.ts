import { sign } from 'node:crypto';
import { dayRoot, type DayReceipt } from '@zhida/audit-log';
import { createId, isoNow } from '@zhida/core';
import { type FeedbackClaims, type ReceiptClaims, signExchange, signFeedback, signReceipt } from '@zhida/signing';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { answers, type Arrival, stores } from './support/scripted-agency.js';

let fixture: Fixture;
beforeAll(async () => {
  // Agencies fail in turn here; the breaker has tests of its own.
  fixture = await makeFixture({ relay: { delivery: { breakerAfter: 1_000 } } });
});
afterAll(async () => fixture.close());

/** A report the police have seen; `answered` says whether they have also receipted it. */
async function seen(answered: boolean): Promise<Arrival> {
  fixture.police.behave = answered ? stores : answers(500);
  fixture.police.arrivals.length = 0;
  await fixture.press();
  await fixture.relay.drain();
  const arrival = fixture.police.arrivals[0];
  if (arrival === undefined) throw new Error('nothing arrived');
  return arrival;
}

async function post(path: string, jws: string): Promise<LightMyRequestResponse> {
  return fixture.relay.app.inject({ method: 'POST', url: path, headers: { 'content-type': 'application/jose' }, payload: jws });
}

function receipt(arrival: Arrival, overrides: Partial<ReceiptClaims> = {}, keys = fixture.parties.police): Promise<string> {
  const claims: ReceiptClaims = {
    v: '1',
    mode: 'test',
    iss: keys.party,
    aud: 'relay:yunxi',
    receiptId: createId('rcp'),
    deliveryId: arrival.claims.deliveryId,
    reportId: arrival.claims.reportId,
    sequence: 1,
    payloadSha256: arrival.payloadSha256,
    stage: 'stored',
    agencyNumber: null,
    transferredTo: null,
    at: isoNow(fixture.clock),
    ...overrides,
  };
  return signReceipt(claims, keys);
}

async function line(arrival: Arrival): Promise<Record<string, unknown>> {
  const status = await fixture.relay.ledger.status(FACILITY, arrival.claims.reportId);
  const found = status?.lines.find(({ deliveryId }) => deliveryId === arrival.claims.deliveryId);
  return { ...found, headline: status?.headline };
}

describe('receipts an agency posts', () => {
  test('a receipt answered and the same receipt posted later are one', async () => {
    const arrival = await seen(true);
    const answered = await fixture.police.receipt(arrival);
    expect((await post('/v1/agency/receipts', answered)).json()).toEqual({ recorded: true, repeat: true });
    const { rows } = await fixture.database.pool.query('select 1 from receipts where delivery_id = $1', [arrival.claims.deliveryId]);
    expect(rows).toHaveLength(1);
  });

  test('a posted receipt stops the resending of a delivery that was never answered', async () => {
    const arrival = await seen(false);
    expect(await line(arrival)).toMatchObject({ state: 'open', headline: 'submitted' });
    expect((await post('/v1/agency/receipts', await receipt(arrival))).statusCode).toBe(200);
    expect(await line(arrival)).toMatchObject({ state: 'stored', headline: 'stored', nextDueAt: null });
    fixture.clock.advance(60_000);
    await fixture.relay.drain();
    expect(fixture.police.arrivals.filter(({ claims }) => claims.deliveryId === arrival.claims.deliveryId)).toHaveLength(1);
  });

  test('accepted may come before stored, and stored after it takes nothing back', async () => {
    const arrival = await seen(false);
    await post('/v1/agency/receipts', await receipt(arrival, { stage: 'accepted', agencyNumber: 'J-7' }));
    const accepted = await line(arrival);
    expect(accepted).toMatchObject({ state: 'accepted', agencyNumber: 'J-7', headline: 'accepted' });
    await post('/v1/agency/receipts', await receipt(arrival));
    expect(await line(arrival)).toMatchObject({ state: 'accepted', agencyNumber: 'J-7', acceptedAt: accepted['acceptedAt'] });
  });

  test('twenty racing posts of one receipt are recorded once', async () => {
    const arrival = await seen(false);
    const jws = await receipt(arrival, { stage: 'accepted' });
    const posted = await Promise.all(Array.from({ length: 20 }, () => post('/v1/agency/receipts', jws)));
    expect(posted.map((answer) => answer.json<{ repeat: boolean }>().repeat).filter((repeat) => !repeat)).toHaveLength(1);
  });

  test('a receipt id used again for other words is a conflict and moves nothing', async () => {
    const arrival = await seen(false);
    const receiptId = createId('rcp');
    await post('/v1/agency/receipts', await receipt(arrival, { receiptId }));
    const other = await post('/v1/agency/receipts', await receipt(arrival, { receiptId, stage: 'accepted' }));
    expect(other.json()).toMatchObject({ status: 409, code: 'ZD_ERR_RECEIPT_MISMATCH', at: 'receiptId' });
    expect(await line(arrival)).toMatchObject({ state: 'stored' });
  });

  test.each([
    ['another payload', { payloadSha256: '1'.repeat(64) }, 'payloadSha256'],
    ['another report', { reportId: createId('rpt') }, 'reportId'],
  ])('a receipt for %s is a conflict, kept once and audited', async (_name, overrides, at) => {
    const arrival = await seen(false);
    const jws = await receipt(arrival, overrides);
    for (let repeat = 0; repeat < 2; repeat += 1) {
      expect((await post('/v1/agency/receipts', jws)).json()).toMatchObject({ status: 409, code: 'ZD_ERR_RECEIPT_MISMATCH', at });
    }
    const { rows } = await fixture.database.pool.query(
      `select (select count(*) from receipts where delivery_id = $1 and kind = 'conflict') as conflicts,
        (select count(*) from audit_entries where convert_from(bytes, 'UTF8')::jsonb @> $2) as audited`,
      [arrival.claims.deliveryId, JSON.stringify({ action: 'receipt.conflict', subject: { deliveryId: arrival.claims.deliveryId } })],
    );
    expect(rows).toEqual([{ conflicts: 1, audited: 1 }]);
    expect(await line(arrival)).toMatchObject({ state: 'open' });
  });

  test('what is unsigned, of an unknown delivery, or no receipt at all is refused', async () => {
    const arrival = await seen(false);
    const jws = await receipt(arrival);
    expect((await post('/v1/agency/receipts', `${jws.slice(0, -4)}AAAA`)).statusCode).toBe(401);
    expect((await post('/v1/agency/receipts', 'nonsense')).statusCode).toBe(400);
    expect((await post('/v1/agency/receipts', await receipt(arrival, { deliveryId: createId('dlv') }))).statusCode).toBe(404);
  });

  test('a misdirected report counts as stored and opens a delivery to the agency it belongs to', async () => {
    const arrival = await seen(false);
    await post('/v1/agency/receipts', await receipt(arrival, { stage: 'misdirected', transferredTo: 'agency:police-440298' }));
    const status = await fixture.relay.ledger.status(FACILITY, arrival.claims.reportId);
    expect(status?.lines).toHaveLength(3);
    expect(await line(arrival)).toMatchObject({ state: 'stored' });
    const opened = status?.lines.find(({ recipient }) => recipient.party === 'agency:police-440298');
    expect(opened).toMatchObject({ state: 'open', holdReason: 'no-route', recipient: { kind: 'police' } });
  });
});

describe('feedback', () => {
  function feedback(arrival: Arrival, overrides: Partial<FeedbackClaims> = {}, keys = fixture.parties.police): Promise<string> {
    const claims: FeedbackClaims = {
      v: '1',
      mode: 'test',
      iss: keys.party,
      aud: 'relay:yunxi',
      feedbackId: createId('fbk'),
      reportId: arrival.claims.reportId,
      code: 'filed',
      reason: '鸑鷟的理由',
      transferredTo: null,
      releaseTo: [],
      documentNumber: 'D-1',
      at: isoNow(fixture.clock),
      ...overrides,
    };
    return signFeedback(claims, keys);
  }

  test('is recorded once, moves no delivery, and its words lie sealed', async () => {
    const arrival = await seen(true);
    const before = await line(arrival);
    const jws = await feedback(arrival);
    expect((await post('/v1/agency/feedback', jws)).json()).toEqual({ recorded: true, repeat: false });
    expect((await post('/v1/agency/feedback', jws)).json()).toEqual({ recorded: true, repeat: true });
    expect(await line(arrival)).toEqual(before);
    const { rows } = await fixture.database.pool.query<{ row: string }>(
      `select to_jsonb(f)::text as row from feedback f where report_id = $1`,
      [arrival.claims.reportId],
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).not.toContain('鸑鷟');
    expect(rows[0]?.row).not.toContain(jws);
  });

  test('of an agency the report was never sent to, or with a used id and other words, is refused', async () => {
    const arrival = await seen(true);
    const feedbackId = createId('fbk');
    await post('/v1/agency/feedback', await feedback(arrival, { feedbackId }));
    expect((await post('/v1/agency/feedback', await feedback(arrival, { feedbackId, code: 'not-filed' }))).statusCode).toBe(409);
    expect((await post('/v1/agency/feedback', await feedback(arrival, { reportId: createId('rpt') }))).statusCode).toBe(404);
  });
});

describe('the time an agency states', () => {
  const ODD = '2026-11-23T08:30:00+20:00';

  /** Signed as another program would, which looks at nothing. */
  function receiptAt(at: string): string {
    const { party, signingKey } = fixture.parties.police;
    const header = { alg: 'EdDSA', typ: 'zhida-receipt+jws', kid: signingKey.kid };
    const signed = [header, { v: '1', mode: 'test', iss: party, aud: 'relay:yunxi', at }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    return [...signed, sign(null, Buffer.from(signed.join('.')), signingKey.privateKey).toString('base64url')].join('.');
  }

  test('an offset that no database knows is refused by its place, and a receipt taken before that stops no day', async () => {
    expect((await post('/v1/agency/receipts', receiptAt(ODD))).json()).toMatchObject({
      status: 400,
      code: 'ZD_ERR_ENVELOPE_UNREADABLE',
      at: 'at',
    });
    const [early] = [await seen(true), await seen(true)];
    const { pool } = fixture.database;
    await pool.query('update receipts set stated_at = $2 where delivery_id = $1', [early.claims.deliveryId, ODD]);
    const { rows } = await pool.query<DayReceipt>(
      `select receipt_id as "receiptId", delivery_id as "deliveryId", payload_sha256 as "payloadSha256", stage
       from receipts where kind = 'receipt' and issuer = 'agency:police-440299'`,
    );
    const word = { v: '1', mode: 'test', iss: 'agency:police-440299', aud: 'relay:yunxi', day: '2026-11-22' } as const;
    const receiptIds = rows.map(({ receiptId }) => receiptId);
    const jws = await signExchange({ ...word, ...dayRoot(rows), receiptIds, at: isoNow(fixture.clock) }, fixture.parties.police);
    expect((await post('/v1/agency/exchanges', jws)).statusCode).toBe(200);
    expect((await pool.query('select agrees from exchanges')).rows).toEqual([{ agrees: true }]);
    // One of no year at all is of no day: the day is compared all the same, and says what is missing.
    await pool.query(`update receipts set stated_at = '0000-11-22T20:30:00Z' where delivery_id = $1`, [early.claims.deliveryId]);
    expect((await post('/v1/agency/exchanges', jws)).statusCode).toBe(200);
    expect((await pool.query('select agrees from exchanges')).rows).toEqual([{ agrees: false }]);
    expect((await post('/v1/agency/receipts', receiptAt('0000-11-22T20:30:00Z'))).json()).toMatchObject({ status: 400, at: 'at' });
  });
});
