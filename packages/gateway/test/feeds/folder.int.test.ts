import { appendFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@zhida/testkit';
import { beforeEach, expect, test } from 'vitest';
import { type Fixture, only } from '../support/fixture.js';
import { bruisedInfant, ordinaryVisit, pregnantGirl } from '../support/visits.js';
import { useFolderFeed } from './support/folder.js';
import { arrival, BOY, GIRL, hcgResult, message, msh, note } from './support/messages.js';

const feed = useFolderFeed();
let fixture: Fixture;
let folder: string;
beforeEach(() => {
  ({ fixture, folder } = feed);
});

async function run(format: 'hl7v2' | 'fhir' | 'encounter', path = folder): Promise<void> {
  await feed.run({ kind: 'folder', name: 'files', path, format, pollMs: 20 });
}

async function restart(format: 'hl7v2' | 'fhir' | 'encounter'): Promise<void> {
  await feed.stop();
  await run(format);
}

interface Row {
  readonly status: string;
  readonly problem_code: string | null;
  readonly problem_at: string | null;
  readonly record_number: number | null;
  readonly line_number: number | null;
}
const rows = () => fixture.rows<Row>('select status, problem_code, problem_at, record_number, line_number from feed_messages order by seq');
const read = (files: number) =>
  waitUntil(
    async () => {
      const [{ count } = { count: 0 }] = await fixture.rows<{ count: number }>('select count(*) as count from feed_files');
      const waiting = (await rows()).filter(({ status }) => status === 'received').length;
      return count === files && waiting === 0;
    },
    { what: `${files} files are read and worked on` },
  );
const settled = (messages: number) =>
  waitUntil(async () => (await rows()).filter(({ status }) => status !== 'received').length === messages, {
    what: `${messages} messages are worked on`,
  });

test('HL7 v2 files are read in order of their time, and one that is already read is not read again after a restart', async () => {
  await writeFile(join(folder, 'a.hl7'), [arrival(GIRL, { controlId: 'H1' }), arrival(BOY, { controlId: 'H2' })].join('\n'));
  await run('hl7v2');
  await read(1);
  await writeFile(join(folder, 'b.hl7'), hcgResult(GIRL, { controlId: 'L1' }, '12500'));
  await read(2);
  expect(only(await fixture.prompts())).toMatchObject({ level: 'red', encounter: { revision: 2 } });
  const before = await fixture.rows('select id, status from feed_messages order by seq');
  await restart('hl7v2');
  await writeFile(join(folder, 'c.hl7'), note(BOY, { controlId: 'E1' }, '主诉', '发热'));
  await read(3);
  expect((await fixture.rows('select id, status from feed_messages order by seq')).slice(0, 3)).toEqual(before);
  expect(await fixture.rows('select count(*) as files, sum(generation) as generations from feed_files')).toMatchObject([{ files: 3 }]);
});

test('a file that grows gives its new messages alone; one with another content gives all of its own', async () => {
  const file = join(folder, 'day.jsonl');
  const visit = (id: string, location: string) => `${JSON.stringify(ordinaryVisit({ id, location }))}\n`;
  await writeFile(file, visit('V1', '1诊室') + visit('V2', '2诊室'));
  await run('encounter');
  await settled(2);
  await appendFile(file, visit('V3', '3诊室'));
  await settled(3);
  await writeFile(file, visit('V1', '9诊室 搬迁后的留观区'));
  await settled(4);
  // What it was before, again: an older state of the visit is told anew, and not taken for a repeat.
  await writeFile(file, visit('V1', '1诊室') + visit('V2', '2诊室'));
  await settled(6);
  expect(await fixture.rows(`select generation from feed_files`)).toEqual([{ generation: 3 }]);
  expect(await fixture.rows('select count(*) as visits from encounters')).toEqual([{ visits: 3 }]);
});

test('a file that grows after its messages were forgotten does not give them again', async () => {
  const file = join(folder, 'year.hl7');
  await writeFile(file, `${arrival(GIRL, { controlId: 'H1' })}\n`);
  await run('hl7v2');
  await settled(1);
  fixture.clock.advance(181 * 86_400_000);
  await fixture.gateway.purgeOnce();
  await fixture.gateway.purgeOnce();
  expect(await rows()).toEqual([]);
  await appendFile(file, `${arrival(BOY, { controlId: 'H2' })}\n`);
  await settled(1);
  expect(await fixture.rows('select control_id, record_number from feed_messages')).toEqual([{ control_id: 'H2', record_number: 2 }]);
});

test('snapshots as a document, a list and lines, and FHIR bundles, are all taken', async () => {
  await writeFile(join(folder, 'one.json'), JSON.stringify(pregnantGirl(), undefined, 2));
  await writeFile(join(folder, 'list.json'), JSON.stringify([bruisedInfant(), ordinaryVisit()], undefined, 2));
  await run('encounter');
  await read(2);
  expect((await fixture.prompts()).map(({ level }) => level)).toEqual(['red', 'orange']);
  await feed.stop();
  await fixture.reset();
  await rm(folder, { recursive: true });
  await mkdir(folder);
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { resource: { resourceType: 'Patient', id: 'p1', gender: 'female', birthDate: '2013-03-18' } },
      {
        resource: {
          resourceType: 'Encounter',
          id: 'e1',
          status: 'finished',
          class: { code: 'EMER' },
          subject: { reference: 'Patient/p1' },
          period: { start: '2026-11-22T19:00:00+08:00' },
        },
      },
    ],
  };
  await writeFile(join(folder, 'bundle.json'), JSON.stringify(bundle));
  await symlink(join(folder, 'bundle.json'), join(folder, 'linked.json'));
  await run('fhir');
  await read(1);
  expect(await rows()).toMatchObject([{ status: 'processed' }]);
  expect(await fixture.rows('select count(*) as visits from encounters')).toEqual([{ visits: 1 }]);
});

test('U33 an Encounter that a FHIR bundle says is deleted takes its prompt back; what cannot be placed stands beside the message', async () => {
  const visit = pregnantGirl();
  await fixture.send(visit);
  const before = only(await fixture.prompts());
  const gone = (url: string) => ({ request: { method: 'DELETE', url } });
  const bundle = (...entry: object[]) => JSON.stringify({ resourceType: 'Bundle', type: 'history', entry });
  await writeFile(join(folder, '1.json'), bundle(gone(`Encounter/${visit.id}`), gone('Observation/o9')));
  await run('fhir');
  await settled(1);
  expect(only(await fixture.prompts())).toMatchObject({ id: before.id, state: 'closed' });
  expect(await fixture.rows(`select code from prompt_events where kind = 'closed'`)).toEqual([{ code: 'visit-cancelled' }]);
  expect(await rows()).toMatchObject([{ status: 'processed', problem_code: 'REFERENCE_UNRESOLVED', problem_at: 'entry[1].request.url' }]);
  await writeFile(join(folder, '2.json'), bundle(gone('Observation/o9')));
  await settled(2);
  expect((await rows()).at(-1)).toMatchObject({
    status: 'set-aside',
    problem_code: 'ZD_ERR_INPUT_UNREADABLE',
    problem_at: 'entry[0].request.url',
  });
  // Told again, it is a visit again; the door for posted bundles hears the same.
  await fixture.send(visit);
  expect(only(await fixture.prompts()).state).toBe('shown');
  const posted = await fixture.post(bundle(gone(`Encounter/${visit.id}`), gone('Encounter/e-nobody-knows')), 'application/fhir+json');
  expect([posted.statusCode, posted.json()]).toMatchObject([200, { assessments: [], issues: [{ code: 'REFERENCE_UNRESOLVED' }] }]);
  expect(only(await fixture.prompts()).state).toBe('closed');
});

test('bad records are set aside by code, record and line, and the rest of the file is taken', async () => {
  const lines = [
    JSON.stringify(ordinaryVisit({ id: 'V1' })),
    '{"id": "V2", "patient": {"name": "张晓婷"',
    `${'['.repeat(20_000)}`,
    '"just text"',
    JSON.stringify({ ...ordinaryVisit({ id: 'V5' }), mode: 'production' }),
    JSON.stringify(pregnantGirl({ id: 'V6' })),
  ];
  await writeFile(
    join(folder, 'mixed.jsonl'),
    Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), Buffer.from([0x7b, 0xff, 0xfe, 0x7d])]),
  );
  const refused = async () =>
    (await fixture.rows<{ refused: number }>('select coalesce(sum(refused), 0)::integer as refused from feeds'))[0]?.refused ?? 0;
  const before = await refused();
  await run('encounter');
  await read(1);
  expect(await refused()).toBe(before + 1);
  expect(await rows()).toEqual([
    { status: 'processed', problem_code: null, problem_at: null, record_number: 1, line_number: 1 },
    { status: 'set-aside', problem_code: 'ZD_ERR_INPUT_UNREADABLE', problem_at: '$', record_number: 2, line_number: 2 },
    { status: 'set-aside', problem_code: 'ZD_ERR_INPUT_UNREADABLE', problem_at: '$', record_number: 3, line_number: 3 },
    { status: 'set-aside', problem_code: 'ZD_ERR_INPUT_UNREADABLE', problem_at: '$', record_number: 4, line_number: 4 },
    { status: 'refused', problem_code: 'ZD_ERR_MODE_REFUSED', problem_at: 'mode', record_number: 5, line_number: 5 },
    { status: 'processed', problem_code: null, problem_at: null, record_number: 6, line_number: 6 },
    { status: 'set-aside', problem_code: 'ZD_ERR_INPUT_UNREADABLE', problem_at: '$', record_number: 7, line_number: 7 },
  ]);
  expect(only(await fixture.prompts()).level).toBe('red');
  expect(fixture.log.join('')).not.toContain('张晓婷');
});

test('HL7 v2 in one file: noise, another mode, a truncated and a mis-encoded message, then a good one', async () => {
  const pieces = [
    'HIS export 2026-11-22\r',
    arrival(BOY, { controlId: 'H1', processingId: 'P' }),
    msh('ORU^R01', { controlId: 'L0' }).slice(0, 40),
    arrival(BOY, { controlId: 'H2' }),
    message(msh('ADT^', { controlId: '' })),
    hcgResult(GIRL, { controlId: 'L1' }, '12500'),
  ];
  const mixed = pieces.map((piece) => Buffer.from(piece, 'utf8'));
  // Cut inside a character.
  mixed[3] = Buffer.concat([Buffer.from(arrival(BOY, { controlId: 'H2' })), Buffer.from('OBX|1|TX|^主诉||发', 'utf8').subarray(0, -1)]);
  await writeFile(join(folder, 'mixed.hl7'), Buffer.concat(mixed.flatMap((piece) => [piece, Buffer.from('\r\n')])));
  await run('hl7v2');
  await read(1);
  expect((await rows()).map(({ status, problem_code: code, problem_at: at }) => [status, code, at])).toEqual([
    ['set-aside', 'ZD_ERR_INPUT_UNREADABLE', 'MSH'],
    ['refused', 'ZD_ERR_MODE_REFUSED', 'MSH-11'],
    ['set-aside', 'ZD_ERR_INPUT_UNREADABLE', 'MSH-9'],
    ['processed', null, null],
    ['processed', null, null],
    ['processed', null, null],
  ]);
  expect(only(await fixture.prompts()).level).toBe('red');
});

test('unfinished files, folders and links are left alone; a file still being written is read when it stands still', async () => {
  await writeFile(join(folder, 'a.hl7.tmp'), arrival(BOY, { controlId: 'H1' }));
  await writeFile(join(folder, '.hidden'), arrival(BOY, { controlId: 'H2' }));
  await writeFile(join(folder, '..outside'), 'x');
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'whole.hl7'), hcgResult(GIRL, { controlId: 'L1' }, '12500'));
  await run('hl7v2');
  await read(1);
  expect(await rows()).toHaveLength(1);
});

test('a folder that is not there is told, tried again, and read once it is', async () => {
  const late = join(folder, 'late');
  await run('hl7v2', late);
  const problem = () => fixture.rows<{ problem_code: string | null }>(`select problem_code from feeds where name = 'files'`);
  await waitUntil(async () => only(await problem()).problem_code === 'ENOENT', { what: 'the problem is told' });
  expect(fixture.log.some((line) => line.includes('the folder could not be read') && !line.includes(late))).toBe(true);
  await mkdir(late);
  await writeFile(join(late, 'a.hl7'), arrival(BOY, { controlId: 'H1' }));
  await settled(1);
  await waitUntil(async () => only(await problem()).problem_code === null, { what: 'the word is taken back' });
});

test('files that cannot be read, or hold what is nested beyond measure, are set aside and keep no other waiting', async () => {
  await writeFile(join(folder, '1-long.json'), Buffer.alloc(64 * 1024 * 1024 + 1, 0x20));
  await writeFile(join(folder, '2-deep.json'), `[${'['.repeat(100_000)}${']'.repeat(100_000)}]`);
  await writeFile(join(folder, '3-deep.jsonl'), `{"id":"V-deep","notes":${'['.repeat(100_000)}${']'.repeat(100_000)}}\n`);
  await writeFile(join(folder, '4-good.json'), JSON.stringify(pregnantGirl()));
  const before = (await fixture.actions()).length;
  await run('encounter');
  await waitUntil(async () => (await fixture.prompts()).length === 1, { what: 'the good file is taken' });
  expect((await fixture.actions()).slice(before).filter((action) => action === 'feed-message.set-aside')).toHaveLength(2);
  const aside = (await rows()).filter(({ status }) => status === 'set-aside');
  expect(aside).toMatchObject([
    { problem_code: 'ZD_ERR_INPUT_TOO_LARGE', problem_at: 'file' },
    { problem_code: 'ZD_ERR_INPUT_UNREADABLE', problem_at: '$' },
  ]);
});
