import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assessmentSchema, bundleAnswerSchema } from '../src/routes/schemas.js';
import { type Assessed, type Fixture, makeFixture } from './support/fixture.js';
import { bruisedInfant, maltreatedInfant, ordinaryVisit, pregnantGirl } from './support/visits.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await makeFixture();
});
afterAll(async () => fixture.close());

interface Stored {
  readonly revision: number;
  readonly level: string;
  readonly input_sha256: string;
}

async function stored(patientId: string): Promise<Stored[]> {
  const before = await fixture.rows<Stored & { encounter_key: string }>(
    'select revision, level, input_sha256, encounter_key from encounters',
  );
  return before.filter(({ input_sha256: sha }) => sha === patientId);
}

async function counts(): Promise<Record<string, number>> {
  const [row] = await fixture.rows<Record<string, number>>(
    `select (select count(*) from encounters) as encounters, (select count(*) from prompts) as prompts,
      (select count(*) from prompt_events) as events, (select count(*) from audit_entries) as audit`,
  );
  return row ?? {};
}

describe('a snapshot', () => {
  test('is answered with its Assessment and stored; an ordinary child raises no prompt', async () => {
    const assessed = await fixture.send(ordinaryVisit());
    expect(assessed).toMatchObject({ encounterId: 'V0100', level: 'none', indications: [], issues: [] });
    expect(Value.Check(assessmentSchema, assessed)).toBe(true);
    expect(await stored(assessed.inputSha256)).toMatchObject([{ revision: 1, level: 'none' }]);
    expect(await fixture.prompts()).toEqual([]);
  });

  test('with an indication is red at once, and names rule and span', async () => {
    const assessed = await fixture.send(pregnantGirl({ id: 'V-red', patient: { id: 'P-red', sex: 'female', birthDate: '2013-03-18' } }));
    expect(assessed.level).toBe('red');
    expect(assessed.indications.map(({ ruleId }) => ruleId)).toEqual(['R-PG-01']);
    expect(Value.Check(assessmentSchema, assessed)).toBe(true);
  });

  test('sent again as it was changes nothing and is answered the same', async () => {
    const visit = pregnantGirl({ id: 'V-again', patient: { id: 'P-again', sex: 'female', birthDate: '2013-03-18' } });
    const first = await fixture.send(visit);
    const before = await counts();
    expect(await fixture.send(visit)).toEqual(first);
    expect(await fixture.send({ ...visit, unknownToUs: { at: 1 } })).toEqual(first);
    expect(await counts()).toEqual(before);
  });

  test('of an older revision that arrives late is assessed, and what is stored stays', async () => {
    const patient = { id: 'P-late', sex: 'female', birthDate: '2013-03-18' } as const;
    const newer = await fixture.send(ordinaryVisit({ id: 'V-late', revision: 3, patient }));
    const late = await fixture.send(pregnantGirl({ id: 'V-late', revision: 2, patient }));
    expect(late.level).toBe('red');
    expect(await stored(late.inputSha256)).toEqual([]);
    expect(await stored(newer.inputSha256)).toMatchObject([{ revision: 3, level: 'none' }]);
    expect((await fixture.prompts()).filter(({ encounter }) => encounter.id === 'V-late')).toEqual([]);
  });

  test('without a revision counts on from the last one', async () => {
    const patient = { id: 'P-count', sex: 'male', birthDate: '2020-01-01' } as const;
    await fixture.send(ordinaryVisit({ id: 'V-count', patient }));
    const second = await fixture.send(ordinaryVisit({ id: 'V-count', patient, location: '儿科1诊室' }));
    expect(await stored(second.inputSha256)).toMatchObject([{ revision: 2 }]);
  });

  test('takes any revision a feed counts by, also one that looks like a telephone number', async () => {
    for (const revision of [0, 13_800_138_000, Number.MAX_SAFE_INTEGER]) {
      const { inputSha256 } = await fixture.send(ordinaryVisit({ id: `V-revision-${revision}`, revision }));
      expect(await stored(inputSha256)).toMatchObject([{ revision }]);
    }
  });

  test('takes fields of the wrong type, ids of any shape and text with NUL', async () => {
    const odd = {
      id: `V\u0000${'长'.repeat(3_000)}`,
      revision: 'two',
      patient: 7,
      notes: [{ section: 'plan', text: 'a\u0000b' }],
      department: { name: '\u0000' },
    };
    const assessed = await fixture.send(odd);
    expect(assessed.issues.map(({ at }) => at)).toEqual(expect.arrayContaining(['revision', 'patient']));
    expect(await stored(assessed.inputSha256)).toHaveLength(1);
  });

  test('with NUL in the staff id and department of an indication is stored and prompts', async () => {
    const visit = pregnantGirl({
      id: 'V-nul',
      patient: { id: 'P\u0000', sex: 'female', birthDate: '2013-03-18' },
      event: { kind: 'result', staffId: 'D\u00001001' },
      department: { name: '急诊\u0000科' },
    });
    await fixture.send(visit);
    expect((await fixture.prompts()).filter(({ encounter }) => encounter.id === 'V-nul')).toHaveLength(1);
  });

  test('INV-16 of another mode, known or not, is refused; without a mode it takes the gateway’s', async () => {
    for (const mode of ['production', 'training', 'exercise', 'prod']) {
      const answer = await fixture.post({ ...ordinaryVisit({ id: `V-${mode}` }), mode });
      expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([422, 'ZD_ERR_MODE_REFUSED']);
    }
    const taken = await fixture.send({ ...ordinaryVisit({ id: 'V-own-mode' }), mode: 'test' });
    expect(taken.level).toBe('none');
    const [{ modes } = { modes: [] }] = await fixture.rows<{ modes: string[] }>('select array_agg(distinct mode) as modes from encounters');
    expect(modes).toEqual(['test']);
  });

  test('of another legal unit is refused; a site’s own number for itself is replaced and named', async () => {
    const foreign = await fixture.post(ordinaryVisit({ id: 'V-foreign', facility: { code: '91350100M000100Y43' } }));
    expect([foreign.statusCode, foreign.json<{ code: string; at: string }>()]).toMatchObject([
      403,
      { code: 'ZD_ERR_SCOPE_MISSING', at: 'facility.code' },
    ]);
    const own = await fixture.send(ordinaryVisit({ id: 'V-site', facility: { code: 'SITE-2' } }));
    expect(own.issues).toContainEqual({ code: 'VALUE_NORMALISED', severity: 'information', at: 'facility.code' });
  });
});

describe('a FHIR bundle', () => {
  const visit = (id: string, start: string) => ({
    resource: {
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: { code: 'EMER' },
      subject: { reference: 'Patient/p1' },
      period: { start },
    },
  });
  const bundle = JSON.stringify({
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { resource: { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '2013-03-18' } },
      visit('e1', '2026-11-21T19:00:00+08:00'),
      visit('e2', '2026-11-22T19:00:00+08:00'),
    ],
  });

  test('is answered with one Assessment for each Encounter, stored like any other', async () => {
    const answer = await fixture.post(bundle, 'application/fhir+json; charset=utf-8');
    expect(answer.statusCode).toBe(200);
    const { assessments } = answer.json<{ assessments: Assessed[] }>();
    expect(Value.Check(bundleAnswerSchema, answer.json())).toBe(true);
    const encounters = (JSON.parse(bundle) as { entry: { resource: { resourceType: string; id: string } }[] }).entry
      .map(({ resource }) => resource)
      .filter(({ resourceType }) => resourceType === 'Encounter');
    expect(assessments.map(({ encounterId }) => encounterId)).toEqual(encounters.map(({ id }) => id));
    for (const { inputSha256 } of assessments) expect(await stored(inputSha256)).toHaveLength(1);
  });

  test('sent again changes nothing', async () => {
    const before = await counts();
    expect((await fixture.post(bundle, 'application/fhir+json')).statusCode).toBe(200);
    expect(await counts()).toEqual(before);
  });

  test('without an Encounter is refused with a stable code', async () => {
    const answer = await fixture.post('{"resourceType":"Bundle","type":"collection","entry":[]}', 'application/fhir+json');
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'ZD_ERR_INPUT_UNREADABLE']);
  });
});

describe('what cannot be taken', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const cases: readonly [string, string | Buffer, string, number, string][] = [
    ['text that is no JSON', 'PID|1||鸑鷟', 'application/json', 400, 'ZD_ERR_INPUT_UNREADABLE'],
    ['an empty body', '', 'application/json', 400, 'ZD_ERR_INPUT_UNREADABLE'],
    ['JSON that is no object', '[1,2]', 'application/json', 400, 'ZD_ERR_INPUT_UNREADABLE'],
    ['an object without an id', '{"patient":{"name":"鸑鷟璩"}}', 'application/json', 400, 'ZD_ERR_INPUT_UNREADABLE'],
    ['nested lists without end', deep, 'application/json', 400, 'ZD_ERR_INPUT_UNREADABLE'],
    ['nested lists as a bundle', deep, 'application/fhir+json', 400, 'ZD_ERR_INPUT_UNREADABLE'],
    [
      'a chart in GBK',
      Buffer.from([0x7b, 0x22, 0x69, 0x64, 0x22, 0x3a, 0x22, 0xd5, 0xc5, 0x22, 0x7d]),
      'application/json',
      400,
      'ZD_ERR_INPUT_UNREADABLE',
    ],
  ];
  test.each(cases)('%s is a problem with a stable code and no value', async (_what, body, contentType, status, code) => {
    const answer = await fixture.post(body, contentType);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).not.toContain('鸑');
  });

  test('a deep field nobody knows is ignored, the visit is taken', async () => {
    const answer = await fixture.post(`{"id":"V-deep","extra":${deep}}`);
    expect(answer.statusCode).toBe(200);
  });

  test('a body over the limit is 413', async () => {
    const small = await makeFixture({ settings: { maxBodyBytes: 2_000 } });
    const answer = await small.post({ id: 'V1', notes: [{ section: 'plan', text: 'x'.repeat(3_000) }] });
    await small.close();
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([413, 'ZD_ERR_INPUT_TOO_LARGE']);
  });
});

test('of many visits exactly those assessed red or orange prompt, each with its own rules', async () => {
  const fresh = await makeFixture();
  const prompting: string[][] = [];
  const kinds = [ordinaryVisit, pregnantGirl, bruisedInfant, maltreatedInfant];
  for (const [index, visitOf] of [...kinds, ...kinds, ...kinds].entries()) {
    const visit = visitOf();
    const answer = await fresh.post({ ...visit, id: `V-${index}`, patient: { ...visit.patient, id: `P-${index}` } });
    const body = answer.json<Assessed | { assessments: Assessed[] }>();
    const all = 'assessments' in body ? body.assessments : [body];
    const prompts = ({ level }: { readonly level: string }): boolean => level === 'red' || level === 'orange';
    // A badge of the same child is no reason of the prompt.
    prompting.push(...all.filter(prompts).map(({ indications }) => indications.filter(prompts).map(({ ruleId }) => ruleId)));
  }
  const prompts = await fresh.prompts();
  await fresh.close();
  const rulesOf = (rules: readonly (readonly string[])[]): string[] => rules.map((ids) => ids.toSorted().join(' ')).toSorted();
  expect(prompting.length).toBeGreaterThan(5);
  expect(rulesOf(prompts.map(({ reasons }) => reasons.map(({ ruleId }) => ruleId)))).toEqual(rulesOf(prompting));
});

test('two visits of different children at once are both taken', async () => {
  const visits = Array.from({ length: 12 }, (_, index) =>
    bruisedInfant({ id: `V-many-${index}`, patient: { id: `P-many-${index}`, birthDate: '2026-08-10' } }),
  );
  const assessed = await Promise.all(visits.map((visit) => fixture.send(visit)));
  expect(assessed.map(({ level }) => level)).toEqual(visits.map(() => 'orange'));
});
