import { waitUntil } from '@zhida/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type PromptView } from '../src/index.js';
import { type Fixture, makeFixture, only } from './support/fixture.js';
import { type OpenStream, openStream } from './support/read-stream.js';
import { hangsUp, takes } from './support/scripted-relay.js';
import { bruisedInfant, hcg, pregnantGirl } from './support/visits.js';

let fixture: Fixture;
const open: OpenStream<unknown>[] = [];
beforeEach(async () => {
  fixture = await makeFixture({ settings: { maxStreams: 3 } });
});
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close();
  await fixture.close();
});

async function stream<Data>(path: string, headers: Record<string, string> = {}, account?: string): Promise<OpenStream<Data>> {
  const token = await fixture.clinician(account);
  const opened = await openStream<Data>(`${fixture.url}${path}`, { authorization: `Bearer ${token}`, ...headers });
  open.push(opened);
  return opened;
}

describe('the prompt stream', () => {
  test('begins with what there is, then brings each change as it happens, and nothing twice', async () => {
    await fixture.send(bruisedInfant());
    const events = (await stream<PromptView>('/v1/prompts/events')).events;
    await waitUntil(() => events.length === 1, { what: 'the prompt that was there' });
    await fixture.send(pregnantGirl());
    await waitUntil(() => events.length === 2, { what: 'the new prompt' });
    const red = events[1]?.data;
    expect(red).toMatchObject({ level: 'red', state: 'shown', version: 1 });
    expect(events[1]?.id).toBe(`${red?.id}-1`);
    await fixture.act(red?.id ?? '', 'open');
    await waitUntil(() => events.length === 3, { what: 'the change' });
    expect(events[2]?.data).toMatchObject({ id: red?.id, state: 'opened', version: 2 });
    await fixture.send(pregnantGirl({ observations: [hcg('2', 'corrected')] }));
    await waitUntil(() => events.length === 4, { what: 'the correction' });
    expect(events[3]?.data).toMatchObject({ id: red?.id, state: 'closed' });
    const patient = { id: 'P0018', name: '孔念', sex: 'male', birthDate: '2026-08-10' } as const;
    await fixture.send(bruisedInfant({ patient, location: '留观室' }));
    await waitUntil(() => events.length === 5, { what: 'the name and the room that were put right, which change no reason' });
    expect(events[4]?.data).toMatchObject({
      id: events[0]?.data.id,
      version: events[0]?.data.version,
      prefill: { patient: { name: '孔念' }, whereabouts: { place: '云溪县人民医院 留观室' } },
    });
  });

  test('brings the number of a report that a colleague has made, though the prompt has not moved since the press', async () => {
    await fixture.send(pregnantGirl());
    const { events } = await stream<PromptView>('/v1/prompts/events', {}, 'D1002');
    await fixture.press(only(await fixture.prompts()));
    await waitUntil(() => events.some(({ data }) => data.reports.length === 1), { what: 'the number' });
  });

  test('that was cut begins again with everything, so that nothing can be missed', async () => {
    const first = await stream<PromptView>('/v1/prompts/events');
    await fixture.send(pregnantGirl());
    await waitUntil(() => first.events.length === 1, { what: 'the prompt' });
    first.close();
    await fixture.send(bruisedInfant());
    await fixture.database.pool.query('alter table drafts rename to drafts_away');
    const second = await stream<PromptView>('/v1/prompts/events', { 'last-event-id': first.events[0]?.id ?? '' });
    await waitUntil(() => fixture.log.some((line) => line.includes('prompts could not be brought')), {
      what: 'a failure nobody sees is told',
    });
    await fixture.database.pool.query('alter table drafts_away rename to drafts');
    await waitUntil(() => second.events.length === 2, { what: 'both prompts' });
  });

  test('brings what another process of the same gateway has changed', async () => {
    const events = (await stream<PromptView>('/v1/prompts/events')).events;
    const other = await createGateway({ ...fixture.options, dataDirectory: `${fixture.dataDirectory}/other` });
    await other.start();
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await fixture.feed()}` };
    await other.app.inject({ method: 'POST', url: '/v1/encounters', headers, payload: JSON.stringify(pregnantGirl()) });
    await waitUntil(() => events.length === 1, { what: 'the prompt of the other process' });
    await other.stop();
  });

  test('holds only what is addressed to its reader', async () => {
    const token = await fixture.clinician('D3001', { extra: { department: '眼科' } });
    const stranger = await openStream<PromptView>(`${fixture.url}/v1/prompts/events`, { authorization: `Bearer ${token}` });
    open.push(stranger);
    const own = await stream<PromptView>('/v1/prompts/events');
    await fixture.send(pregnantGirl());
    await waitUntil(() => own.events.length === 1, { what: 'the prompt' });
    expect(stranger.events).toEqual([]);
  });

  test('ends with its token', async () => {
    const token = await fixture.clinician('D1001', { lifetimeSeconds: 1 });
    const short = await openStream<PromptView>(`${fixture.url}/v1/prompts/events`, { authorization: `Bearer ${token}` });
    await waitUntil(() => short.ended(), { what: 'the stream ends' });
  });

  test('beyond the limit is refused as a delay, and a stream that closes makes room', async () => {
    const streams = [await stream('/v1/prompts/events'), await stream('/v1/prompts/events'), await stream('/v1/prompts/events')];
    expect((await stream('/v1/prompts/events')).status).toBe(503);
    streams[0]?.close();
    await waitUntil(async () => (await stream('/v1/prompts/events')).status === 200, { what: 'room for another' });
  });
});

describe('the report stream', () => {
  test('says held first, then the relay’s events byte for byte, and resumes where it was cut', async () => {
    await fixture.send(pregnantGirl());
    const chosen = only(await fixture.prompts());
    fixture.relay.behave = hangsUp;
    expect((await fixture.press(chosen)).statusCode).toBe(201);
    const report = await stream<{ headline: string }>(`/v1/reports/${chosen.pressId}/events`);
    await waitUntil(() => report.events.length === 1, { what: 'held' });
    expect(report.events[0]).toEqual({ id: '0', event: 'status', data: { headline: 'held', pressId: chosen.pressId, lines: [] } });
    fixture.relay.events.push({ headline: 'submitted', number: '440299-261122-010001-0', lines: [] }, { headline: 'stored', lines: [] });
    fixture.relay.behave = takes();
    fixture.clock.advance(120_000);
    await waitUntil(() => report.events.length === 3, { what: 'what the relay says' });
    expect(report.events.map(({ id, data }) => [id, data.headline])).toEqual([
      ['0', 'held'],
      ['1', 'submitted'],
      ['2', 'stored'],
    ]);
    report.close();
    fixture.relay.events.push({ headline: 'accepted', lines: [] });
    const resumed = await stream<{ headline: string }>(`/v1/reports/${chosen.pressId}/events`, { 'last-event-id': '2' });
    await waitUntil(() => resumed.events.length === 1, { what: 'what is new' });
    expect(resumed.events[0]).toMatchObject({ id: '3', data: { headline: 'accepted' } });
    expect(fixture.relay.resumed).toEqual([undefined, '2']);
  });

  test('ends when the relay’s does, and is nobody else’s', async () => {
    await fixture.send(pregnantGirl());
    const chosen = only(await fixture.prompts());
    await fixture.press(chosen);
    fixture.relay.events.push({ headline: 'submitted', lines: [] });
    expect((await stream(`/v1/reports/${chosen.pressId}/events`, {}, 'N2001')).status).toBe(404);
    const report = await stream(`/v1/reports/${chosen.pressId}/events`);
    await waitUntil(() => report.events.length === 1, { what: 'the status' });
    await fixture.relay.close();
    await waitUntil(() => report.ended(), { what: 'the stream ends' });
    const away = await stream(`/v1/reports/${chosen.pressId}/events`);
    await waitUntil(() => away.ended(), { what: 'a stream without a relay ends' });
  });

  test('the gateway stops at once with streams open and a relay that hangs', async () => {
    await fixture.send(pregnantGirl());
    const chosen = only(await fixture.prompts());
    const report = await stream('/v1/prompts/events');
    fixture.relay.behave = () => undefined;
    await fixture.press(chosen);
    fixture.clock.advance(120_000);
    await waitUntil(() => fixture.relay.arrivals.length === 2, { what: 'the outbox waits for the relay' });
    const began = performance.now();
    await fixture.gateway.stop();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(report.ended()).toBe(true);
  });
});
