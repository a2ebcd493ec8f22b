import { afterEach, expect, test } from 'vitest';
import { aReport, type Fixture, type FixtureOptions, makeFixture } from '../support/fixture.js';
import { recordingChannel } from '../support/recording-channel.js';
import { answers } from '../support/scripted-agency.js';

const channel = recordingChannel('pager');
const bell = { title: '信息科', phone: '0000-1100000' };
let fixture: Fixture;
afterEach(async () => fixture.close());

/** Presses a report that no agency takes, and lets half an hour go by. */
async function unanswered(body: Record<string, unknown>, escalation: NonNullable<FixtureOptions['relay']>['escalation'] = {}) {
  channel.told.splice(0);
  fixture = await makeFixture({ relay: { delivery: { breakerAfter: 1_000 }, escalation: { channels: [channel], ...escalation } } });
  fixture.police.behave = answers(503);
  fixture.civilAffairs.behave = answers(503);
  const answer = await fixture.press(aReport(body));
  await fixture.relay.drain();
  await fixture.relay.escalateOnce();
  const first = channel.told.splice(0);
  fixture.clock.advance(31 * 60_000);
  await fixture.relay.escalateOnce();
  return { first, later: channel.told.splice(0), number: answer.json<{ number: string }>().number };
}

const HIDDEN = { conflictOfInterest: ['facility'] };

test('INV-7 a case hidden from its hospital, with nobody above configured, still calls somebody, and tells nothing of it', async () => {
  const { later, number } = await unanswered(HIDDEN, { fallbackContact: bell });
  expect(later.length).toBeGreaterThan(0);
  for (const notice of later) {
    expect(notice).toMatchObject({ contact: bell, rung: 'hidden', reportId: null, deliveryId: null });
    expect(notice.text).toBe(
      '【测试】有一份不宜由本院经手的强制报告无人跟进，系统未配置上级联系人。请立即请上级主管部门值班人员登录处理；详情此处不显示。',
    );
    expect(JSON.stringify(notice)).not.toContain(number);
  }
  expect(fixture.log.some((line) => line.includes('nobody above it is configured'))).toBe(true);
});

test('a hidden case with a contact above is told to that one alone, in full', async () => {
  const upper = { title: '市级值班', phone: '0000-2' };
  const { later, number } = await unanswered(HIDDEN, { fallbackContact: bell, upperContact: upper });
  expect(later.map(({ contact }) => contact)).toEqual(later.map(() => upper));
  expect(later.some(({ text }) => text.includes(number))).toBe(true);
});

test.each([
  [
    'phone-first, with the call in the report',
    { source: 'phone-first', calls: [{ number: '110', outcome: 'answered', incidentNumber: 'J-1' }] },
    ['agency:civil-affairs-440299'],
  ],
  ['known to the police', { source: 'known-to-police', knownToPolice: { by: 'brought' } }, ['agency:civil-affairs-440299']],
  [
    'phone-first, but nobody answered',
    { source: 'phone-first', calls: [{ number: '110', outcome: 'no-answer' }] },
    ['agency:police-440299', 'agency:civil-affairs-440299'],
  ],
  ['retrospective', { source: 'retrospective' }, ['agency:police-440299', 'agency:civil-affairs-440299']],
])('a report that is %s asks nobody to call whom somebody has told; every other clock runs', async (_name, body, called) => {
  const { first, later } = await unanswered(body);
  const phoned = await fixture.database.pool.query<{ party: string }>(
    `select recipient_party as party from escalations join deliveries using (delivery_id) where escalations.rung = 'phone' order by delivery_id`,
  );
  expect(phoned.rows.map(({ party }) => party).toSorted()).toEqual([...called].toSorted());
  expect(first.filter(({ rung }) => rung === 'phone')).toHaveLength(called.length);
  expect(new Set(later.map(({ rung }) => rung))).toEqual(new Set(['no-accepted']));
});
