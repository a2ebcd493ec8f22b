import type { EncounterSnapshot } from '@zhida/core';
import { canaries, findCanaries } from '@zhida/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PromptView } from '../src/index.js';
import { type Fixture, makeFixture, NOW, only } from './support/fixture.js';
import { hangsUp } from './support/scripted-relay.js';
import { bruisedInfant, hcg, maltreatedInfant, ordinaryVisit, pregnantGirl } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  // A busy machine must not turn a 202 into a 201; a relay that is away hangs up.
  fixture = await makeFixture({ settings: { relayAnswerMs: 10_000 } });
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

const START = '2026-11-22T19:00:00+08:00';
const by = (kind: 'discharge' | 'transfer' | 'death' | 'order' | 'diagnosis') => ({ kind, staffId: 'D1001', role: 'doctor' }) as const;
const home = { disposition: 'home', event: by('discharge') } as const;

async function promptOf(visit: object): Promise<PromptView> {
  await fixture.send(visit);
  return only(await fixture.prompts());
}
async function reported(visit: EncounterSnapshot = pregnantGirl()): Promise<PromptView> {
  const prompt = await promptOf(visit);
  expect((await fixture.press(prompt)).statusCode).toBe(202);
  return prompt;
}
const settle = ({ id, patient }: Pick<PromptView, 'id' | 'patient'>, said: object, account?: string) =>
  fixture.act(id, 'settle', { patientId: patient.id, ...said }, account);
const follow = ({ pressId, ticket }: Pick<PromptView, 'pressId' | 'ticket'>, body: object, id: string = pressId) =>
  fixture.gateway.app.inject({
    method: 'POST',
    url: `/v1/reports/${id}/follow-ups`,
    headers: { 'content-type': 'application/json', 'press-ticket': ticket, 'idempotency-key': 'k1' },
    payload: JSON.stringify({ createdAt: NOW, kind: 'follow-up', ...body }),
  });
const arrived = (): Record<string, unknown>[] =>
  fixture.relay.arrivals.map(({ body }) => JSON.parse(body.toString('utf8')) as Record<string, unknown>);

describe('S7: a child leaves while a report is open or a red unanswered', () => {
  test.each([
    ['is discharged', home, 'left'],
    ['leaves against advice', { disposition: 'against-advice', event: by('discharge') }, 'left'],
    ['is transferred', { disposition: 'transferred', event: by('transfer') }, 'transferred'],
    ['dies', { disposition: 'died', event: by('death') }, 'deceased'],
    ['is told to be gone by the end of the visit alone', { period: { start: START, end: '2026-11-22T20:00:00+08:00' } }, 'left'],
  ] as const)('asks once when the child %s', async (_how, gone, leftAs) => {
    const { state, version, ...first } = await reported();
    expect([state, first.leftAs]).toEqual(['shown', null]);
    expect(only(await fixture.prompts()).leftAs).toBeNull();
    await fixture.send(pregnantGirl({ revision: 2, ...gone }));
    const asked = only(await fixture.prompts());
    expect(asked).toMatchObject({ id: first.id, state: 'reported', leftAs });
    expect(asked.version).toBeGreaterThan(version);
    // The same leaving told again is no other.
    await fixture.send(pregnantGirl({ revision: 3, ...gone, location: '急诊3诊室' }));
    expect(only(await fixture.prompts())).toMatchObject({ version: asked.version, leftAs });
    expect(await fixture.actions()).toContain('prompt.asked');
  });

  test('an unanswered red is asked; orange, a decision and a prompt that has ended are not', async () => {
    await promptOf(pregnantGirl());
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    const red = only(await fixture.prompts());
    expect(red).toMatchObject({ state: 'shown', leftAs: 'left', leftBeforeResult: false });
    await fixture.act(red.id, 'decide', { version: red.version, code: 'coding-error' });
    expect(only(await fixture.prompts())).toMatchObject({ state: 'decided', leftAs: null });
    await fixture.reset();
    await promptOf(bruisedInfant());
    await fixture.send(bruisedInfant({ revision: 2, ...home }));
    expect(only(await fixture.prompts())).toMatchObject({ level: 'orange', leftAs: null });
    // It turns red after the child has left: the prompt itself asks then.
    await fixture.send(maltreatedInfant({ revision: 3, disposition: 'home', event: by('diagnosis') }));
    expect(only(await fixture.prompts())).toMatchObject({ level: 'red', state: 'shown', leftAs: null });
  });

  test('a deferred red asks at the discharge, whenever its time comes', async () => {
    const { id } = await promptOf(pregnantGirl());
    await fixture.act(id, 'defer', {});
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    expect(only(await fixture.prompts())).toMatchObject({ state: 'deferred', leftAs: 'left' });
  });

  test('a prompt that is raised by the discharge itself asks; one that is raised long after it does not', async () => {
    expect((await promptOf(pregnantGirl(home))).leftAs).toBe('left');
    await fixture.reset();
    expect((await promptOf(pregnantGirl({ disposition: 'home', event: by('diagnosis') }))).leftAs).toBeNull();
    await fixture.reset();
    // (iii): a result after the leaving says what to do by itself.
    await promptOf(pregnantGirl({ observations: [], notes: [{ section: 'assessment', text: '早孕', author: 'doctor' }] }));
    await fixture.send(pregnantGirl({ revision: 2, disposition: 'home', observations: [hcg('12500')] }));
    expect(only(await fixture.prompts())).toMatchObject({ leftBeforeResult: true, leftAs: null });
  });

  test('a follow-up that says where the child is goes out at once and ends the asking; the next leaving asks again', async () => {
    const first = await reported();
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    const asked = only(await fixture.prompts());
    expect((await follow(first, { suspicion: { observed: '补充' } })).statusCode).toBe(202);
    expect(only(await fixture.prompts()).leftAs).toBe('left');
    const moved = await fixture.gateway.app.inject({
      method: 'POST',
      url: `/v1/reports/${first.pressId}/follow-ups`,
      headers: { 'content-type': 'application/json', 'press-ticket': asked.ticket, 'idempotency-key': 'moved-1' },
      payload: JSON.stringify({ createdAt: NOW, kind: 'follow-up', whereabouts: { status: 'left', withWhom: '自称哥哥' } }),
    });
    expect(moved.statusCode).toBe(202);
    expect(arrived().at(-1)).toMatchObject({ priority: 'urgent', whereabouts: { status: 'left', withWhom: '自称哥哥' } });
    expect(only(await fixture.prompts()).leftAs).toBeNull();
    // The discharge is taken back, and the child is transferred then.
    await fixture.send(pregnantGirl({ revision: 3 }));
    await fixture.send(pregnantGirl({ revision: 4, disposition: 'transferred', event: by('transfer') }));
    expect(only(await fixture.prompts()).leftAs).toBe('transferred');
    await fixture.send(pregnantGirl({ revision: 5 }));
    expect(only(await fixture.prompts()).leftAs).toBeNull();
  });

  test('the newest visit of the child tells, also one without a reason; an older one that speaks late does not', async () => {
    const patient = { id: 'P0013', name: '张晓婷', sex: 'female', birthDate: '2013-03-18' } as const;
    await reported();
    const second = { id: 'V0101', patient, period: { start: '2026-11-22T20:10:00+08:00' } };
    await fixture.send(ordinaryVisit(second));
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    expect(only(await fixture.prompts()).leftAs).toBeNull();
    await fixture.send(ordinaryVisit({ ...second, revision: 2, ...home }));
    expect(only(await fixture.prompts()).leftAs).toBe('left');
  });

  test('a visit whose beginning is told late, or put right, goes on telling where its child is', async () => {
    await reported(pregnantGirl({ period: {} }));
    await fixture.send(pregnantGirl({ revision: 2, ...home, period: { start: START, end: '2026-11-22T20:20:00+08:00' } }));
    expect(only(await fixture.prompts()).leftAs).toBe('left');
  });

  test('holds up no visit: each is answered with its Assessment, whatever becomes of what is asked', async () => {
    await reported();
    fixture.relay.behave = hangsUp;
    const gone = await fixture.post(pregnantGirl({ revision: 2, ...home, orders: [{ text: '清宫术' }] }));
    expect(gone.statusCode).toBe(200);
    expect(gone.json()).toMatchObject({ encounterId: 'V0013', revision: 2, level: 'red' });
  });

  test('is asked of whoever can add to the report: its maker and, where it may be added to, a colleague', async () => {
    const first = await reported();
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    const [own, beside] = [only(await fixture.prompts()), only(await fixture.prompts('D1002'))];
    expect([own.leftAs, beside.leftAs, beside.reports[0]?.addable]).toEqual(['left', 'left', true]);
    const number = beside.reports[0]?.number ?? '';
    expect((await follow(beside, { whereabouts: { status: 'left' } }, number)).statusCode).toBe(202);
    expect(only(await fixture.prompts()).leftAs).toBeNull();
    // A report that is kept from people of the house is added to by its maker alone.
    await fixture.reset();
    const kept = await promptOf(pregnantGirl());
    const body = JSON.stringify({ ...kept.prefill, createdAt: NOW, conflictOfInterest: ['colleague'] });
    expect((await fixture.press(kept, { body })).statusCode).toBe(202);
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    expect([only(await fixture.prompts()).leftAs, only(await fixture.prompts('D1002')).leftAs]).toEqual(['left', null]);
    expect(first.id).not.toBe(kept.id);
  });

  test('a held press is a report that can be added to', async () => {
    const prompt = await promptOf(pregnantGirl());
    fixture.relay.behave = hangsUp;
    expect((await fixture.press(prompt)).statusCode).toBe(201);
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    expect(only(await fixture.prompts()).leftAs).toBe('left');
  });

  test('is another child’s once the visit is: nothing of the one before is asked or filled in', async () => {
    await promptOf(pregnantGirl({ orders: [{ text: '人工流产术' }] }));
    await fixture.send(pregnantGirl({ revision: 2, ...home, orders: [{ text: '人工流产术' }] }));
    const before = only(await fixture.prompts());
    await settle(before, { whereabouts: { status: 'left', withWhom: '自称哥哥' } });
    await settle(before, { evidence: { status: 'kept', place: '手术室冰箱' } });
    const other = { id: 'P0099', name: '李小满', sex: 'female', birthDate: '2014-05-05' } as const;
    await fixture.send(pregnantGirl({ revision: 3, patient: other, event: by('diagnosis') }));
    const after = only(await fixture.prompts());
    expect(after).toMatchObject({ id: before.id, patient: { id: 'P0099' }, leftAs: null, toKeep: [] });
    expect(after.prefill.whereabouts).toEqual({ status: 'in-facility', place: '云溪县人民医院 急诊2诊室' });
    expect(after.prefill).not.toHaveProperty('evidence');
    expect(await fixture.rows('select 1 from prompt_told')).toEqual([]);
    expect(await fixture.actions()).toContain('told.dropped');
  });
});

describe('S7: an order after which evidence would be lost', () => {
  const ordered = (...texts: string[]) => ({ event: by('order'), orders: texts.map((text) => ({ text, status: 'active' })) });

  test.each([
    [ordered('人工流产术'), ['conception-tissue', 'clothing']],
    [ordered('药物流产'), ['conception-tissue', 'clothing']],
    [ordered('B超引导下清宫术'), ['conception-tissue', 'clothing']],
    [ordered('利凡诺羊膜腔内引产'), ['conception-tissue', 'clothing']],
    [ordered('清创缝合术（可吸收缝合线）'), ['clothing']],
    [{ procedures: [{ code: '69.0100', system: 'icd-9-cm-3' }] }, ['conception-tissue', 'clothing']],
    [{ medications: [{ text: '米非司酮片 25mg' }] }, ['conception-tissue', 'clothing']],
    [ordered('先兆流产护理常规', '流产后关爱宣教', '拆除缝合线', '血常规', '负压吸引产道分泌物'), []],
    [{ orders: [{ text: '人工流产术', status: 'cancelled' }] }, []],
    [{ procedures: [{ text: '清宫术', status: 'entered-in-error' }] }, []],
  ] as const)('%j asks to keep %j', async (told, kinds) => {
    await promptOf(pregnantGirl());
    await fixture.send(pregnantGirl({ revision: 2, ...told } as Partial<EncounterSnapshot>));
    expect(only(await fixture.prompts()).toKeep.map(({ kind }) => kind)).toEqual(kinds);
  });

  test('once: not when it is told again, done, or another of its kind is ordered; of another kind anew', async () => {
    const first = await promptOf(pregnantGirl(ordered('人工流产术')));
    expect(first.toKeep).toEqual([
      { kind: 'conception-tissue', volatileUntil: '2026-11-23T12:30:00.000Z' },
      { kind: 'clothing', volatileUntil: '2026-11-23T12:30:00.000Z' },
    ]);
    expect((await settle(first, { evidence: { status: 'unavailable' } })).statusCode).toBe(200);
    expect(only(await fixture.prompts()).toKeep).toEqual([]);
    await fixture.send(pregnantGirl({ revision: 2, ...ordered('人工流产术', '血常规'), procedures: [{ text: '人工流产术' }] }));
    expect(only(await fixture.prompts()).toKeep).toEqual([]);
    await fixture.send(pregnantGirl({ revision: 3, ...ordered('人工流产术', '会阴裂伤缝合术') }));
    expect(only(await fixture.prompts()).toKeep.map(({ kind }) => kind)).toEqual(['clothing']);
  });

  test('orange asks nothing, and asks what was ordered once it is red; an ordinary child is asked nothing', async () => {
    await promptOf(bruisedInfant(ordered('清创缝合')));
    expect(only(await fixture.prompts())).toMatchObject({ level: 'orange', toKeep: [] });
    await fixture.send(maltreatedInfant({ revision: 2, ...ordered('清创缝合') }));
    expect(only(await fixture.prompts()).toKeep).toHaveLength(1);
    await fixture.reset();
    await fixture.send(ordinaryVisit(ordered('清创缝合')));
    expect(await fixture.prompts()).toEqual([]);
  });

  test('after a report what is kept is a follow-up, which ends the asking', async () => {
    const first = await reported();
    await fixture.send(pregnantGirl({ revision: 2, ...ordered('清宫术') }));
    expect(only(await fixture.prompts()).toKeep).toHaveLength(2);
    const evidence = [{ kind: 'conception-tissue', status: 'kept', place: '手术室冰箱' }];
    expect((await follow(first, { evidence })).statusCode).toBe(202);
    expect(arrived().at(-1)).toMatchObject({ kind: 'follow-up', evidence });
    expect(only(await fixture.prompts()).toKeep).toEqual([]);
  });
});

describe('what is told before anybody reported', () => {
  test('stands in the report of whoever presses, and is kept where nobody reads it', async () => {
    const visit = { revision: 2, ...home, orders: [{ text: '人工流产术' }] };
    await promptOf(pregnantGirl());
    await fixture.send(pregnantGirl(visit));
    const asked = only(await fixture.prompts());
    const whereabouts = {
      status: 'transferred',
      withWhom: canaries.guardianName,
      destination: '市妇幼',
      since: '2026-11-22T20:20:00+08:00',
    };
    expect((await settle(asked, { whereabouts })).statusCode).toBe(200);
    expect((await settle(asked, { evidence: { status: 'kept', place: canaries.childName } })).statusCode).toBe(200);
    const colleague = only(await fixture.prompts('D1002'));
    expect(colleague).toMatchObject({ leftAs: null, toKeep: [], state: 'shown', phone: { answers: { where: 'transferred' } } });
    expect((await fixture.press(colleague)).statusCode).toBe(202);
    expect(arrived()).toMatchObject([
      {
        kind: 'initial',
        whereabouts,
        evidence: ['conception-tissue', 'clothing'].map((kind) => ({
          kind,
          status: 'kept',
          place: canaries.childName,
          volatileUntil: '2026-11-23T12:30:00.000Z',
        })),
      },
    ]);
    for (const table of ['prompts', 'prompt_events', 'prompt_told', 'presses', 'audit_entries']) {
      const rows = await fixture.rows(`select * from ${table}`);
      const values = rows.flatMap((row) => Object.values(row).map((value) => (Buffer.isBuffer(value) ? value.toString() : String(value))));
      expect([table, values.length > 0, findCanaries(values.join('\n'))]).toEqual([table, true, []]);
    }
    expect(findCanaries(fixture.log.join('\n'))).toEqual([]);
    fixture.clock.advance(400 * 86_400_000);
    expect((await fixture.gateway.purgeOnce()).told).toBe(1);
    expect(await fixture.rows('select 1 from prompt_told')).toEqual([]);
  });

  test('the child has not left: nobody is asked again until the next leaving, and the report says where the child is', async () => {
    await promptOf(pregnantGirl());
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    await settle(only(await fixture.prompts()), { whereabouts: { status: 'in-facility' } });
    expect(only(await fixture.prompts())).toMatchObject({ leftAs: null, prefill: { whereabouts: { status: 'in-facility' } } });
    // What was told was of that leaving.
    await fixture.send(pregnantGirl({ revision: 3, disposition: 'transferred', event: by('transfer') }));
    expect(only(await fixture.prompts())).toMatchObject({ leftAs: 'transferred', prefill: { whereabouts: { status: 'transferred' } } });
  });

  test('is refused of another patient, of what nobody is asked, of other people’s prompts, and when it is none', async () => {
    const prompt = await promptOf(pregnantGirl());
    expect((await settle(prompt, { whereabouts: { status: 'left' } })).json()).toMatchObject({ status: 409, at: 'whereabouts' });
    expect((await settle(prompt, { evidence: { status: 'kept' } })).json()).toMatchObject({ status: 409, at: 'evidence' });
    await fixture.send(pregnantGirl({ revision: 2, ...home }));
    const said = { whereabouts: { status: 'left' } };
    const otherPatient = await settle({ ...prompt, patient: { ...prompt.patient, id: 'P0001' } }, said);
    expect(otherPatient.json()).toMatchObject({ status: 409, at: 'patientId' });
    for (const [body, at] of [
      [{ whereabouts: { status: 'unknown' } }, 'whereabouts.status'],
      [{ whereabouts: { status: 'left', withWhom: 'x'.repeat(201) } }, 'whereabouts.withWhom'],
      [{ evidence: { status: 'at-risk' } }, 'evidence.status'],
      [{}, 'evidence'],
    ] as const) {
      expect((await settle(prompt, body)).json()).toMatchObject({ status: 400, at });
    }
    const headers = {
      authorization: `Bearer ${await fixture.clinician('D2001', { extra: { department: '儿科' } })}`,
      'content-type': 'application/json',
    };
    const payload = JSON.stringify({ patientId: prompt.patient.id, ...said });
    const elsewhere = await fixture.gateway.app.inject({ method: 'POST', url: `/v1/prompts/${prompt.id}/settle`, headers, payload });
    expect(elsewhere.statusCode).toBe(404);
    expect(only(await fixture.prompts()).leftAs).toBe('left');
    expect((await settle(prompt, said)).statusCode).toBe(200);
    expect((await settle(prompt, said)).json()).toMatchObject({ status: 409, at: 'whereabouts' });
  });
});
