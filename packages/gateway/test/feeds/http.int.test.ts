import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Assessed, type Fixture, makeFixture, only } from '../support/fixture.js';
import { arrival, BOY, GIRL, hcgResult, message, msh } from './support/messages.js';

const MAPPING = `
version: 1
tables:
  visits:
    visit: no
    fields: { patient.id: pid, patient.sex: sex, patient.birthDate: born, period.start: at, facility.code: unitCode }
    facts:
      - { list: observations, fields: { code: code, system: { value: loinc }, name: item, value: result, unit: unit } }
`;
const HEADER = 'no,pid,sex,born,at,code,item,result,unit';

let fixture: Fixture;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zhida-mapping-'));
  await writeFile(join(folder, 'his.yaml'), MAPPING);
  fixture = await makeFixture({ gateway: { feeds: [{ kind: 'http', name: 'http', mappings: { his: join(folder, 'his.yaml') } }] } });
});
afterAll(async () => {
  await fixture.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => fixture.reset());

interface Posted {
  readonly assessments: readonly Assessed[];
  readonly issues: readonly { readonly code: string; readonly at: string }[];
}

test.each(['application/hl7-v2', 'application/hl7-v2+er7; charset=utf-8', 'x-application/hl7-v2+er7'])(
  'messages posted as %s fold into visits and are answered with their Assessments, twice the same',
  async (contentType) => {
    await fixture.post(arrival(GIRL, { controlId: 'H1' }), contentType);
    const text = hcgResult(GIRL, { controlId: 'L1' }, '12500');
    const answer = await fixture.post(text, contentType);
    expect(answer.statusCode).toBe(200);
    expect(answer.json<Posted>()).toMatchObject({ assessments: [{ encounterId: 'P0013-V0013', revision: 2, level: 'red' }], issues: [] });
    expect((await fixture.post(text, contentType)).json()).toEqual(answer.json());
    expect(only(await fixture.prompts())).toMatchObject({ level: 'red', occurrence: 1, encounter: { revision: 2 } });
  },
);

test('several messages of one request are taken in their order, a bad one among them is named by number and set aside', async () => {
  const nested = message(msh('ORU^R01', { controlId: 'deep' }), `OBX|1|TX|||${'~'.repeat(250_000)}`);
  const posted = await fixture.post(
    [arrival(GIRL, { controlId: 'H1' }), nested, arrival(BOY, { controlId: 'H2' }), hcgResult(GIRL, { controlId: 'L1' }, '12500')].join(
      '\n',
    ),
    'application/hl7-v2',
  );
  expect(posted.json<Posted>()).toMatchObject({
    assessments: [
      { encounterId: 'P0013-V0013', level: 'red' },
      { encounterId: 'P0100-V0100', level: 'none' },
    ],
    issues: [{ code: 'MESSAGE_UNREADABLE', at: 'message[2].MSH' }],
  });
  expect(await fixture.rows(`select status, problem_code from feed_messages where status <> 'processed'`)).toEqual([
    { status: 'set-aside', problem_code: 'ZD_ERR_INPUT_TOO_LARGE' },
  ]);
});

test.each([
  ['', 400, 'ZD_ERR_INPUT_UNREADABLE', 'MSH'],
  ['no message at all', 400, 'ZD_ERR_INPUT_UNREADABLE', 'MSH'],
  ['MSH|^~\\&|HIS|张晓婷', 400, 'ZD_ERR_INPUT_UNREADABLE', 'MSH-9'],
  [arrival(GIRL, { controlId: 'H1', processingId: 'P' }), 422, 'ZD_ERR_MODE_REFUSED', 'MSH-11'],
])('INV-11 what cannot be taken is refused by code and place, without a value (%#)', async (text, status, code, at) => {
  const answer = await fixture.post(text, 'application/hl7-v2');
  expect([answer.statusCode, answer.json<{ code: string }>().code, answer.json<{ at: string }>().at]).toEqual([status, code, at]);
  expect(answer.body + fixture.log.join('')).not.toContain('张晓婷');
});

async function postRows(payload: string, contentType: string, query: string) {
  const headers = { 'content-type': contentType, authorization: `Bearer ${await fixture.feed()}` };
  return fixture.gateway.app.inject({ method: 'POST', url: `/v1/encounters${query}`, headers, payload });
}

test('rows posted as CSV or JSON are read by the mapping the request names; a broken row is named and the rest is taken', async () => {
  const csv = `${HEADER}\nV1,P1,female,2013-03-18,2026-11-22 19:00,21198-7,血HCG,12500,IU/L\nV2,"张晓婷\n`;
  const answer = await postRows(csv, 'text/csv', '?mapping=his');
  expect(answer.json<Posted>()).toMatchObject({ assessments: [{ encounterId: 'V1', level: 'red' }] });
  expect(answer.json<Posted>().issues.map(({ at }) => at)).toEqual(expect.arrayContaining([expect.stringContaining('visits:3')]));
  expect(answer.body + fixture.log.join('')).not.toContain('张晓婷');
  const rows = [{ no: 'V3', pid: 'P3', sex: 'male', born: '2020-09-14', at: '2026-11-22 19:00' }];
  const json = await postRows(JSON.stringify({ visits: rows }), 'application/json', '?mapping=his');
  expect(json.json<Posted>()).toMatchObject({ assessments: [{ encounterId: 'V3', level: 'none' }] });
});

test.each([
  ['text/csv', ''],
  ['text/csv', '?mapping=other'],
  ['application/json', '?mapping=other'],
])('rows as %s without a mapping this gateway has (%s) are refused by place', async (contentType, query) => {
  const answer = await postRows(HEADER, contentType, query);
  expect([answer.statusCode, answer.json<{ at: string }>().at]).toEqual([400, 'mapping']);
});

test('one visit among others that is not this gateway’s is named, and the others are taken', async () => {
  const rows = ['V1', 'V2'].map((no) => ({ no, pid: 'P1', sex: 'female', born: '2013-03-18', at: '2026-11-22 19:00' }));
  const ofAnother = { ...rows[0], unitCode: '91350100M000100Y43' };
  const answer = await postRows(JSON.stringify({ visits: [ofAnother, rows[1]] }), 'application/json', '?mapping=his');
  expect(answer.json<Posted>()).toMatchObject({ assessments: [{ encounterId: 'V2' }] });
  expect(answer.json<Posted>().issues.map(({ at }) => at)).toContain('visit[0].facility.code');
});
