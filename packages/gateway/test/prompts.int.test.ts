import { Value } from 'typebox/value';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitUntil } from '@zhida/testkit';
import { promptSchema } from '../src/routes/schemas.js';
import { type Fixture, makeFixture, only } from './support/fixture.js';
import { bruisedInfant, hcg, maltreatedInfant, ordinaryVisit, pregnantGirl } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());
beforeEach(async () => fixture.reset());

const rulesOf = (prompt: { reasons: readonly { ruleId: string }[] }): string[] => prompt.reasons.map(({ ruleId }) => ruleId).toSorted();

describe('one prompt per child and episode', () => {
  test('a second visit of the same child within 72 hours speaks in the same prompt, with the reasons of both', async () => {
    const patient = { id: 'P1', sex: 'female', birthDate: '2013-03-18' } as const;
    await fixture.send(pregnantGirl({ id: 'V1', patient, period: { start: '2026-11-20T09:00:00+08:00' } }));
    const first = only(await fixture.prompts());
    await fixture.send(
      bruisedInfant({
        id: 'V2',
        patient,
        conditions: [{ code: 'T74.100', text: '躯体虐待', status: 'final' }],
        period: { start: '2026-11-22T20:00:00+08:00' },
      }),
    );
    const merged = only(await fixture.prompts());
    expect(merged).toMatchObject({ id: first.id, level: 'red', occurrence: 2, state: 'shown', encounter: { id: 'V2' } });
    expect(rulesOf(merged)).toEqual(expect.arrayContaining(['R-EX-01', 'R-PG-01']));
    expect(merged.version).toBeGreaterThan(first.version);
  });

  test('an ordinary second visit leaves the prompt as it was and carries the episode on', async () => {
    const patient = { id: 'P1', sex: 'female', birthDate: '2013-03-18' } as const;
    await fixture.send(pregnantGirl({ id: 'V1', patient, period: { start: '2026-11-16T09:00:00+08:00' } }));
    const first = only(await fixture.prompts());
    await fixture.send(ordinaryVisit({ id: 'V2', patient, period: { start: '2026-11-19T08:00:00+08:00' } }));
    expect(only(await fixture.prompts())).toMatchObject({ id: first.id, version: first.version });
    await fixture.send(pregnantGirl({ id: 'V3', patient, period: { start: '2026-11-22T07:00:00+08:00' } }));
    expect(only(await fixture.prompts()).id).toBe(first.id);
  });

  test('a visit more than 72 hours later begins an episode, and a prompt, of its own', async () => {
    const patient = { id: 'P1', sex: 'female', birthDate: '2013-03-18' } as const;
    await fixture.send(pregnantGirl({ id: 'V1', patient, period: { start: '2026-11-19T08:00:00+08:00' } }));
    await fixture.send(pregnantGirl({ id: 'V2', patient, period: { start: '2026-11-22T08:01:00+08:00' } }));
    expect(await fixture.prompts()).toHaveLength(2);
  });

  test('the gap is counted from the end of a visit, and an end in the future counts as now', async () => {
    const patient = { id: 'P1', sex: 'female', birthDate: '2013-03-18' } as const;
    const stay = { start: '2026-11-10T08:00:00+08:00', end: '2026-11-21T10:00:00+08:00' };
    await fixture.send(pregnantGirl({ id: 'V1', class: 'inpatient', patient, period: stay }));
    await fixture.send(
      pregnantGirl({ id: 'V2', patient, period: { start: '2026-11-22T08:00:00+08:00', end: '9999-12-31T00:00:00+08:00' } }),
    );
    only(await fixture.prompts());
    // Booked for next year, and come today.
    for (const start of ['2027-03-01T08:00:00+08:00', '2026-11-22T20:00:00+08:00'])
      await fixture.send(pregnantGirl({ id: 'V2', patient, period: { start } }));
    fixture.clock.set('2026-12-22T20:30:00+08:00');
    await fixture.send(pregnantGirl({ id: 'V3', patient, period: { start: '2026-12-22T20:00:00+08:00' } }));
    expect(await fixture.prompts()).toHaveLength(2);
  });

  test('children without a patient id are not taken for one another', async () => {
    await fixture.send(pregnantGirl({ id: 'V1', patient: { sex: 'female', birthDate: '2013-03-18' } }));
    await fixture.send(pregnantGirl({ id: 'V2', patient: { sex: 'female', birthDate: '2013-03-18' } }));
    expect(await fixture.prompts()).toHaveLength(2);
  });

  test('of many messages of one child at once, one raises the prompt', async () => {
    const patient = { id: 'P1', sex: 'female', birthDate: '2013-03-18' } as const;
    const visits = Array.from({ length: 10 }, (_, index) => pregnantGirl({ id: `V${index % 3}`, patient, location: `${index}诊室` }));
    await Promise.all(visits.map((visit) => fixture.send(visit)));
    expect(await fixture.rows('select id from prompts')).toHaveLength(1);
  });

  test('when two records of one child are merged, the prompt goes along', async () => {
    const girl = { sex: 'female', birthDate: '2013-03-18' } as const;
    await fixture.send(pregnantGirl({ id: 'V1', patient: { id: 'P-old', ...girl } }));
    const before = only(await fixture.prompts());
    await fixture.send(pregnantGirl({ id: 'V1', patient: { id: 'P-new', ...girl } }));
    await fixture.send(pregnantGirl({ id: 'V2', patient: { id: 'P-new', ...girl } }));
    expect(only(await fixture.prompts()).id).toBe(before.id);
  });

  test('a visit that turns out to be another child’s takes its reasons away from the first', async () => {
    const girl = { id: 'P1', sex: 'female', birthDate: '2013-03-18' } as const;
    await fixture.send(pregnantGirl({ id: 'V1', patient: girl }));
    const wrong = bruisedInfant({ id: 'V2', patient: girl, conditions: [{ code: 'T74.100', text: '躯体虐待' }] });
    await fixture.send(wrong);
    expect(rulesOf(only(await fixture.prompts()))).toContain('R-EX-01');
    await fixture.send({ ...wrong, patient: { id: 'P2', sex: 'female', birthDate: '2014-05-05' } });
    const prompts = await fixture.prompts();
    expect(prompts.map((prompt) => `${prompt.encounter.id} ${rulesOf(prompt).includes('R-EX-01')}`).toSorted()).toEqual([
      'V1 false',
      'V2 true',
    ]);
  });

  test('the visit that spoke for a reported prompt turns out to be another child’s, who is not shown in its place', async () => {
    const girl = { id: 'P1', name: '张晓婷', sex: 'female', birthDate: '2013-03-18' } as const;
    await fixture.send(pregnantGirl({ id: 'V1', patient: girl }));
    const wrong = bruisedInfant({ id: 'V2', patient: girl, conditions: [{ code: 'T74.100', text: '躯体虐待' }] });
    await fixture.send(wrong);
    const reported = only(await fixture.prompts());
    expect((await fixture.press(reported)).statusCode).toBe(202);
    await fixture.send({ ...wrong, patient: { id: 'P2', name: '李小满', sex: 'female', birthDate: '2014-05-05' } });
    const prompts = await fixture.prompts();
    expect(prompts.find(({ id }) => id === reported.id)).toMatchObject({
      state: 'reported',
      encounter: { id: 'V1' },
      patient: { id: 'P1', maskedName: '张*婷' },
    });
    expect(prompts.find(({ id }) => id !== reported.id)).toMatchObject({ state: 'shown', patient: { id: 'P2' } });
  });

  test('decided as the wrong patient’s, it asks again once the visit is the right one’s; other decisions go along', async () => {
    const girl = { sex: 'female', birthDate: '2013-03-18' } as const;
    for (const [id, code] of [
      ['V1', 'wrong-patient'],
      ['V2', 'known-to-police'],
    ] as const) {
      await fixture.send(pregnantGirl({ id, patient: { id: `${id}-wrong`, ...girl } }));
      const prompt = (await fixture.prompts()).find(({ encounter }) => encounter.id === id);
      await fixture.act(prompt?.id ?? '', 'decide', { version: prompt?.version, code });
      await fixture.send(pregnantGirl({ id, patient: { id: `${id}-right`, ...girl } }));
    }
    const prompts = await fixture.prompts();
    expect(prompts.map(({ encounter, state, occurrence }) => `${encounter.id} ${state} ${occurrence}`)).toEqual([
      'V1 shown 2',
      'V2 decided 1',
    ]);
    expect(await fixture.rows(`select kind from prompt_events where code = 'patient-changed' order by id`)).toEqual([
      { kind: 'raised' },
      { kind: 'updated' },
    ]);
  });
});

describe('what a prompt does when facts change', () => {
  test('new reasons raise it again, also after a decision; the same reasons do not', async () => {
    await fixture.send(bruisedInfant());
    const orange = only(await fixture.prompts());
    expect(orange).toMatchObject({ level: 'orange', occurrence: 1, statutory: false });
    await fixture.act(orange.id, 'open');
    await fixture.act(orange.id, 'decide', { version: 2, code: 'clear-accident', text: '目击跌倒' });
    await fixture.send(bruisedInfant({ location: '留观室' }));
    expect(only(await fixture.prompts())).toMatchObject({ state: 'decided', occurrence: 1 });
    await fixture.send(maltreatedInfant());
    expect(only(await fixture.prompts())).toMatchObject({ state: 'shown', level: 'red', statutory: true, occurrence: 2 });
  });

  test('changed evidence of the same reason moves the version and interrupts nobody', async () => {
    await fixture.send(pregnantGirl());
    const before = only(await fixture.prompts());
    await fixture.act(before.id, 'open');
    await fixture.send(pregnantGirl({ notes: [{ section: 'assessment', text: '早孕，建议人工流产' }] }));
    const after = only(await fixture.prompts());
    expect(after).toMatchObject({ id: before.id, state: 'opened', occurrence: 1 });
    expect(after.version).toBeGreaterThan(before.version + 1);
    expect(after.reasons[0]?.evidence.length).toBeGreaterThan(before.reasons[0]?.evidence.length ?? 0);
  });

  test('a corrected result closes it with the reason result-corrected (U33), and a result that comes back opens it again', async () => {
    await fixture.send(pregnantGirl());
    const before = only(await fixture.prompts());
    await fixture.send(pregnantGirl({ observations: [hcg('2', 'corrected')] }));
    expect(only(await fixture.prompts())).toMatchObject({ id: before.id, state: 'closed' });
    expect(await fixture.rows(`select kind, code, account from prompt_events where kind = 'closed'`)).toEqual([
      { kind: 'closed', code: 'result-corrected', account: null },
    ]);
    await fixture.send(pregnantGirl({ observations: [hcg('12900')] }));
    expect(only(await fixture.prompts())).toMatchObject({ id: before.id, state: 'shown', occurrence: 2 });
  });

  test('one of two visits corrected takes away its own reasons and leaves the other’s', async () => {
    const patient = { id: 'P1', sex: 'female', birthDate: '2013-03-18' } as const;
    const beaten = bruisedInfant({ id: 'V2', patient, conditions: [{ code: 'T74.100', text: '躯体虐待' }] });
    await fixture.send(beaten);
    await fixture.send(pregnantGirl({ id: 'V1', patient }));
    expect(rulesOf(only(await fixture.prompts()))).toEqual(expect.arrayContaining(['R-EX-01', 'R-PG-01']));
    await fixture.send(pregnantGirl({ id: 'V1', patient, observations: [hcg('2', 'corrected')] }));
    const left = only(await fixture.prompts());
    expect(rulesOf(left)).not.toContain('R-PG-01');
    expect(rulesOf(left)).toContain('R-EX-01');
    expect(left.encounter.id).toBe('V2');
    expect(left.prefill.trigger?.ruleIds).not.toContain('R-PG-01');
  });

  test('a report that was made is not taken back by a correction', async () => {
    await fixture.send(pregnantGirl());
    const prompt = only(await fixture.prompts());
    expect((await fixture.press(prompt)).statusCode).toBe(202);
    await fixture.send(pregnantGirl({ observations: [hcg('2', 'corrected')] }));
    expect(only(await fixture.prompts()).state).toBe('reported');
  });
});

describe('the answers', () => {
  test('open and seen are repeatable, and who saw it is said once per account', async () => {
    await fixture.send(pregnantGirl());
    const { id } = only(await fixture.prompts());
    for (const account of ['D1001', 'D1001', 'N2001']) expect((await fixture.act(id, 'seen', undefined, account)).statusCode).toBe(200);
    expect(await fixture.rows(`select account from prompt_events where kind = 'seen' order by id`)).toEqual([
      { account: 'D1001' },
      { account: 'N2001' },
    ]);
    expect((await fixture.act(id, 'open')).json()).toMatchObject({ state: 'opened', version: 2 });
    expect((await fixture.act(id, 'open')).json()).toMatchObject({ state: 'opened', version: 2 });
    expect((await fixture.act('prm_unknown', 'seen')).statusCode).toBe(404);
  });

  test('a deferred prompt comes back after 15 minutes; a third deferral is refused', async () => {
    await fixture.send(pregnantGirl());
    const { id } = only(await fixture.prompts());
    for (const turn of [1, 2]) {
      expect((await fixture.act(id, 'defer')).json()).toMatchObject({ state: 'deferred' });
      expect(only(await fixture.prompts())).toMatchObject({
        deferrals: turn,
        dueAt: new Date(fixture.clock.now() + 900_000).toISOString(),
      });
      fixture.clock.advance(900_000 - 1);
      expect(only(await fixture.prompts()).state).toBe('deferred');
      fixture.clock.advance(1);
      await waitUntil(async () => only(await fixture.prompts()).state === 'shown', { what: 'the prompt is shown again' });
      expect(only(await fixture.prompts())).toMatchObject({ occurrence: turn + 1, dueAt: null });
    }
    const third = await fixture.act(id, 'defer');
    expect([third.statusCode, third.json<{ at: string }>().at]).toEqual([409, 'deferrals']);
  });

  test('red fixed by law takes factual reasons alone', async () => {
    await fixture.send(pregnantGirl());
    const prompt = only(await fixture.prompts());
    expect(prompt.decisionCodes).toEqual(['wrong-patient', 'over-18', 'result-corrected', 'coding-error', 'known-to-police']);
    for (const code of ['clear-accident', 'assessed-not-now', 'whatever', '']) {
      const refused = await fixture.act(prompt.id, 'decide', { version: prompt.version, code, text: '' });
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([400, 'ZD_ERR_REASON_MISSING']);
    }
    const decided = await fixture.act(prompt.id, 'decide', { version: prompt.version, code: 'wrong-patient' });
    expect(decided.json()).toMatchObject({ state: 'decided' });
    const again = await fixture.act(prompt.id, 'decide', { version: prompt.version + 1, code: 'coding-error' });
    expect([again.statusCode, again.json<{ at: string }>().at]).toEqual([409, 'state']);
  });

  test('a decision on an older version is refused', async () => {
    await fixture.send(bruisedInfant());
    const stale = only(await fixture.prompts());
    await fixture.send(maltreatedInfant());
    const answer = await fixture.act(stale.id, 'decide', { version: stale.version, code: 'wrong-patient' });
    expect([answer.statusCode, answer.json<{ code: string; at: string }>()]).toMatchObject([
      409,
      { code: 'ZD_ERR_CONFLICT', at: 'version' },
    ]);
  });

  test.each([
    ['no body', undefined, '$'],
    ['no JSON', 'x', '$'],
    ['a list', '[]', '$'],
    ['no version', { code: 'wrong-patient' }, 'version'],
    ['a version that is text', { version: '1', code: 'wrong-patient' }, 'version'],
    ['a code that is a number', { version: 1, code: 7 }, 'code'],
    ['a text that is too long', { version: 1, code: 'wrong-patient', text: 'x'.repeat(2_001) }, 'text'],
  ])('a decision with %s is a problem that names the place', async (_what, body, at) => {
    await fixture.send(pregnantGirl());
    const { id } = only(await fixture.prompts());
    const answer = await fixture.act(id, 'decide', body);
    expect([answer.statusCode, answer.json<{ code: string; at: string }>()]).toMatchObject([400, { code: 'ZD_ERR_INPUT_UNREADABLE', at }]);
  });

  test('a decision keeps what it was made on: rules, pack, evidence digest, reason, account, time', async () => {
    await fixture.send(bruisedInfant());
    const prompt = only(await fixture.prompts());
    await fixture.act(prompt.id, 'decide', { version: 1, code: 'clear-accident', text: '目击跌倒' });
    const [event] = await fixture.rows<Record<string, unknown>>(`select * from prompt_events where kind = 'decided'`);
    expect(event).toMatchObject({
      account: 'D1001',
      code: 'clear-accident',
      rule_ids: ['R-BR-01', 'R-BR-02'],
      pack_digest: fixture.options.pack.digest,
      evidence_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      at: new Date(fixture.clock.now()),
    });
    expect(event?.['sealed_text']).toBeInstanceOf(Buffer);
  });
});

describe('what the browser is told', () => {
  test('keeps its schema, tells instants as any browser reads them, and names the child nowhere but in the report that is filled in', async () => {
    await fixture.send(
      pregnantGirl({
        notes: [{ section: 'assessment', text: '张晓婷早孕，陪同人李某某否认', author: 'doctor', at: '2026-11-22 19:09:60' }],
        observations: [],
      }),
    );
    const prompt = only(await fixture.prompts());
    expect(Value.Check(promptSchema, JSON.parse(JSON.stringify(prompt)))).toBe(true);
    const { prefill, ticket, ...shown } = prompt;
    expect(JSON.stringify(shown)).not.toMatch(/张晓婷|李某某/);
    expect(Buffer.from(ticket.split('.')[1] ?? '', 'base64url').toString('utf8')).not.toContain('张晓婷');
    expect(shown.patient).toEqual({ id: 'P0013', maskedName: '张*婷', sex: 'female', ageText: '13岁' });
    expect(shown.reasons[0]?.evidence[0]).toEqual({
      label: '诊断意见',
      value: '张*婷早孕',
      source: '医生',
      at: '2026-11-22T11:10:00.000Z',
    });
    expect(prefill).toMatchObject({
      mode: 'test',
      kind: 'initial',
      patient: { name: '张晓婷', ageBasis: 'document' },
      whereabouts: { status: 'in-facility', place: '云溪县人民医院 急诊2诊室' },
      suspicion: { situations: ['opinion-2020:4.2'], observed: '诊断意见：张晓婷早孕' },
    });
  });

  test('S7: says of a result that the child had left before it came, and of nothing else', async () => {
    const gone = { disposition: 'home', period: { start: '2026-11-22T09:00:00+08:00', end: '2026-11-22T10:00:00+08:00' } } as const;
    await fixture.send(pregnantGirl(gone));
    expect(only(await fixture.prompts()).leftBeforeResult).toBe(true);
    await fixture.send(pregnantGirl({ ...gone, revision: 2, event: { kind: 'discharge', staffId: 'D1001', role: 'doctor' } }));
    expect(only(await fixture.prompts()).leftBeforeResult).toBe(false);
    await fixture.send(pregnantGirl({ revision: 3 }));
    expect(only(await fixture.prompts()).leftBeforeResult).toBe(false);
  });

  test('INV-17 shows sentences the legal pack marks verified, and each once', async () => {
    await fixture.send(maltreatedInfant());
    const prompt = only(await fixture.prompts());
    const { legalPack } = await import('@zhida/packs');
    for (const { legalSentences } of prompt.reasons) {
      expect(new Set(legalSentences.map(({ id }) => id)).size).toBe(legalSentences.length);
      for (const { id, text } of legalSentences) expect(legalPack.sentences[id]).toMatchObject({ verified: true, zh: text });
    }
  });

  test('comes in English for a browser that asks for it, while the report stays Chinese', async () => {
    await fixture.send(pregnantGirl());
    const headers = { authorization: `Bearer ${await fixture.clinician()}`, 'accept-language': 'en-GB,en;q=0.9' };
    const { id } = only(await fixture.prompts());
    const prompt = (await fixture.gateway.app.inject({ method: 'GET', url: `/v1/prompts/${id}`, headers })).json<{
      patient: { ageText: string };
      prefill: { suspicion: { observed: string } };
    }>();
    expect(prompt.patient.ageText).toBe('13 y');
    expect(prompt.prefill.suspicion.observed).toBe('血HCG：12500 IU/L');
  });

  test('a prompt is for who caused it, for the treating department and for 总值班; a HIS without departments shows it to all', async () => {
    await fixture.send(pregnantGirl());
    const seenBy = async (account: string, extra: Record<string, string>): Promise<number> =>
      (await fixture.prompts(account, { extra })).length;
    expect(await seenBy('D1001', { department: '儿科' })).toBe(1);
    expect(await seenBy('N2001', { department: '急诊科' })).toBe(1);
    expect(await seenBy('D3001', { department: '眼科' })).toBe(0);
    expect(await seenBy('Z0001', { department: '总值班', role: 'duty-office' })).toBe(1);
    expect(await seenBy('D3001', {})).toBe(1);
    const { id } = only(await fixture.prompts());
    const stranger = await fixture.clinician('D3001', { extra: { department: '眼科' } });
    for (const [method, url] of [
      ['GET', `/v1/prompts/${id}`],
      ['POST', `/v1/prompts/${id}/open`],
    ] as const) {
      const answer = await fixture.gateway.app.inject({ method, url, headers: { authorization: `Bearer ${stranger}` } });
      expect(answer.statusCode).toBe(404);
    }
  });

  test('lists unanswered prompts however old, answered ones for 72 hours, red first', async () => {
    await fixture.send(bruisedInfant());
    await fixture.send(pregnantGirl());
    expect((await fixture.prompts()).map(({ level }) => level)).toEqual(['red', 'orange']);
    const red = (await fixture.prompts())[0];
    await fixture.act(red?.id ?? '', 'decide', { version: 1, code: 'coding-error' });
    expect((await fixture.prompts()).map(({ level }) => level)).toEqual(['orange', 'red']);
    fixture.clock.advance(73 * 3_600_000);
    expect((await fixture.prompts()).map(({ level }) => level)).toEqual(['orange']);
  });

  test('is cut to its length among the prompts of its reader, not among those of the whole hospital', async () => {
    await fixture.send(bruisedInfant());
    await fixture.database.pool.query(
      `insert into prompts select (jsonb_populate_record(prompts, jsonb_build_object('id', 'prm_' || n, 'level', 'red', 'departments', '{眼科}'::text[]))).*
       from prompts, generate_series(1, 250) as n`,
    );
    expect(await fixture.prompts('N2001', { extra: { department: '急诊科' } })).toMatchObject([{ level: 'orange' }]);
  });
});
