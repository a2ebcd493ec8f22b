import { createId, isoNow } from '@zhida/core';
import { type ReceiptStage, signReceipt } from '@zhida/signing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aReport, FACILITY, type Fixture, makeFixture } from './support/fixture.js';
import { answers, type Arrival, stores } from './support/scripted-agency.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await makeFixture();
});
afterEach(async () => fixture.close());

async function press(overrides: Record<string, unknown> = {}): Promise<string> {
  const answer = await fixture.press(aReport(overrides));
  expect(answer.statusCode).toBe(202);
  return answer.json<{ reportId: string }>().reportId;
}

async function stateOf(reportId: string): Promise<string | undefined> {
  return (await fixture.relay.ledger.status(FACILITY, reportId))?.lines[0]?.state;
}

async function nextDueInMs(reportId: string): Promise<number> {
  const due = (await fixture.relay.ledger.status(FACILITY, reportId))?.lines[0]?.nextDueAt;
  return Date.parse(due ?? '') - fixture.clock.now();
}

async function says(arrival: Arrival, stage: ReceiptStage): Promise<void> {
  const { deliveryId, reportId, sequence, mode } = arrival.claims;
  const jws = await signReceipt(
    {
      v: '1',
      mode,
      iss: 'agency:police-440299',
      aud: 'relay:yunxi',
      receiptId: createId('rcp'),
      deliveryId,
      reportId,
      sequence,
      payloadSha256: arrival.payloadSha256,
      stage,
      agencyNumber: null,
      transferredTo: null,
      at: isoNow(fixture.clock),
    },
    fixture.parties.police,
  );
  const posted = await fixture.relay.app.inject({
    method: 'POST',
    url: '/v1/agency/receipts',
    headers: { 'content-type': 'application/jose' },
    payload: jws,
  });
  expect(posted.statusCode).toBe(200);
}

function arrivalOf(reportId: string): Arrival {
  const arrival = fixture.police.arrivals.find(({ claims }) => claims.reportId === reportId);
  if (arrival === undefined) throw new Error('it did not arrive');
  return arrival;
}

/** The reports of the deliveries that so many claims at the police win, one after the other. */
async function claimedInTurn(turns: number): Promise<(string | undefined)[]> {
  const claimed: (string | undefined)[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const claim = await fixture.relay.ledger.claim(FACILITY, { party: 'agency:police-440299' }, 60_000);
    const { rows } = await fixture.database.pool.query<{ report_id: string }>('select report_id from deliveries where delivery_id = $1', [
      claim?.deliveryId,
    ]);
    claimed.push(rows[0]?.report_id);
  }
  return claimed;
}

describe('INV-8 nothing is taken back', () => {
  test('INV-8 an error notice is sent beside the report it speaks of, which goes out all the same', async () => {
    fixture.police.behave = answers(503);
    const initial = await press();
    await fixture.relay.drain();
    const notice = await press({ kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: initial, replaces: initial } });
    fixture.police.behave = stores;
    fixture.clock.advance(5_000);
    await fixture.relay.drain();
    const got = fixture.police.arrivals.slice(1).map(({ claims }) => `${claims.reportId} ${claims.kind} ${claims.sequence}`);
    expect(new Set(got)).toEqual(new Set([`${initial} initial 1`, `${notice} error-notice 2`]));
    expect(await stateOf(initial)).toBe('stored');
  });

  test('INV-8 an error notice climbs the ladder of a red report, and only the agency’s 已停止使用 closes it', async () => {
    const initial = await press();
    await fixture.relay.drain();
    fixture.police.behave = answers(503);
    const notice = await press({ kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: initial, replaces: initial } });
    const { rows } = await fixture.database.pool.query('select distinct priority from deliveries where report_id = $1', [notice]);
    expect(rows).toEqual([{ priority: 'urgent' }]);
    for (const seconds of [5, 15, 30, 60]) {
      await fixture.relay.drain();
      expect(await nextDueInMs(notice)).toBe(seconds * 1000);
      fixture.clock.advance(seconds * 1000);
    }
    fixture.police.behave = stores;
    await fixture.relay.drain();
    expect(await stateOf(notice)).toBe('stored');
    await says(arrivalOf(notice), 'accepted');
    expect(await stateOf(notice)).toBe('stored');
    await says(arrivalOf(notice), 'stopped-using');
    expect(await stateOf(notice)).toBe('accepted');
    // The report it speaks of is what it was: an officer may still take it.
    expect(await stateOf(initial)).toBe('stored');
    await says(arrivalOf(initial), 'accepted');
    expect(await stateOf(initial)).toBe('accepted');
  });

  test('INV-8 no road leads to a report but those that add to it', async () => {
    const initial = await press();
    const authorization = `Bearer ${await fixture.assertion('report:create report:read delivery:operate')}`;
    for (const method of ['DELETE', 'PUT', 'PATCH'] as const) {
      const answer = await fixture.relay.app.inject({ method, url: `/v1/reports/${initial}`, headers: { authorization } });
      expect(answer.statusCode).toBe(404);
    }
    for (const act of ['withdraw', 'cancel', 'approve', 'reject', 'review']) {
      const answer = await fixture.relay.app.inject({ method: 'POST', url: `/v1/reports/${initial}/${act}`, headers: { authorization } });
      expect(answer.statusCode).toBe(404);
    }
    await fixture.relay.drain();
    expect(await stateOf(initial)).toBe('stored');
  });
});

describe('a chain', () => {
  test('is claimed in its order when all of it is due, whichever of it a worker was woken for', async () => {
    const initial = await press();
    fixture.clock.advance(1);
    const later = await press({ kind: 'follow-up', chain: { id: initial }, safety: { immediateDanger: 'yes' } });
    expect(await claimedInTurn(2)).toEqual([initial, later]);
  });

  test('that has failed gives way to what was never tried, also of its own case: fresh before retries', async () => {
    fixture.police.behave = answers(503);
    const initial = await press();
    await fixture.relay.drain();
    const later = await press({ kind: 'follow-up', chain: { id: initial }, safety: { immediateDanger: 'yes' } });
    fixture.clock.advance(5_000);
    expect(await claimedInTurn(3)).toEqual([later, initial, undefined]);
  });

  test('a later report does not wait for the receipt of an earlier one, and carries its place for the receiver to order by', async () => {
    fixture.police.behave = answers(503);
    const initial = await press();
    await fixture.relay.drain();
    fixture.police.behave = stores;
    const later = await press({ kind: 'follow-up', chain: { id: initial }, safety: { immediateDanger: 'yes' } });
    await fixture.relay.drain();
    expect(await stateOf(initial)).toBe('open');
    expect(await stateOf(later)).toBe('stored');
    expect(arrivalOf(later).claims.sequence).toBe(2);
  });

  test('two clinicians, one child: two reports, each with its number, never merged and never dropped', async () => {
    const eventId = 'EV-2026-11-0001';
    const relatedReports = [{ number: '440299-261120-030007-8', relation: 'same-child' }];
    const [first, second] = [await press({ eventId, relatedReports }), await press({ eventId, relatedReports })];
    await fixture.relay.drain();
    expect(first).not.toBe(second);
    expect(fixture.police.arrivals.map(({ claims }) => claims.reportId).toSorted()).toEqual([first, second].toSorted());
    expect(new Set(fixture.police.arrivals.map(({ claims }) => claims.number)).size).toBe(2);
    expect(fixture.police.arrivals.map(({ claims }) => claims.body['eventId'])).toEqual([eventId, eventId]);
    expect(fixture.police.arrivals.map(({ claims }) => claims.body['relatedReports'])).toEqual([relatedReports, relatedReports]);
  });

  test.each(['prompt', 'manual', 'phone-first', 'known-to-police', 'paper', 'retrospective'])(
    'source %s is taken and shown to the police',
    async (source) => {
      const reportId = await press({
        source,
        ...(source === 'paper' ? { paper: { number: '440299-261120-039001-4', sealed: true } } : {}),
      });
      await fixture.relay.drain();
      expect(arrivalOf(reportId).claims.body['source']).toBe(source);
    },
  );
});
