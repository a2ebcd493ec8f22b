import { createId, isoNow } from '@zhida/core';
import { RECIPIENT_KINDS, RELEASE_KINDS, type RecipientKind } from '@zhida/report';
import { type KeyDirectory, signOpening } from '@zhida/signing';
import { canaries, findCanaries, waitUntil } from '@zhida/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { reconcileLedger, type RelayProfile } from '../../src/index.js';
import { FACILITY, type Fixture, makeFixture, profile } from '../support/fixture.js';
import { joinAgency } from '../support/join-agency.js';
import { postFeedback, postReceipt, postSigned } from '../support/receipts.js';
import { recordingChannel } from '../support/recording-channel.js';
import { cityPolice, countyAgency, countyRecipients, onLoopback, pressAndDrain } from '../support/routed.js';
import type { Arrival, ScriptedAgency } from '../support/scripted-agency.js';

/** All eight kinds, each with a real agency of its own. */
const OTHERS = RECIPIENT_KINDS.filter((kind) => kind !== 'police' && kind !== 'civil-affairs');
const partyOf = (kind: string): string => `agency:${kind}-440299`;
const others = OTHERS.map((kind, index) => countyAgency(kind, index + 3));
const eight: RelayProfile = {
  ...profile,
  recipients: [...countyRecipients, ...others, cityPolice],
};

let fixture: Fixture;
const agencies = new Map<string, ScriptedAgency>();
const pager = recordingChannel('pager');

beforeEach(async () => {
  pager.told.splice(0);
  const endpoints = onLoopback(eight.recipients);
  const escalation = {
    channels: [pager],
    fallbackContact: { title: '总值班', phone: '0000-1' },
    upperContact: { title: '市级值班', phone: '0000-2' },
  };
  fixture = await makeFixture({ relay: { profile: eight, endpoints, escalation } });
  agencies.set('agency:police-440299', fixture.police).set('agency:civil-affairs-440299', fixture.civilAffairs);
  for (const { party } of [...others, cityPolice]) agencies.set(party, await joinAgency(fixture, party));
});
afterEach(async () => {
  for (const [party, agency] of agencies) if (!profile.recipients.some((recipient) => recipient.party === party)) await agency.close();
  agencies.clear();
  await fixture.close();
});

const press = (overrides?: Record<string, unknown>) => pressAndDrain(fixture, overrides);

/** Lets the sweep render and send what was opened meanwhile. */
async function deliver(): Promise<void> {
  await fixture.relay.sweepOnce();
  await fixture.relay.drain();
}

function arrivals(party: string): Arrival[] {
  return agencies.get(party)?.arrivals ?? [];
}

function reached(): string[] {
  return eight.recipients.map(({ party }) => party).filter((party) => arrivals(party).length > 0);
}

function keysOf(party: string): KeyDirectory {
  const keys = agencies.get(party)?.keys;
  if (keys === undefined) throw new Error('no such agency');
  return keys;
}

const release = (reportId: string, kinds: readonly RecipientKind[], from = 'agency:police-440299') =>
  postFeedback(fixture, reportId, { code: 'release', releaseTo: [...kinds] }, keysOf(from));

describe('a signed police release', () => {
  test('INV-10 before one, nothing at all goes to education, 妇联, 社工站 and 综治中心; each gets its view after its own', async () => {
    const reportId = await press();
    expect(reached()).toEqual(['agency:police-440299', 'agency:civil-affairs-440299', 'agency:health-commission-440299']);
    const status = await fixture.relay.ledger.status(FACILITY, reportId);
    expect(status?.lines.map(({ recipient }) => recipient.kind)).toEqual(['police', 'civil-affairs', 'health-commission']);
    for (const kind of RELEASE_KINDS) {
      expect((await release(reportId, [kind])).statusCode).toBe(200);
      await deliver();
      expect(arrivals(partyOf(kind)).map(({ claims }) => claims.view)).toEqual([kind]);
    }
    for (const kind of RELEASE_KINDS) expect(arrivals(partyOf(kind))).toHaveLength(1);
  });

  test('INV-10 by anybody but the police releases nothing', async () => {
    const reportId = await press();
    for (const party of ['agency:civil-affairs-440299', 'agency:health-commission-440299']) {
      expect((await release(reportId, ['education'], party)).statusCode).toBe(400);
    }
    await deliver();
    expect(arrivals(partyOf('education'))).toEqual([]);
  });

  test('INV-10 does not reach a kind with a conflict of interest, nor anybody where the conflict names nobody', async () => {
    const teacher = await press({ conflictOfInterest: ['education'] });
    await release(teacher, ['education', 'womens-federation']);
    const unnamed = await press({ conflictOfInterest: ['某某领导'] });
    await release(unnamed, RELEASE_KINDS);
    await deliver();
    expect(arrivals(partyOf('education'))).toEqual([]);
    expect(arrivals(partyOf('womens-federation')).map(({ claims }) => claims.reportId)).toEqual([teacher]);
  });

  test('covers what came before and what comes after in the same case, and no other case', async () => {
    const first = await press();
    const second = await press({ kind: 'follow-up', chain: { id: first } });
    await press();
    await release(second, ['womens-federation']);
    await deliver();
    const third = await press({ kind: 'correction', chain: { id: first } });
    expect(
      arrivals(partyOf('womens-federation'))
        .map(({ claims }) => claims.reportId)
        .sort(),
    ).toEqual([first, second, third].sort());
    // A profile without clocks gives everybody three days; these owe nobody an outcome.
    fixture.clock.advance(5 * 86_400_000);
    await fixture.relay.escalateOnce();
    const { rows } = await fixture.database.pool.query<{ kind: string }>(
      `select distinct recipient_kind as kind from escalations e join deliveries using (delivery_id) where e.rung = 'no-feedback'`,
    );
    expect(rows.map(({ kind }) => kind).sort()).not.toContain('womens-federation');
  });
});

/** Holds the lock of a case until everybody asked for has come to it, and lets them go on one after the other. */
async function inOneInstant<T>(chainId: string, acts: readonly (() => Promise<T>)[]): Promise<T[]> {
  const client = await fixture.database.pool.connect();
  try {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${FACILITY} ${chainId}`]);
    const done: Promise<T>[] = [];
    for (const act of acts) {
      let settled = false;
      done.push(act().finally(() => (settled = true)));
      const waiting = async (): Promise<boolean> => {
        const { rows } = await client.query<{ count: number }>(
          `select count(*)::integer as count from pg_locks where locktype = 'advisory' and not granted`,
        );
        return settled || rows[0]?.count === done.length;
      };
      await waitUntil(waiting, { what: 'the act to come to the lock' });
    }
    await client.query('commit');
    return await Promise.all(done);
  } finally {
    client.release();
  }
}

describe('what is written of a case while a report of it is on its way', () => {
  test('INV-10 reaches that report: a release, and two conflicts named at once', async () => {
    const released = await press();
    await inOneInstant<unknown>(released, [
      () => press({ kind: 'follow-up', chain: { id: released } }),
      () => release(released, ['education']),
    ]);
    await deliver();
    expect(arrivals(partyOf('education'))).toHaveLength(2);
    const hidden = await press();
    await inOneInstant(hidden, [
      () => press({ kind: 'follow-up', chain: { id: hidden }, conflictOfInterest: ['account:duty-7'] }),
      () => press({ kind: 'follow-up', chain: { id: hidden }, conflictOfInterest: ['account:duty-8'] }),
      () => press({ kind: 'follow-up', chain: { id: hidden } }),
    ]);
    const { rows } = await fixture.database.pool.query<{ from: string[] }>(
      'select distinct hidden_from as from from reports where chain_id = $1',
      [hidden],
    );
    expect(rows.map(({ from }) => from.toSorted())).toEqual([['duty-7', 'duty-8']]);
  });

  test('INV-10 holds for a first report that its follow-up has overtaken: a conflict named there keeps it from the county', async () => {
    const reportId = createId('rpt', fixture.clock);
    await press({ kind: 'follow-up', chain: { id: reportId }, conflictOfInterest: ['police', 'facility'] });
    await press({ reportId });
    expect(arrivals('agency:police-440299')).toEqual([]);
    expect(arrivals('agency:police-4402').map(({ claims }) => claims.reportId)).toContain(reportId);
    const listed = (await fixture.operate('GET', '/v1/deliveries')).json<{ deliveries: unknown[] }>().deliveries;
    expect(listed).toEqual([]);
  });
});

test('INV-10 ids and times for those who may know no more than the day say no more than the day', async () => {
  fixture.clock.set('2026-11-22T20:47:13.512+08:00');
  const reportId = await press();
  await release(reportId, RELEASE_KINDS);
  await deliver();
  const midnight = createId('dlv', { now: () => Date.parse('2026-11-22T00:00:00+08:00') }).slice(4, 14);
  for (const kind of ['health-commission', ...RELEASE_KINDS] as const) {
    const [arrival] = arrivals(partyOf(kind));
    expect(arrival?.claims.deliveryId.slice(4, 14)).toBe(midnight);
    expect(arrival?.claims.reportId.slice(4, 14)).toBe(midnight);
    expect(arrival?.claims.createdAt).toBe('2026-11-21T16:00:00.000Z');
  }
  expect(arrivals('agency:police-440299')[0]?.claims.createdAt).toBe('2026-11-22T12:47:13.512Z');
});

describe('a conflict of interest', () => {
  test('of the police sends the case to the city and the procuratorate, and not a byte to the county, in follow-ups too', async () => {
    const reportId = await press({ conflictOfInterest: ['police'] });
    await press({ kind: 'follow-up', chain: { id: reportId } });
    expect(arrivals('agency:police-440299')).toEqual([]);
    expect(arrivals('agency:police-4402')).toHaveLength(2);
    expect(arrivals(partyOf('procuratorate'))).toHaveLength(2);
  });

  test('named after the first delivery keeps all that follows from the county, an error notice too; the city and the procuratorate get it', async () => {
    const reportId = await press();
    const follows = await press({ kind: 'follow-up', chain: { id: reportId }, conflictOfInterest: ['police'] });
    const notice = await press({ kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: reportId } });
    const reportsAt = (party: string): string[] => arrivals(party).map(({ claims }) => claims.reportId);
    expect(reportsAt('agency:police-440299')).toEqual([reportId]);
    // What the case is about stands in its first report: whoever hears of it now gets that too.
    await deliver();
    for (const party of ['agency:police-4402', partyOf('procuratorate')]) {
      expect(reportsAt(party).toSorted()).toEqual([reportId, follows, notice].toSorted());
      expect(arrivals(party).find(({ claims }) => claims.reportId === reportId)?.claims).toMatchObject({ sequence: 1, kind: 'initial' });
    }
    expect(reportsAt('agency:civil-affairs-440299')).toEqual([reportId, follows, notice]);
    expect((await reconcileLedger(fixture.database.pool)).differences).toEqual([]);
  });

  test('of this hospital hides the case from its duty desk, which neither sees nor silences nor is called; the level above is', async () => {
    fixture.police.behave = (_arrival, response) => void response.writeHead(500).end();
    const reportId = await press({ conflictOfInterest: ['facility'] });
    const open = await press();
    fixture.clock.advance(10 * 60_000);
    await fixture.relay.escalateOnce();
    const listed = (await fixture.operate('GET', '/v1/deliveries')).json<{ deliveries: { reportId: string }[] }>().deliveries;
    expect(new Set(listed.map((delivery) => delivery.reportId))).toEqual(new Set([open]));
    const alarms = (await fixture.operate('GET', '/v1/escalations')).json<{ alarms: { reportId: string }[] }>().alarms;
    expect(new Set(alarms.map((alarm) => alarm.reportId))).toEqual(new Set([open]));
    const hidden = await fixture.relay.ledger.status(FACILITY, reportId);
    const deliveryId = hidden?.lines[0]?.deliveryId ?? '';
    expect((await fixture.operate('POST', `/v1/deliveries/${deliveryId}/silence`, { rung: 'no-stored', reason: 'x' })).statusCode).toBe(
      404,
    );
    const contacts = (about: string) =>
      new Set(pager.told.filter((notice) => notice.reportId === about).map(({ contact }) => contact?.title));
    expect(contacts(reportId)).toEqual(new Set(['市级值班']));
    expect(contacts(open)).toEqual(new Set(['总值班']));
  });

  test('named in a follow-up takes the whole case out of an account’s sight, and of nobody else’s', async () => {
    fixture.police.behave = (_arrival, response) => void response.writeHead(500).end();
    const reportId = await press();
    await press({ kind: 'follow-up', chain: { id: reportId }, conflictOfInterest: ['account:duty-7'] });
    const seenBy = async (account: string) =>
      (await fixture.operate('GET', '/v1/deliveries', undefined, account)).json<{ deliveries: unknown[] }>().deliveries.length;
    expect(await seenBy('duty-7')).toBe(0);
    expect(await seenBy('duty-1')).toBeGreaterThan(0);
  });
});

test('an error notice reaches everyone who got what it speaks of, a unit it was transferred to among them', async () => {
  const reportId = await press();
  const [arrival] = arrivals('agency:civil-affairs-440299');
  if (arrival === undefined) throw new Error('nothing arrived');
  await postReceipt(fixture, arrival, { stage: 'misdirected', transferredTo: 'agency:police-4402' }, fixture.parties.civilAffairs);
  await deliver();
  // In the view of its own kind, not in that of who gave it away.
  expect(arrivals('agency:police-4402').map(({ claims }) => claims.view)).toEqual(['police']);
  const notice = await press({ kind: 'error-notice', errorReason: 'wrong-patient', chain: { id: reportId } });
  expect(arrivals('agency:police-4402').map(({ claims }) => claims.reportId)).toEqual([reportId, notice]);
});

test('INV-10 no agency hands a report on to a kind that waits for a release, or to one with a conflict: a person is called', async () => {
  const handOn = async (from: string, to: string) => {
    const arrival = arrivals(from).at(-1);
    if (arrival === undefined) throw new Error('nothing arrived');
    expect((await postReceipt(fixture, arrival, { stage: 'misdirected', transferredTo: to }, keysOf(from))).statusCode).toBe(200);
    await deliver();
  };
  await press();
  await handOn('agency:civil-affairs-440299', partyOf('education'));
  await press({ conflictOfInterest: ['police'] });
  await handOn('agency:police-4402', 'agency:police-440299');
  expect(arrivals(partyOf('education'))).toEqual([]);
  expect(arrivals('agency:police-440299')).toHaveLength(1);
  const { alarms } = (await fixture.operate('GET', '/v1/escalations')).json<{ alarms: { rung: string }[] }>();
  expect(alarms.filter(({ rung }) => rung === 'misdirected')).toHaveLength(2);
});

test('INV-10 an opening of the reporter’s identity is told to the relay, kept sealed, and logged with the officer’s account', async () => {
  await press();
  const [arrival] = arrivals('agency:police-440299');
  if (arrival === undefined) throw new Error('nothing arrived');
  const openingId = createId('opn');
  const sign = (reason: string) =>
    signOpening(
      {
        v: '1',
        mode: 'test',
        iss: 'agency:police-440299',
        aud: 'relay:yunxi',
        openingId,
        deliveryId: arrival.claims.deliveryId,
        reportId: arrival.claims.reportId,
        group: 'reporter',
        officer: 'officer-12',
        reason,
        at: isoNow(fixture.clock),
      },
      fixture.parties.police,
    );
  const jws = await sign(canaries.freeText);
  expect((await postSigned(fixture, 'openings', jws)).json()).toEqual({ recorded: true, repeat: false });
  expect((await postSigned(fixture, 'openings', jws)).json()).toEqual({ recorded: true, repeat: true });
  expect((await postSigned(fixture, 'openings', await sign('other words'))).statusCode).toBe(409);
  const { rows } = await fixture.database.pool.query<{ row: string }>(
    `select convert_from(bytes, 'UTF8') as row from audit_entries union all select to_jsonb(o)::text from openings o`,
  );
  expect(rows.filter(({ row }) => row.includes('"restricted.opened"') && row.includes('officer-12'))).toHaveLength(1);
  expect(findCanaries(rows.map(({ row }) => row).join() + fixture.log.join())).toEqual([]);
});
