import { postFeedback, postReceipt } from './receipts.js';
import { aReport, type Fixture } from './fixture.js';
import { answers, type Arrival, stores } from './scripted-agency.js';

export interface Rung {
  rung: string;
  state: string;
  raised: string;
}

/** What the tests of the ladder do with the fixture of the moment. */
export function onTheLadder(fixtureNow: () => Fixture) {
  /** Presses, tries to deliver once, and @returns what arrived at the police. */
  async function press(behaviour = answers(500), body = aReport()): Promise<Arrival> {
    const fixture = fixtureNow();
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
    const fixture = fixtureNow();
    const arrival = fixture.civilAffairs.arrivals.at(-1);
    if (arrival === undefined) throw new Error('civil affairs have nothing');
    await postReceipt(fixture, arrival, { stage: 'accepted' }, fixture.parties.civilAffairs);
    await postFeedback(fixture, arrival.claims.reportId, { code: 'closed' }, fixture.parties.civilAffairs);
  }

  async function after(milliseconds: number): Promise<void> {
    const fixture = fixtureNow();
    fixture.clock.advance(milliseconds);
    await fixture.relay.escalateOnce();
  }

  async function rungs(deliveryId: string): Promise<Rung[]> {
    const fixture = fixtureNow();
    const { rows } = await fixture.database.pool.query<Rung>(
      `select rung, state, to_char(raised_at at time zone 'Asia/Shanghai', 'MM-DD HH24:MI') as raised
      from escalations where delivery_id = $1 and raised_at is not null order by due_at, rung`,
      [deliveryId],
    );
    return rows;
  }

  return { press, quietCivilAffairs, after, rungs };
}
