import { beforeEach, describe, expect, test, vi } from 'vitest';
import { isoNow } from '@zhida/core';
import { canaries, findCanaries } from '@zhida/testkit';
import { aReport, FACILITY, type Fixture } from '../support/fixture.js';
import { onTheLadder } from '../support/ladder.js';
import { postFeedback, postReceipt } from '../support/receipts.js';
import { answers, type Arrival, stores } from '../support/scripted-agency.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

const { first, second, fixtureNow, press, quietCivilAffairs, after, rungs } = onTheLadder();
let fixture: Fixture;
beforeEach(() => {
  fixture = fixtureNow();
});

describe('the ladder of a report to the police', () => {
  test('INV-6 is climbed to its end and beyond while nothing comes, each rung recorded with its state', async () => {
    const arrival = await press();
    await quietCivilAffairs();
    await after(0);
    await after(10 * MINUTE);
    await after(20 * MINUTE);
    await after(2 * DAY);
    await after(2 * DAY);
    await after(30 * DAY);
    await after(60 * DAY);
    await after(90 * DAY);
    expect(await rungs(arrival.claims.deliveryId)).toEqual([
      // 2026-11-22 was a Sunday; the period starts on the 23rd and its third day is the 25th.
      { rung: 'phone', state: 'open', raised: '11-22 20:30' },
      { rung: 'no-stored', state: 'open', raised: '11-22 20:40' },
      { rung: 'no-accepted', state: 'open', raised: '11-22 21:00' },
      { rung: 'no-feedback', state: 'open', raised: '11-26 21:00' },
      { rung: 'chase-30', state: 'open', raised: '12-26 21:00' },
      { rung: 'chase-90', state: 'open', raised: '02-24 21:00' },
      { rung: 'chase-180', state: 'open', raised: '05-25 21:00' },
    ]);
    const row = await fixture.database.db
      .selectFrom('deliveries')
      .select(['state', 'next_rung'])
      .where('delivery_id', '=', arrival.claims.deliveryId)
      .executeTakeFirst();
    expect(row).toEqual({ state: 'open', next_rung: 'chase-270' });
  });

  test('the ordinary channel is told of the telephone first, all channels of what is overdue', async () => {
    await press();
    await quietCivilAffairs();
    await after(0);
    expect([first.rungs(), second.rungs()]).toEqual([['phone'], []]);
    await after(10 * MINUTE);
    expect([first.rungs(), second.rungs()]).toEqual([['no-stored'], ['no-stored']]);
  });

  test('stored stops the rung of ten minutes and not that of thirty; only accepted does', async () => {
    const arrival = await press(stores);
    await quietCivilAffairs();
    await after(10 * MINUTE);
    await after(20 * MINUTE);
    expect((await rungs(arrival.claims.deliveryId)).map(({ rung, state }) => `${rung} ${state}`)).toEqual(['no-accepted stored']);
  });

  test('accepted in time, with an outcome, is never mentioned', async () => {
    const arrival = await press(stores);
    await quietCivilAffairs();
    await postReceipt(fixture, arrival, { stage: 'accepted' });
    await postFeedback(fixture, arrival.claims.reportId, { code: 'not-filed' });
    for (const wait of [0, 10 * MINUTE, 20 * MINUTE, 5 * DAY, 30 * DAY, 90 * DAY]) await after(wait);
    expect(await rungs(arrival.claims.deliveryId)).toEqual([]);
    expect(first.rungs()).toEqual([]);
  });

  test('feedback stops the reminder of three days; a case still open is chased after thirty', async () => {
    const arrival = await press(stores);
    await quietCivilAffairs();
    await postReceipt(fixture, arrival, { stage: 'accepted' });
    await postFeedback(fixture, arrival.claims.reportId, { code: 'filed' });
    await after(5 * DAY);
    await after(26 * DAY);
    expect((await rungs(arrival.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['chase-30']);
  });

  test('an error notice is escalated until its own 已停止使用, whatever else is signed', async () => {
    const original = await press(stores);
    const notice = await press(
      stores,
      aReport({ kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: original.claims.reportId } }),
    );
    await postReceipt(fixture, notice, { stage: 'accepted' });
    await after(30 * MINUTE);
    expect((await rungs(notice.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['no-accepted']);
    first.told.splice(0);
    await postReceipt(fixture, notice, { stage: 'stopped-using' });
    await after(10 * MINUTE);
    expect(first.told.filter(({ deliveryId }) => deliveryId === notice.claims.deliveryId)).toEqual([]);
    await after(30 * DAY);
    expect((await rungs(notice.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['no-accepted']);
  });

  test('an error notice that was handed over by hand is asked about until its own 已停止使用 all the same', async () => {
    const original = await press(stores);
    const notice = await press(
      stores,
      aReport({ kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: original.claims.reportId } }),
    );
    await quietCivilAffairs();
    await after(30 * MINUTE);
    const handover = { handedTo: '值班民警', handedAt: isoNow(fixture.clock), how: 'telephone', incidentNumber: null };
    expect((await fixture.operate('POST', `/v1/deliveries/${notice.claims.deliveryId}/attest`, handover)).statusCode).toBe(200);
    await after(31 * DAY);
    expect((await rungs(notice.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['no-accepted', 'chase-30']);
    await postReceipt(fixture, notice, { stage: 'stopped-using' });
    await after(60 * DAY);
    expect((await rungs(notice.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['no-accepted', 'chase-30']);
  });

  test('what is told again until somebody acknowledges it is told no more afterwards', async () => {
    await press();
    await quietCivilAffairs();
    await after(10 * MINUTE);
    await after(10 * MINUTE);
    expect(first.told.map(({ rung, repeat }) => `${rung} ${repeat}`)).toEqual(['no-stored 0', 'no-stored 1']);
    const list = (await fixture.operate('GET', '/v1/escalations')).json<{ alarms: { escalationId: string; rung: string }[] }>();
    const alarm = list.alarms.find(({ rung }) => rung === 'no-stored');
    expect((await fixture.operate('POST', `/v1/escalations/${alarm?.escalationId}/acknowledge`)).json()).toEqual({
      recorded: true,
      repeat: false,
    });
    first.told.splice(0);
    await after(9 * MINUTE);
    await after(MINUTE);
    expect(first.rungs()).toEqual(['no-accepted']);
  });

  test('a channel that fails is tried again, and a receipt that comes first makes the notice needless', async () => {
    first.behave = () => {
      throw new Error('the pager is away');
    };
    const arrival = await press();
    await quietCivilAffairs();
    await after(0);
    first.behave = () => 'sent';
    first.told.splice(0);
    await after(5_000);
    expect(first.rungs()).toEqual(['phone']);
    second.behave = () => {
      throw new Error('the mail server is away');
    };
    await after(10 * MINUTE);
    second.behave = () => 'sent';
    second.told.splice(0);
    await postReceipt(fixture, arrival);
    await after(5_000);
    expect(second.rungs()).toEqual([]);
  });

  test('after an outage the rungs are recorded one by one and told once', async () => {
    const arrival = await press();
    await quietCivilAffairs();
    fixture.clock.advance(40 * MINUTE);
    await fixture.relay.escalateOnce();
    expect((await rungs(arrival.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['phone', 'no-stored', 'no-accepted']);
    expect(first.rungs()).toEqual(['no-accepted']);
    // After days a reminder is due too; it takes the place of no alarm that must be acknowledged.
    const later = await press();
    await quietCivilAffairs();
    second.told.splice(0);
    await after(5 * DAY);
    const aboutLater = ({ told }: typeof first) =>
      told.flatMap(({ rung, deliveryId }) => (deliveryId === later.claims.deliveryId ? [rung] : []));
    expect([aboutLater(first), aboutLater(second)]).toEqual([['no-accepted', 'no-feedback'], ['no-accepted']]);
  });

  test('an alarm for which nobody on duty has an address is told once somebody has', async () => {
    second.behave = () => 'no-address';
    await press();
    await quietCivilAffairs();
    await after(10 * MINUTE);
    second.behave = () => 'sent';
    second.told.splice(0);
    await after(10 * MINUTE);
    expect(second.told.map(({ rung, repeat }) => `${rung} ${repeat}`)).toEqual(['no-stored 0']);
  });

  test('what a clock that ran ahead has put off begins now: the rungs of a report, and the next call of an alarm', async () => {
    fixture.clock.advance(400 * DAY);
    const arrival = await press();
    await quietCivilAffairs();
    fixture.clock.advance(-400 * DAY);
    await after(0);
    await fixture.database.pool.query(`update deliveries set rung_due_at = null, next_rung = null where delivery_id <> $1`, [
      arrival.claims.deliveryId,
    ]);
    for (const wait of [0, 10, 30]) {
      await after(wait * MINUTE);
      for (let sweep = 0; sweep < 5; sweep += 1) await after(0);
    }
    expect((await rungs(arrival.claims.deliveryId)).map(({ rung, raised }) => `${rung} ${raised}`)).toEqual([
      'phone 11-22 20:30',
      'no-stored 11-22 20:40',
      'no-accepted 11-22 21:10',
    ]);
    await fixture.database.pool.query(`update notices set next_due_at = next_due_at + interval '400 days' where next_due_at is not null`);
    second.told.splice(0);
    await after(0);
    expect(second.rungs()).toContain('no-accepted');
  });

  test('a channel that hangs holds up neither the others nor the ladder, and is left after a while', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      await press();
      await quietCivilAffairs();
      await after(0);
      // A pager that never answers.
      vi.spyOn(first, 'send').mockReturnValue(new Promise(() => undefined));
      fixture.clock.advance(10 * MINUTE);
      const sweep = fixture.relay.escalateOnce();
      const toldBySecond = `select from notices join escalations using (escalation_id)
        where channel = 'second' and rung = 'no-stored' and notices.sent = 1`;
      const end = performance.now() + 60_000;
      // The rows are asked, because the clock of the wait itself stands still.
      while ((await fixture.database.pool.query(toldBySecond)).rowCount === 0 && performance.now() < end) await new Promise(setImmediate);
      expect(second.rungs()).toEqual(['no-stored']);
      // No further: the connections to the database have clocks of their own.
      await vi.advanceTimersByTimeAsync(15_000);
      expect(await sweep).toMatchObject({ raised: 1, sent: 1 });
    } finally {
      vi.useRealTimers();
      vi.restoreAllMocks();
    }
  });
});

test('escalation against acceptance: whichever commits first, no alarm of absence is recorded after the acceptance', async () => {
  const arrivals: Arrival[] = [];
  for (let count = 0; count < 12; count += 1) arrivals.push(await press(stores));
  fixture.clock.advance(30 * MINUTE);
  await Promise.all([
    ...Array.from({ length: 3 }, () => fixture.relay.escalateOnce()),
    ...arrivals.map((arrival) => postReceipt(fixture, arrival, { stage: 'accepted' })),
    ...Array.from({ length: 3 }, () => fixture.relay.escalateOnce()),
  ]);
  await fixture.relay.escalateOnce();
  for (const arrival of arrivals) {
    const raised = (await rungs(arrival.claims.deliveryId)).filter(({ rung }) => rung === 'no-accepted');
    expect(raised.length).toBeLessThanOrEqual(1);
    // The state it was raised in was read under the same lock that the receipt takes.
    for (const { state } of raised) expect(state).toBe('stored');
    const { rows } = await fixture.database.pool.query<{ action: string }>(
      `select convert_from(bytes, 'UTF8')::jsonb ->> 'action' as action from audit_entries
        where convert_from(bytes, 'UTF8')::jsonb -> 'subject' ->> 'deliveryId' = $1
          and (convert_from(bytes, 'UTF8')::jsonb ->> 'action' = 'escalation.raised' and convert_from(bytes, 'UTF8')::jsonb -> 'subject' ->> 'rung' = 'no-accepted'
            or convert_from(bytes, 'UTF8')::jsonb -> 'subject' ->> 'stage' = 'accepted')
        order by convert_from(bytes, 'UTF8')::jsonb ->> 'at', xmin::text::bigint`,
      [arrival.claims.deliveryId],
    );
    expect(rows.at(-1)?.action).toBe('receipt.recorded');
  }
  const state = await fixture.relay.ledger.counts(FACILITY);
  expect(state.byState.accepted).toBe(12);
});

describe('what else calls somebody', () => {
  test('two receipts that differ: the first stands, the conflict is recorded and told', async () => {
    const arrival = await press(stores);
    await quietCivilAffairs();
    await after(0);
    first.told.splice(0);
    expect((await postReceipt(fixture, arrival, { payloadSha256: '2'.repeat(64), stage: 'accepted' })).statusCode).toBe(409);
    await after(0);
    expect(first.rungs()).toEqual(['receipt-conflict']);
    expect((await rungs(arrival.claims.deliveryId)).map(({ rung, state }) => `${rung} ${state}`)).toEqual(['receipt-conflict stored']);
  });

  test('a day that cannot be compared again keeps none behind it', async () => {
    await press(stores);
    const { pool } = fixture.database;
    await pool.query(`update receipts set stated_at = 'never' where issuer = 'agency:police-440299'`);
    for (const [party, minutes] of [
      ['agency:police-440299', 2],
      ['agency:civil-affairs-440299', 1],
    ])
      await pool.query(
        `insert into exchanges values ($1, '2026-11-22', 9, $2, '{}', 0, $2, false, '{}', '{}', now(), now() - $3 * interval '1 minute', '')`,
        [party, '0'.repeat(64), minutes],
      );
    await fixture.relay.sweepOnce();
    const { rows } = await pool.query(`select party, checked_at = $1 as "looked" from exchanges order by party`, [
      new Date(fixture.clock.now()),
    ]);
    expect(rows).toEqual([
      { party: 'agency:civil-affairs-440299', looked: true },
      { party: 'agency:police-440299', looked: false },
    ]);
  });

  test('an agency that told its days, and signs for reports without telling more, is missed: one reminder for each silence', async () => {
    const { pool } = fixture.database;
    const tellDay = async (day: string) =>
      pool.query(`insert into exchanges values ('agency:police-440299', $2, 0, $1, '{}', 0, $1, true, '{}', '{}', now(), now(), '')`, [
        '0'.repeat(64),
        day,
      ]);
    const silences = () => first.told.filter(({ rung }) => rung === 'exchange-silent').map(({ repeat }) => repeat);
    await press(stores);
    await tellDay('2026-11-21');
    fixture.clock.advance(DAY);
    await fixture.relay.sweepOnce();
    await after(0);
    expect(silences()).toEqual([]);
    fixture.clock.advance(DAY);
    for (let look = 0; look < 3; look += 1) {
      await fixture.relay.sweepOnce();
      await after(61 * MINUTE);
    }
    expect([silences(), second.rungs().includes('exchange-silent')]).toEqual([[0], false]);
    await tellDay('2026-11-24');
    await press(stores);
    fixture.clock.advance(3 * DAY);
    await fixture.relay.sweepOnce();
    await after(0);
    expect(silences()).toEqual([0]);
    await press(stores);
    fixture.clock.advance(3 * DAY);
    await fixture.relay.sweepOnce();
    await after(0);
    expect(silences()).toEqual([0, 0]);
  });

  test('INV-7 a disabled endpoint holds every report and calls somebody, once for the backlog', async () => {
    await fixture.turn('agency:police-440299', 'disable');
    for (let count = 0; count < 3; count += 1) await fixture.press();
    await fixture.relay.drain();
    for (let sweep = 0; sweep < 6; sweep += 1) await after(0);
    expect(second.rungs()).toEqual(['held']);
    await fixture.turn('agency:police-440299', 'enable');
    await fixture.relay.sweepOnce();
    await fixture.relay.drain();
    expect((await fixture.relay.ledger.counts(FACILITY)).byState.stored).toBe(6);
  });

  test('a misdirected report goes on with the agency it was given to; one given to nobody calls', async () => {
    const arrival = await press(stores);
    await quietCivilAffairs();
    await postReceipt(fixture, arrival, { stage: 'misdirected', transferredTo: 'agency:police-440298' });
    await after(0);
    await after(30 * MINUTE);
    expect(await rungs(arrival.claims.deliveryId)).toEqual([]);
    const { rows } = await fixture.database.pool.query<{ rung: string }>(
      `select e.rung from escalations e join deliveries using (delivery_id) where recipient_party = 'agency:police-440298' order by e.due_at`,
    );
    expect(rows.map(({ rung }) => rung)).toContain('no-accepted');
    const other = await press(stores);
    await postReceipt(fixture, other, { stage: 'misdirected', transferredTo: '邻县公安局' });
    await after(0);
    expect((await rungs(other.claims.deliveryId)).map(({ rung }) => rung)).toContain('misdirected');
    // One that names itself: nobody else is asked, and its ladder is not ended by that.
    const back = await press(stores);
    await postReceipt(fixture, back, { stage: 'misdirected', transferredTo: back.claims.aud });
    await after(30 * MINUTE);
    expect((await rungs(back.claims.deliveryId)).map(({ rung }) => rung)).toEqual(['misdirected', 'no-accepted']);
  });
});

test('INV-11 no notice, alarm row or notice row holds anything of child, guardian or reporter', async () => {
  const body = aReport({
    patient: {
      name: canaries.childName,
      phone: canaries.childPhone,
      school: { name: canaries.school },
      address: { text: canaries.address },
    },
    guardians: [{ name: canaries.guardianName, phone: canaries.guardianPhone }],
    suspicion: { observed: canaries.doctorsNote, situations: [canaries.freeText] },
  });
  fixture.police.behave = answers(500);
  await fixture.press(body, { ticket: { reporter: { name: canaries.reporterName, role: 'doctor', staffId: canaries.reporterStaffId } } });
  await fixture.relay.drain();
  for (const wait of [0, 10 * MINUTE, 20 * MINUTE, 5 * DAY, 30 * DAY]) await after(wait);
  expect(first.told.length).toBeGreaterThan(3);
  expect(findCanaries(JSON.stringify([first.told, second.told]))).toEqual([]);
  const { rows } = await fixture.database.pool.query<{ row: string }>(
    'select to_jsonb(e)::text as row from escalations e union all select to_jsonb(n)::text from notices n',
  );
  expect(findCanaries(rows.map(({ row }) => row).join())).toEqual([]);
  expect(findCanaries(fixture.log.join())).toEqual([]);
  expect(first.told[0]?.text).toMatch(/^【测试】强制报告440299-261122-03\d+-\d/);
});
