import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Desk, deskOf, type Person, textOf } from './support/desk.js';
import { FACILITY, type Fixture, makeFixture, only } from './support/fixture.js';
import { type RelayBeside, startRelayBeside } from './support/relay-beside.js';
import { pregnantGirl } from './support/visits.js';

const MINUTE = 60_000;
const POLICE = 'agency:police-440299';

/** No agency is trusted: nothing is delivered, and everything is told to whoever is on duty. */
let fixture: Fixture;
let beside: RelayBeside;
let desk: Desk;
let person: Person;

beforeAll(async () => {
  fixture = await makeFixture({ relayTrusted: false, settings: { relayAnswerMs: 5_000 } });
  beside = await startRelayBeside(fixture);
  desk = await deskOf(fixture);
});
afterAll(async () => {
  await fixture.close();
  await beside.close();
});
beforeEach(async () => {
  await fixture.reset();
  await beside.database.pool.query('update escalations set acknowledged_at = now(), acknowledged_by = $1 where acknowledged_at is null', [
    'test',
  ]);
  person = await desk.signedIn();
});

/** Presses, and lets ten minutes go by without an answer. */
async function pressedInVain(): Promise<{ reportId: string; number: string }> {
  await fixture.send(pregnantGirl());
  const pressed = (await fixture.press(only(await fixture.prompts()))).json<{ reportId: string; number: string }>();
  await beside.relay.escalateOnce();
  fixture.clock.advance(10 * MINUTE);
  await beside.relay.escalateOnce();
  return pressed;
}

/** The address of the alarm of this rung of the county police. */
async function addressOf(reportId: string, rung: string): Promise<string> {
  const { rows } = await beside.database.pool.query<{ id: string }>(
    `select escalation_id as id from escalations join deliveries using (delivery_id)
     where escalations.report_id = $1 and escalations.rung = $2 and recipient_party = $3`,
    [reportId, rung, POLICE],
  );
  return `/duty/alarms/${only(rows).id}`;
}

describe('待确认, the alarms of the duty desk', () => {
  test('are listed in words, with number, minutes and recipient and without the child, and leave with whoever acknowledges them', async () => {
    const { reportId, number } = await pressedInVain();
    const list = await person.get('/duty/alarms');
    expect(textOf(list.body)).toMatch(new RegExp(`仍未签收 ${number} 0分钟 县公安局110指挥中心 处理`));
    expect(list.body).not.toMatch(/张晓婷|张\*婷/);
    const address = await addressOf(reportId, 'no-stored');
    const page = await person.get(address);
    expect(textOf(page.body)).toContain('立即打电话报告，然后确认。');
    expect(page.body).toContain(`href="/duty/reports/${reportId}"`);
    expect((await desk.form(`${address}/acknowledge`, {})).statusCode).toBe(401);
    expect((await person.post(`${address}/acknowledge`)).headers.location).toBe('/duty/alarms');
    expect((await person.get('/duty/alarms')).body).not.toContain(address);
    expect((await person.get(address)).headers.location).toBe('/duty/alarms');
    const { rows } = await beside.database.pool.query(`select from audit_entries where convert_from(bytes, 'UTF8')::jsonb @> $1`, [
      { action: 'escalation.acknowledged', subject: { reportId, rung: 'no-stored' } },
    ]);
    expect(rows).toHaveLength(1);
    const english = (await person.get('/duty/alarms', { 'accept-language': 'en' })).body;
    expect(english.replaceAll(/中文|王值班/g, '')).not.toMatch(/\p{Script=Han}/u);
  });

  test('INV-6 a rung is silenced with a reason; the report stays where it is, and the next rung comes in its time', async () => {
    const { reportId, number } = await pressedInVain();
    const address = await addressOf(reportId, 'no-stored');
    const refused = await person.post(`${address}/silence`, { reason: ' ' });
    expect([refused.statusCode, textOf(refused.body)]).toEqual([400, expect.stringContaining('请写明事由')]);
    expect((await person.post(`${address}/silence`, { reason: '民警已在路上' })).headers.location).toBe('/duty/alarms');
    expect((await person.get('/duty/alarms')).body).not.toContain(address);
    expect((await person.get('/duty')).body).toContain(number);
    fixture.clock.advance(20 * MINUTE);
    await beside.relay.escalateOnce();
    expect((await person.get('/duty/alarms')).body).toContain(await addressOf(reportId, 'no-accepted'));
    expect(fixture.log.join('\n')).not.toContain('民警已在路上');
  });

  test('show what two systems do not have alike, and offer no silence where there is no rung', async () => {
    const { pool } = beside.database;
    await pool.query(
      `insert into exchanges values ($1, '2026-11-21', 2, 'a', '{}', 1, 'b', false, '{rcp_only_there}', '{rcp_only_here}', now(), now(), '')`,
      [POLICE],
    );
    const id = 'esc_00000000000000000000000001';
    await pool.query(
      `insert into escalations (facility, escalation_id, subject, rung, due_at, raised_at, about)
       values ($1, $2, 'exchange/x', 'exchange-difference', $3, $3, $4)`,
      [FACILITY.code, id, new Date(fixture.clock.now()), { party: POLICE, day: '2026-11-21' }],
    );
    const { body } = await person.get(`/duty/alarms/${id}`);
    expect(textOf(body)).toMatch(
      /每日核对不一致 .*县公安局110指挥中心 .*2026-11-21 .*对方说签收2份，本院记有1份。 对方有、本院没有的回执 rcp_only_there 本院有、对方没有的回执 rcp_only_here/,
    );
    expect(body).not.toContain('id="silence"');
    expect((await person.post(`/duty/alarms/${id}/silence`, { reason: 'x' })).statusCode).toBe(409);
    expect((await person.post(`/duty/alarms/${id}/acknowledge`)).statusCode).toBe(303);
    expect(textOf((await person.get('/duty/alarms')).body)).toContain('没有等人确认的提醒。');
  });
});
