import { waitUntil } from '@zhida/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PromptView } from '../src/index.js';
import { type Fixture, makeFixture, only } from './support/fixture.js';
import { openStream } from './support/read-stream.js';
import { answers, hangsUp, takes } from './support/scripted-relay.js';
import { pregnantGirl } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());
beforeEach(async () => fixture.reset());

const refuses = answers(403, '{"code":"ZD_ERR_SCOPE_MISSING"}');

async function promptOf(account: string): Promise<PromptView> {
  return only(await fixture.prompts(account));
}

/** A doctor presses while the relay is away, and leaves; the relay comes back and refuses. */
async function leftAndRefused(): Promise<PromptView> {
  await fixture.send(pregnantGirl());
  const doctor = await promptOf('D1001');
  fixture.relay.behave = hangsUp;
  expect((await fixture.press(doctor)).statusCode).toBe(201);
  expect((await promptOf('N2001')).state).toBe('reported');
  fixture.relay.behave = refuses;
  fixture.clock.advance(120_000);
  await waitUntil(async () => (await promptOf('N2001')).refusedAt !== null, { what: 'the refusal is told' });
  return doctor;
}

async function takenAtLast(): Promise<void> {
  fixture.relay.behave = takes();
  await waitUntil(
    async () => {
      fixture.clock.advance(120_000);
      return (await fixture.rows<{ state: string }>(`select state from presses where state = 'held'`)).length === 0;
    },
    { what: 'the presses are taken' },
  );
}

describe('a press the relay refuses after its clinician has left', () => {
  test('INV-2 asks the next clinician and the duty office again, and is a report of theirs when they press', async () => {
    await leftAndRefused();
    const next = await promptOf('N2001');
    expect(next).toMatchObject({ state: 'shown', reports: [], refusedAt: expect.stringMatching(/^2026-/) });
    const office = only(await fixture.prompts('W3001', { extra: { role: 'duty-office', department: '总值班' } }));
    expect(office).toMatchObject({ id: next.id, state: 'shown', refusedAt: next.refusedAt });
    expect(await fixture.actions()).toEqual(expect.arrayContaining(['press.refused', 'prompt.refused']));
    fixture.relay.behave = takes();
    expect((await fixture.press(next)).statusCode).toBe(202);
    expect(await promptOf('N2001')).toMatchObject({ state: 'reported', refusedAt: null, reports: [{}] });
  });

  test('stays held, and a prompt it asked again by is a reported one when the relay has taken it', async () => {
    await leftAndRefused();
    await takenAtLast();
    expect(await promptOf('N2001')).toMatchObject({ state: 'reported', refusedAt: null, reports: [{}] });
    expect(await fixture.actions()).toContain('prompt.submitted');
  });

  test('asks nobody again while another press of the prompt is on its way or stands', async () => {
    await fixture.send(pregnantGirl());
    const [doctor, nurse] = [await promptOf('D1001'), await promptOf('N2001')];
    expect((await fixture.press(nurse)).statusCode).toBe(202);
    fixture.relay.behave = refuses;
    expect((await fixture.press(doctor)).statusCode).toBe(201);
    expect(await promptOf('N2001')).toMatchObject({ state: 'reported', refusedAt: null });
    expect(await fixture.rows(`select kind from prompt_events where kind = 'refused'`)).toEqual([]);
  });

  test.each([408, 425, 429, 503])('a %i is no refusal', async (status) => {
    await fixture.send(pregnantGirl());
    fixture.relay.behave = answers(status, '{}');
    expect((await fixture.press(await promptOf('D1001'))).statusCode).toBe(201);
    expect(await promptOf('D1001')).toMatchObject({ state: 'reported', refusedAt: null });
  });
});

describe('whoever pressed', () => {
  test('reads that it is refused, and presses the same prompt again in other words: one report comes of it', async () => {
    const doctor = await leftAndRefused();
    const headers = { authorization: `Bearer ${await fixture.clinician()}` };
    const status = await fixture.gateway.app.inject({ method: 'GET', url: `/v1/reports/${doctor.pressId}`, headers });
    expect(status.json()).toEqual({ headline: 'held', pressId: doctor.pressId, refused: 'status-403', lines: [] });
    fixture.relay.behave = takes();
    const again = await promptOf('D1001');
    expect(again.pressId).toBe(doctor.pressId);
    expect((await fixture.press(again, { body: '{"suspicion":{"observed":"again"}}' })).statusCode).toBe(202);
    expect(fixture.relay.arrivals.at(-1)?.body.toString('utf8')).toBe('{"suspicion":{"observed":"again"}}');
    expect(await fixture.rows('select state, refused_at from presses')).toEqual([{ state: 'submitted', refused_at: null }]);
    expect((await promptOf('D1001')).state).toBe('reported');
  });

  test('hears of the refusal by the stream that is open', async () => {
    await fixture.send(pregnantGirl());
    const doctor = await promptOf('D1001');
    fixture.relay.behave = hangsUp;
    await fixture.press(doctor);
    const stream = await openStream<{ refused?: string }>(`${fixture.url}/v1/reports/${doctor.pressId}/events`, {
      'press-ticket': doctor.ticket,
    });
    try {
      await waitUntil(() => stream.events.length > 0, { what: 'the press is held' });
      fixture.relay.behave = refuses;
      fixture.clock.advance(120_000);
      await waitUntil(() => stream.events.some(({ data }) => data.refused === 'status-403'), {
        what: 'the refusal is told',
      });
    } finally {
      stream.close();
    }
  });
});

test('a refused report that a person began is told to every clinician, without a word of whom it is about', async () => {
  const headers = { authorization: `Bearer ${await fixture.clinician('N2001')}` };
  const told = async (): Promise<unknown> =>
    (await fixture.gateway.app.inject({ method: 'GET', url: '/v1/reports/refused', headers })).json();
  const opened = await fixture.gateway.app.inject({ method: 'POST', url: '/v1/tickets', payload: { staffId: 'B77' } });
  const manual = opened.json<PromptView>();
  fixture.relay.behave = refuses;
  expect((await fixture.press(manual, { body: '{"patient":{"name":"canary"}}' })).statusCode).toBe(201);
  const pressedAt = expect.stringMatching(/^2026-/) as string;
  expect(await told()).toEqual({ refused: [{ pressId: manual.pressId, pressedAt, problem: 'status-403' }] });
  await takenAtLast();
  expect(await told()).toEqual({ refused: [] });
});
