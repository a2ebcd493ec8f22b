import { afterEach, beforeEach } from 'vitest';
import { postFeedback, postReceipt } from './receipts.js';
import { aReport, type Fixture, makeFixture } from './fixture.js';
import { recordingChannel } from './recording-channel.js';
import { answers, type Arrival, stores } from './scripted-agency.js';

export interface Rung {
  rung: string;
  state: string;
  raised: string;
}

/** A relay with two recording channels for each test of a file, and what the tests of the ladder do with it. */
export function onTheLadder() {
  const first = recordingChannel('first');
  const second = recordingChannel('second');
  let fixture: Fixture;
  beforeEach(async () => {
    first.told.splice(0);
    second.told.splice(0);
    const escalation = { channels: [first, second], fallbackContact: { title: '总值班', phone: '0000-1100120' }, repeatMinutes: 10 };
    fixture = await makeFixture({ relay: { delivery: { breakerAfter: 1_000 }, escalation } });
  });
  afterEach(async () => fixture.close());

  /** Presses, tries to deliver once, and @returns what arrived at the police. */
  async function press(behaviour = answers(500), body = aReport()): Promise<Arrival> {
    fixture.police.behave = behaviour;
    fixture.civilAffairs.behave = stores;
    fixture.police.arrivals.length = 0;
    await fixture.press(body);
    await fixture.relay.drain();
    const arrival = fixture.police.arrivals[0];
    if (arrival === undefined) throw new Error('nothing arrived');
    return arrival;
  }

  /** Lets an agency that has its report take it, so that only the police's ladder is left to look at. */
  async function quietCivilAffairs(): Promise<void> {
    const arrival = fixture.civilAffairs.arrivals.at(-1);
    if (arrival === undefined) throw new Error('civil affairs have nothing');
    await postReceipt(fixture, arrival, { stage: 'accepted' }, fixture.parties.civilAffairs);
    await postFeedback(fixture, arrival.claims.reportId, { code: 'closed' }, fixture.parties.civilAffairs);
  }

  async function after(milliseconds: number): Promise<void> {
    fixture.clock.advance(milliseconds);
    await fixture.relay.escalateOnce();
  }

  async function rungs(deliveryId: string): Promise<Rung[]> {
    const { rows } = await fixture.database.pool.query<Rung>(
      `select rung, state, to_char(raised_at at time zone 'Asia/Shanghai', 'MM-DD HH24:MI') as raised
      from escalations where delivery_id = $1 and raised_at is not null order by due_at, rung`,
      [deliveryId],
    );
    return rows;
  }

  return { first, second, fixtureNow: () => fixture, press, quietCivilAffairs, after, rungs };
}
