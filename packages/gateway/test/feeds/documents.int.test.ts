import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canaries, canaryValues, findCanaries, waitUntil } from '@zhida/testkit';
import { beforeEach, expect, test } from 'vitest';
import { COMPLAINT, DOCUMENTS, documentOf, section } from '../../../his/test/cda/documents.js';
import { type Assessed, type Fixture, only } from '../support/fixture.js';
import { useFolderFeed } from './support/folder.js';

interface Posted {
  readonly assessments: readonly Assessed[];
  readonly issues: readonly { readonly code: string; readonly at: string }[];
}

const RECORD = documentOf(COMPLAINT);
const PREGNANCY =
  '<entry><observation><code code="DE05.01.024.00" codeSystem="2.16.156.10011.2.2.1"/><value code="Z32.100" codeSystem="2.16.156.10011.2.3.3.11" displayName="早期妊娠"/></observation></entry>';
const DIAGNOSIS = documentOf(section('29548-5', PREGNANCY)).replace('"D1"', '"D2"');
const replacing = (id: string, text: string): string =>
  text
    .replace(/extension="D\d"/, 'extension="D9"')
    .replace(
      '<recordTarget>',
      `<relatedDocument typeCode="RPLC"><parentDocument><id root="2.16.156.10011.1.1" extension="${id}"/></parentDocument></relatedDocument><recordTarget>`,
    );

const feed = useFolderFeed();
let fixture: Fixture;
beforeEach(() => {
  ({ fixture } = feed);
});
const post = async (text: string | Buffer, contentType = 'application/cda+xml') => fixture.post(text, contentType);

test.each(['application/cda+xml', 'application/xml; charset=utf-8', 'text/xml', 'application/hl7-sda+xml'])(
  'documents posted as %s tell one visit together, and one that comes twice has one effect',
  async (contentType) => {
    expect((await post(DIAGNOSIS, contentType)).json<Posted>()).toMatchObject({
      assessments: [{ encounterId: 'outpatient-V1', level: 'red' }],
    });
    // In the second there is no reason: what came first is still part of the visit.
    const answer = await post(RECORD, contentType);
    expect(answer.statusCode).toBe(200);
    expect(answer.json<Posted>()).toMatchObject({
      assessments: [{ encounterId: 'outpatient-V1', revision: 2, level: 'red', minor: 'yes' }],
      issues: [],
    });
    expect((await post(RECORD, contentType)).json()).toEqual(answer.json());
    expect(only(await fixture.prompts())).toMatchObject({ level: 'red', occurrence: 1, encounter: { revision: 2 } });
  },
);

test('the invented documents of WS/T 500 are taken: two visits of two children', async () => {
  for (const text of Object.values(DOCUMENTS)) expect((await post(text)).statusCode).toBe(200);
  const prompts = await fixture.prompts();
  expect(prompts.map(({ encounter }) => (encounter as { id?: string }).id ?? '').toSorted()).toEqual(
    ['inpatient-ZY3002', 'outpatient-V2001'].toSorted(),
  );
});

test('a document that takes the place of another takes its reasons away, and the prompt with nothing left is closed', async () => {
  await post(DIAGNOSIS);
  expect(await fixture.prompts()).toHaveLength(1);
  const answer = await post(replacing('D2', documentOf(section('10154-3', '<text>咳嗽3天</text>'))));
  expect(answer.json<Posted>()).toMatchObject({ assessments: [{ encounterId: 'outpatient-V1', revision: 2, level: 'none' }] });
  expect(await fixture.prompts()).toMatchObject([{ state: 'closed' }]);
});

test('of a document that breaks off what was read is assessed, and where it breaks off is named', async () => {
  const { json, statusCode } = await post(DIAGNOSIS.slice(0, DIAGNOSIS.indexOf('</structuredBody>')));
  expect(statusCode).toBe(200);
  expect(json<Posted>()).toMatchObject({
    assessments: [{ level: 'red' }],
    issues: [{ code: 'MESSAGE_UNREADABLE', at: '/ClinicalDocument/component/structuredBody' }],
  });
  expect(await fixture.rows('select status, format, syntax, problem_code from feed_messages')).toEqual([
    { status: 'processed', format: 'his', syntax: 'cda', problem_code: 'MESSAGE_UNREADABLE' },
  ]);
});

test.each([
  ['no XML', 'PID|1', '/ClinicalDocument'],
  ['of no visit', RECORD.replace('"V1"', '"NA"').replace('"D1"', '""'), '/ClinicalDocument/recordTarget/patientRole/id'],
])('a body that is %s is refused with its place, and is set aside', async (_, text, at) => {
  const answer = await post(text);
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ code: 'ZD_ERR_INPUT_UNREADABLE', at });
  expect(await fixture.rows('select status, problem_at from feed_messages')).toEqual([{ status: 'set-aside', problem_at: at }]);
});

test('a document of a child is kept as long as the text of its visit, one of an adult no longer than any message', async () => {
  await post(RECORD);
  await post(RECORD.replace('20130318', '19800318').replace('"V1"', '"V2"').replace('"D1"', '"D3"'));
  const days = await fixture.rows<{ days: number }>(
    'select extract(day from purge_at - received_at)::int as days from feed_messages order by seq',
  );
  expect(days).toEqual([{ days: 90 }, { days: 30 }]);
  // Each document of the visit keeps those before it for as long as itself.
  await fixture.rows("update feed_messages set purge_at = received_at + interval '1 day'");
  await post(DIAGNOSIS);
  expect(await fixture.rows('select extract(day from purge_at - received_at)::int as days from feed_messages order by seq')).toEqual([
    { days: 90 },
    { days: 1 },
    { days: 90 },
  ]);
});

test('a document of another hospital is refused, and adds nothing to the visit of the same number', async () => {
  await post(RECORD);
  const custodian =
    '<custodian><assignedCustodian><representedCustodianOrganization><id extension="91350100M000100Y43"/></representedCustodianOrganization></assignedCustodian></custodian>';
  const answer = await post(DIAGNOSIS.replace('<component>', `${custodian}<component>`));
  expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'ZD_ERR_SCOPE_MISSING', at: 'facility.code' }]);
  expect(await fixture.prompts()).toEqual([]);
});

test('what was told of somebody taken for an adult counts once a later document shows a child', async () => {
  await post(DIAGNOSIS.replace('20130318', '19800318'));
  expect(await fixture.prompts()).toEqual([]);
  const answer = await post(RECORD.replace('20260508210400', '20260508220400'));
  expect(answer.json<Posted>()).toMatchObject({ assessments: [{ level: 'red', minor: 'yes', revision: 2 }] });
});

test('INV-11 what a document says of people, in its text, its attributes or the names of its elements, is in no log, no plain column and no refusal', async () => {
  const { childName, childResidentId, doctorsNote } = canaries;
  const planted = RECORD.replace('停经2月', doctorsNote).replace('林小满', childName).replace('"V1"', `"${canaries.childPhone}"`);
  const every = canaryValues.map((value) => planted.replaceAll(/(value|code|root|codeSystem)="[^"]*"/g, `$1="${value}"`));
  const told = [
    ...every.map((text) => text.replace(/extension="[^"]*"/g, '')),
    planted.replaceAll('section', `s${childResidentId}`),
    `<${childName}/><ClinicalDocument>${childResidentId}`,
    planted.slice(0, planted.indexOf(childName) + 4),
    planted,
  ];
  const answers: string[] = [];
  for (const text of told) {
    const answer = await post(text);
    answers.push(answer.statusCode === 200 ? JSON.stringify(answer.json<Posted>().issues) : answer.body);
  }
  const rows = await fixture.rows<{ row: unknown }>('select to_jsonb(feed_messages) as row from feed_messages');
  expect(rows.length).toBeGreaterThan(3);
  expect(findCanaries([...rows.map(({ row }) => JSON.stringify(row)), ...answers, ...fixture.log].join('\n'))).toEqual([]);
});

test('a folder of documents is read, with what came by the door', async () => {
  await post(RECORD);
  await writeFile(join(feed.folder, 'a.xml'), DIAGNOSIS);
  await writeFile(join(feed.folder, 'b.xml'), 'no document');
  await feed.run({ kind: 'folder', name: 'files', path: feed.folder, format: 'cda', pollMs: 20 });
  await waitUntil(async () => (await fixture.prompts()).length === 1, { what: 'the visit is assessed' });
  expect(only(await fixture.prompts())).toMatchObject({ level: 'red', encounter: { revision: 2 } });
  await waitUntil(
    async () => {
      const [row] = await fixture.rows<{ aside: number }>("select count(*)::int as aside from feed_messages where status = 'set-aside'");
      return row?.aside === 1;
    },
    { what: 'what is no document is set aside' },
  );
});
