import { createSealer } from '@zhida/signing';
import { canaries, findCanaries } from '@zhida/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Fixture, makeFixture, only } from './support/fixture.js';
import { bruisedInfant, maltreatedInfant, ordinaryVisit, pregnantGirl } from './support/visits.js';
import type { PromptView } from '../src/index.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.reset());

const bearer = async (account?: string) => ({ authorization: `Bearer ${await fixture.clinician(account)}` });
const put = async (path: string, payload: unknown, account?: string) =>
  fixture.gateway.app.inject({
    method: 'PUT',
    url: path,
    headers: { 'content-type': 'application/json', ...(await bearer(account)) },
    payload: JSON.stringify(payload),
  });
const answer = ({ id, patient }: PromptView, answers: object, account?: string) =>
  put(`/v1/prompts/${id}/answers`, { patientId: patient.id, answers }, account);

/** What a decision or a press keeps of the answers, as the sealing of this gateway opens it. */
async function kept(kind: 'decided' | 'pressed'): Promise<unknown> {
  const [row] = await fixture.rows<{ prompt_id: string; version: number; wrapped_key: Buffer; sealed_answers: Buffer | null }>(
    `select prompt_id, version, wrapped_key, sealed_answers from prompt_events where kind = '${kind}'`,
  );
  if (row === undefined || row.sealed_answers === null) return undefined;
  const sealer = createSealer(fixture.parties.gateway.masterKey);
  const place = `prompt-event ${row.prompt_id} ${row.version} answers`;
  return JSON.parse(new TextDecoder().decode(sealer.open(sealer.unwrap(row.wrapped_key), row.sealed_answers, place)));
}

const ALL_NORMAL = { 'injury.delay': 'normal', 'injury.interaction': 'normal', 'injury.fit': 'normal', 'injury.worry': 'normal' };

/** A girl of 15 who is pregnant, conceived after 14: orange. */
const olderGirl = () =>
  pregnantGirl({
    id: 'V0015',
    patient: { id: 'P0015', name: '苏雨', sex: 'female', birthDate: '2011-03-18' },
    companion: { relationship: '男友' },
  });

describe('the questions of a prompt', () => {
  test('come by the family of its rules, in the words of the pack, each with what 正常 and 异常 say to it', async () => {
    await fixture.send(bruisedInfant());
    const { questionSets, answers } = only(await fixture.prompts());
    expect(questionSets.map(({ id }) => id)).toEqual(['injury']);
    expect(questionSets[0]?.questions[2]).toEqual({
      id: 'injury.fit',
      text: '伤情与经过、发育能力对得上吗？',
      normal: '对得上',
      abnormal: '对不上',
      line: '',
    });
    expect(questionSets[0]?.questions[1]?.line).toBe('家属与孩子的互动有没有反常？有');
    expect(answers).toBeNull();
  });

  test('say what is reckoned of the age at conception, and do not ask of it where nobody is pregnant', async () => {
    await fixture.send(olderGirl());
    const [first] = only(await fixture.prompts()).questionSets.flatMap(({ questions }) => questions);
    expect(first?.text).toMatch(/^受孕时是否已满14周岁（系统推算：(已满|未满|14周岁前后|孕周不详，算不出)）？$/);
    await fixture.reset();
    await fixture.send(
      ordinaryVisit({
        patient: { id: 'P7', name: '周小禾', sex: 'male', birthDate: '2018-03-03' },
        notes: [{ section: 'present-illness', text: '肛周尖锐湿疣', author: 'doctor' }],
        conditions: [],
      }),
    );
    const asked = only(await fixture.prompts()).questionSets.flatMap(({ questions }) => questions.map(({ id }) => id));
    expect(asked).toEqual(['pregnancy.other', 'pregnancy.force', 'pregnancy.guardian', 'pregnancy.disability']);
  });

  test('of reasons with different sets are all asked, each set once', async () => {
    await fixture.send(bruisedInfant());
    await fixture.send(
      bruisedInfant({ id: 'V0019', notes: [{ section: 'social', text: '陪同人说不出孩子的姓名和出生日期。', author: 'nurse' }] }),
    );
    const { level, questionSets } = only(await fixture.prompts());
    expect([level, questionSets.map(({ id }) => id).toSorted()]).toEqual(['orange', ['care', 'injury']]);
  });
});

describe('answers', () => {
  test('are laid over the earlier ones, sealed at rest, and come back to the account that gave them alone', async () => {
    await fixture.send(bruisedInfant());
    const prompt = only(await fixture.prompts());
    expect((await answer(prompt, { 'injury.delay': 'normal', 'injury.fit': 'abnormal' })).statusCode).toBe(200);
    const saved = await answer(prompt, { 'injury.delay': 'not-asked', 'injury.worry': 'normal', 'other.question': 'abnormal' });
    const given = { savedAt: '2026-11-22T12:30:00.000Z', answers: { 'injury.fit': 'abnormal', 'injury.worry': 'normal' } };
    expect(saved.json()).toMatchObject(given);
    expect(only(await fixture.prompts()).answers).toEqual(given);
    expect(only(await fixture.prompts('D1002')).answers).toBeNull();
    const rows = await fixture.rows<{ sealed_response: Buffer }>('select * from prompt_answers');
    const text = rows.map(({ sealed_response: sealed }) => sealed.toString('latin1')).join() + JSON.stringify(fixture.log);
    expect(text).not.toMatch(/abnormal|QuestionnaireResponse|injury\./);
    expect(await fixture.actions()).toContain('answers.saved');
  });

  test('are filled into the report: its own field where it has one, else a line of 看到了什么', async () => {
    await fixture.send(bruisedInfant());
    const before = only(await fixture.prompts());
    const saved = await answer(before, { 'injury.delay': 'abnormal', 'injury.fit': 'normal', 'injury.interaction': 'abnormal' });
    const { prefill } = only(await fixture.prompts());
    expect(saved.json<{ prefill: unknown }>().prefill).toEqual(JSON.parse(JSON.stringify(prefill)));
    expect(prefill.suspicion?.event).toEqual({ careDelayed: 'yes', mechanismFits: 'yes' });
    expect(prefill.suspicion?.observed).toBe(`${before.prefill.suspicion?.observed}；家属与孩子的互动有没有反常？有`);
    expect(only(await fixture.prompts('D1002')).prefill).toEqual(before.prefill);
    await fixture.reset();
    await fixture.send(olderGirl());
    await answer(only(await fixture.prompts()), { 'pregnancy.conception': 'abnormal' });
    expect(only(await fixture.prompts()).prefill.clinical?.pregnancy).toMatchObject({ conceivedBefore14: 'yes' });
  });

  test('stand with the decision as a FHIR QuestionnaireResponse in the words that were asked', async () => {
    await fixture.send(bruisedInfant());
    const prompt = only(await fixture.prompts());
    await answer(prompt, { ...ALL_NORMAL, 'injury.worry': 'not-asked' });
    await fixture.act(prompt.id, 'decide', { version: prompt.version, code: 'assessed-not-now', text: '' });
    expect(await kept('decided')).toMatchObject({
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: `urn:zhida:questions:${fixture.options.pack.id}|${fixture.options.pack.version}`,
      subject: { identifier: { value: 'P0018' } },
      encounter: { identifier: { value: 'V0018' } },
      author: { identifier: { value: 'D1001' } },
      item: [
        {
          linkId: 'injury',
          item: [
            {
              linkId: 'injury.delay',
              text: '就诊有没有不合理拖延？',
              answer: [{ valueCoding: { system: 'urn:zhida:answer', code: 'normal', display: '没有' } }],
            },
            { linkId: 'injury.interaction' },
            { linkId: 'injury.fit' },
            { linkId: 'injury.worry', text: '还有别的不放心吗（旧伤、原话、多次就诊）？' },
          ],
        },
      ],
    });
    expect((await answer(prompt, ALL_NORMAL)).json()).toMatchObject({ status: 409, at: 'state' });
  });

  test('stand with the press, and a row that cannot be read holds up none', async () => {
    await fixture.send(bruisedInfant());
    const prompt = only(await fixture.prompts());
    await answer(prompt, { 'injury.fit': 'abnormal' });
    expect((await fixture.press(prompt)).statusCode).toBeLessThan(300);
    expect(await kept('pressed')).toMatchObject({ author: { identifier: { value: 'D1001' } } });
    await fixture.reset();
    await fixture.send(bruisedInfant());
    const other = only(await fixture.prompts());
    await answer(other, { 'injury.fit': 'abnormal' });
    await fixture.rows('update prompt_answers set sealed_response = wrapped_key');
    expect(only(await fixture.prompts()).answers).toBeNull();
    expect((await fixture.press(other)).statusCode).toBeLessThan(300);
    expect(await kept('pressed')).toBeUndefined();
    expect(fixture.log.some((line) => line.includes('"what":"answers"'))).toBe(true);
  });

  test('are kept while the prompt is put off, and when red asks again', async () => {
    await fixture.send(bruisedInfant());
    const prompt = only(await fixture.prompts());
    await answer(prompt, { 'injury.fit': 'normal' });
    await fixture.act(prompt.id, 'defer', { code: 'consult' });
    await fixture.act(prompt.id, 'open');
    expect(only(await fixture.prompts()).answers?.answers).toEqual({ 'injury.fit': 'normal' });
    await fixture.send(maltreatedInfant());
    expect(only(await fixture.prompts())).toMatchObject({ level: 'red', answers: { answers: { 'injury.fit': 'normal' } } });
  });

  test('never go to another child: not on a late request, not in a view, not in a report; nor does what was put aside', async () => {
    await fixture.send(bruisedInfant());
    const prompt = only(await fixture.prompts());
    await answer(prompt, ALL_NORMAL);
    await put(`/v1/drafts/${prompt.id}`, { form: { observed: canaries.freeText } });
    await fixture.send(bruisedInfant({ patient: { id: 'P0099', name: '孔二宝', sex: 'male', birthDate: '2026-08-10' } }));
    const moved = only(await fixture.prompts());
    expect(moved).toMatchObject({ id: prompt.id, patient: { id: 'P0099' }, answers: null, draft: null });
    expect(moved.prefill.suspicion?.event).toBeUndefined();
    expect((await answer(prompt, ALL_NORMAL)).json()).toMatchObject({ status: 409, at: 'patientId' });
    expect(await fixture.rows('select 1 from prompt_answers union all select 1 from drafts')).toEqual([]);
    expect(await fixture.actions()).toEqual(expect.arrayContaining(['answers.dropped', 'draft.dropped']));
    await fixture.press(moved);
    expect(await kept('pressed')).toBeUndefined();
    expect(findCanaries(JSON.stringify(fixture.log))).toEqual([]);
  });

  test('are erased when they have become as old as a visit may; with a decision they stay', async () => {
    await fixture.send(bruisedInfant());
    const prompt = only(await fixture.prompts());
    await answer(prompt, ALL_NORMAL);
    await fixture.act(prompt.id, 'decide', { version: prompt.version, code: 'assessed-not-now', text: '' });
    fixture.clock.advance(91 * 86_400_000);
    expect(await fixture.gateway.purgeOnce()).toMatchObject({ answers: 1 });
    expect(await fixture.actions()).toContain('answers.purged');
    expect(await kept('decided')).toMatchObject({ status: 'completed' });
  });

  test.each([
    ['no patient', { answers: {} }, 'patientId'],
    ['no answers', { patientId: 'P0018' }, 'answers'],
    ['a list', { patientId: 'P0018', answers: [] }, 'answers'],
    ['an answer nobody knows', { patientId: 'P0018', answers: { 'injury.fit': 'yes' } }, 'answers'],
  ])('with %s are a problem that names the place', async (_what, body, at) => {
    await fixture.send(bruisedInfant());
    const { id } = only(await fixture.prompts());
    expect((await put(`/v1/prompts/${id}/answers`, body)).json()).toMatchObject({ status: 400, code: 'ZD_ERR_INPUT_UNREADABLE', at });
    expect((await put('/v1/prompts/prm_none/answers', { patientId: '', answers: {} })).statusCode).toBe(404);
  });
});

describe('想先请教', () => {
  test('keeps an orange prompt quiet for 30 minutes, does not count, and is nothing for what is to be reported at once', async () => {
    await fixture.send(bruisedInfant());
    const { id, advisers } = only(await fixture.prompts());
    expect(advisers).toEqual([{ kind: 'procuratorate', name: '县人民检察院', phone: '0000-1112309' }]);
    await fixture.act(id, 'defer', { code: 'consult' });
    expect(only(await fixture.prompts())).toMatchObject({ state: 'deferred', deferrals: 0, dueAt: '2026-11-22T13:00:00.000Z' });
    await fixture.reset();
    await fixture.send(pregnantGirl());
    const red = only(await fixture.prompts());
    expect((await fixture.act(red.id, 'defer', { code: 'consult' })).json()).toMatchObject({ code: 'ZD_ERR_REASON_MISSING', at: 'code' });
  });
});

describe('orange in an episode', () => {
  test('asks once: what comes after an answer is listed and only red asks again', async () => {
    await fixture.send(bruisedInfant());
    const prompt = only(await fixture.prompts());
    await fixture.act(prompt.id, 'decide', { version: prompt.version, code: 'clear-accident', text: '目击跌倒' });
    const more = { id: 'V0019', notes: [{ section: 'social', text: '陪同人说不出孩子的姓名和出生日期。', author: 'nurse' }] } as const;
    await fixture.send(bruisedInfant(more));
    const after = only(await fixture.prompts());
    expect(after).toMatchObject({ level: 'orange', state: 'decided', occurrence: 1 });
    expect(after.version).toBeGreaterThan(prompt.version + 1);
    expect(after.reasons.length).toBeGreaterThan(prompt.reasons.length);
    await fixture.send(maltreatedInfant());
    expect(only(await fixture.prompts())).toMatchObject({ level: 'red', state: 'shown', occurrence: 2 });
  });
});
