import { Value } from 'typebox/value';
import { sendMllp } from '@zhida/hl7v2/mllp';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { feedListSchema, feedMessageListSchema, feedReplaySchema } from '../../src/routes/feeds.js';
import { type AssertionOverrides, type Fixture, makeFixture, only } from '../support/fixture.js';
import { arrival, BOY, GIRL, hcgResult } from './support/messages.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture({ gateway: { feeds: [{ kind: 'mllp', name: 'his', port: 0 }] } });
});
afterAll(async () => fixture.close());
beforeEach(async () => fixture.reset());

const ADMINISTRATOR: AssertionOverrides = { scope: 'endpoint:admin' };

async function call(method: 'GET' | 'POST', url: string, overrides: AssertionOverrides = ADMINISTRATOR) {
  const authorization = `Bearer ${await fixture.clinician('ADMIN1', overrides)}`;
  return fixture.gateway.app.inject({ method, url, headers: { authorization } });
}

const send = (message: string) =>
  sendMllp({ host: '127.0.0.1', port: fixture.gateway.feeds[0]?.port ?? 0, message }).catch(() => undefined);

/** A message whose fold fails until the row in the way is gone: what a fault of ours would look like. */
async function withFault(task: () => Promise<unknown>): Promise<void> {
  await fixture.database.pool.query('alter table folded_visits add constraint fault check (visit_key is null) not valid');
  await task();
  await fixture.database.pool.query('alter table folded_visits drop constraint fault');
}

test('the administrator sees how each feed stands', async () => {
  await send(arrival(BOY, { controlId: 'H1' }));
  await withFault(() => send(arrival(GIRL, { controlId: 'H2' })));
  const answer = await call('GET', '/ops/feeds');
  expect(answer.statusCode).toBe(200);
  expect(Value.Check(feedListSchema, answer.json())).toBe(true);
  expect(answer.json()).toMatchObject({
    feeds: [
      { name: 'http', kind: 'http', waiting: 0, setAside: 0, lastMessageAt: null },
      { name: 'his', kind: 'mllp', waiting: 0, setAside: 1, lastMessageAt: new Date(fixture.clock.now()).toISOString(), problem: null },
    ],
  });
});

test('a message set aside is listed by code and control id, replayed once its reason is gone, and audited; nothing of a record shows', async () => {
  const before = (await fixture.actions()).length;
  await withFault(async () => {
    await send(arrival(GIRL, { controlId: 'H1' }));
    await send(hcgResult(GIRL, { controlId: 'L1' }, '12500'));
  });
  await send(arrival(BOY, { controlId: 'H2' }));
  const listed = await call('GET', '/ops/feeds/his/messages?status=set-aside');
  expect(Value.Check(feedMessageListSchema, listed.json())).toBe(true);
  const { messages } = listed.json<{ messages: { id: string; controlId: string }[] }>();
  expect(messages).toMatchObject([
    { controlId: 'L1', type: 'ORU^R01', status: 'set-aside', problem: { code: 'ZD_ERR_BUG', at: null }, ackCode: 'AE', replayable: true },
    { controlId: 'H1', type: 'ADT^A04', status: 'set-aside', replayable: true },
  ]);
  expect(listed.body).not.toMatch(/晓婷|P0013|12500/);
  // Why it could not be worked on is in the log, without what it is about.
  expect(fixture.log.filter((line) => line.includes('a bug: a message could not be worked on') && line.includes('23514'))).toHaveLength(2);
  expect(fixture.log.join('')).not.toMatch(/晓婷|P0013|12500/);
  expect(await fixture.prompts()).toEqual([]);
  for (const { id } of messages.toReversed()) {
    const replayed = await call('POST', `/ops/feeds/his/messages/${id}/replay`);
    expect(Value.Check(feedReplaySchema, replayed.json())).toBe(true);
    expect([replayed.statusCode, replayed.json()]).toEqual([200, { id, status: 'processed', problem: null }]);
  }
  expect(only(await fixture.prompts()).level).toBe('red');
  expect((await fixture.actions()).slice(before).filter((action) => action.startsWith('feed-message.'))).toEqual([
    'feed-message.set-aside',
    'feed-message.set-aside',
    'feed-message.replayed',
    'feed-message.replayed',
  ]);
  const again = await call('POST', `/ops/feeds/his/messages/${messages[0]?.id}/replay`);
  expect([again.statusCode, again.json<{ code: string }>().code]).toEqual([409, 'ZD_ERR_CONFLICT']);
  // The sender gets the answer it had, whatever became of the message since.
  await expect(
    sendMllp({ host: '127.0.0.1', port: fixture.gateway.feeds[0]?.port ?? 0, message: arrival(GIRL, { controlId: 'H1' }) }),
  ).rejects.toMatchObject({ code: 'ZD_ERR_MLLP_REFUSED' });
});

test('the list goes on page by page', async () => {
  for (const number of [1, 2, 3]) await send(arrival(BOY, { controlId: `H${number}` }));
  const first = (await call('GET', '/ops/feeds/his/messages')).json<{ messages: { id: string; controlId: string }[] }>().messages;
  expect(first.map(({ controlId }) => controlId)).toEqual(['H3', 'H2', 'H1']);
  const rest = (await call('GET', `/ops/feeds/his/messages?before=${first[1]?.id}`)).json<{ messages: { controlId: string }[] }>();
  expect(rest.messages.map(({ controlId }) => controlId)).toEqual(['H1']);
});

test('nobody else sees or moves it: no token, a clinician’s, or one that also reads reports', async () => {
  const doors = [
    ['GET', '/ops/feeds'],
    ['GET', '/ops/feeds/his/messages'],
    ['POST', '/ops/feeds/his/messages/ftm_1/replay'],
  ] as const;
  for (const [method, url] of doors) {
    expect((await fixture.gateway.app.inject({ method, url })).statusCode).toBe(401);
    expect((await call(method, url, { scope: 'prompt:answer report:read.own' })).statusCode).toBe(403);
    expect((await call(method, url, { scope: 'endpoint:admin report:read.own' })).statusCode).toBe(403);
  }
  expect((await call('GET', '/ops/feeds/none/messages')).statusCode).toBe(404);
  expect((await call('POST', '/ops/feeds/his/messages/ftm_1/replay')).statusCode).toBe(404);
  expect((await call('GET', '/ops/feeds/his/messages?status=nonsense')).statusCode).toBe(400);
});

test('what was worked on is erased with its key after its time; what was set aside stays for as long as the text of a visit', async () => {
  await send(arrival(BOY, { controlId: 'H1' }));
  await withFault(() => send(arrival(GIRL, { controlId: 'H2' })));
  fixture.clock.advance(89 * 86_400_000);
  expect(await fixture.gateway.purgeOnce()).toMatchObject({ messages: 1 });
  expect(
    await fixture.rows(
      'select control_id, wrapped_key is null as erased, sealed_accept is null as unanswered from feed_messages order by seq',
    ),
  ).toEqual([
    { control_id: 'H1', erased: true, unanswered: true },
    { control_id: 'H2', erased: false, unanswered: true },
  ]);
  fixture.clock.advance(2 * 86_400_000);
  expect(await fixture.gateway.purgeOnce()).toMatchObject({ messages: 1 });
  expect(await fixture.rows(`select status from feed_messages where wrapped_key is null and control_id = 'H2'`)).toEqual([
    { status: 'set-aside' },
  ]);
  expect(await fixture.actions()).toContain('feed-message.purged');
  expect(await fixture.rows('select 1 from folded_visits union all select 1 from folded_visit_keys')).toEqual([]);
  // Still the same message, and still taken once.
  expect((await send(arrival(BOY, { controlId: 'H1' })))?.code).toBe('AA');
  expect(await fixture.rows('select count(*) as messages from feed_messages')).toEqual([{ messages: 2 }]);

  // Half a year after it came last nothing is left of a message; one that came again is known for half a year more.
  fixture.clock.advance(90 * 86_400_000);
  await fixture.gateway.purgeOnce();
  expect(await fixture.rows('select control_id from feed_messages')).toEqual([{ control_id: 'H1' }]);
  expect((await send(arrival(BOY, { controlId: 'H1' })))?.code).toBe('AA');
  expect(await fixture.rows('select wrapped_key is null as erased from feed_messages')).toEqual([{ erased: true }]);
  fixture.clock.advance(180 * 86_400_000);
  await fixture.gateway.purgeOnce();
  expect(await fixture.rows('select control_id from feed_messages')).toEqual([]);
});
