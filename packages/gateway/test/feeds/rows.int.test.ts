import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '@zhida/testkit';
import { beforeEach, expect, test } from 'vitest';
import { type Fixture, only } from '../support/fixture.js';
import { useFolderFeed } from './support/folder.js';
import { gb18030 } from '../../../hl7v2/test/messages.js';

const MAPPING = `
version: 1
tables:
  visits:
    file: visits*
    visit: 就诊号
    fields:
      visitNumber: 就诊号
      patient.id: 病人ID
      patient.name: 姓名
      patient.sex: { column: 性别, map: { 男: male, 女: female } }
      patient.birthDate: 出生日期
      period.start: 就诊时间
      class: { value: emergency }
  results:
    file: results*
    visit: 就诊号
    facts:
      - list: observations
        fields: { code: 代码, system: { value: loinc }, name: 项目, value: 结果, unit: 单位 }
`;
const VISITS =
  '就诊号,病人ID,姓名,性别,出生日期,就诊时间\nV1,P1,张晓婷,女,2013-03-18,2026-11-22 19:00:00\nV2,P2,周小禾,男,2020-09-14,2026-11-22 19:10:00\n';
const RESULTS = '就诊号,代码,项目,结果,单位\nV1,21198-7,血HCG,12500,IU/L\nV2,,C反应蛋白,5,mg/L\n';

const feed = useFolderFeed();
let fixture: Fixture;
let folder: string;
beforeEach(() => {
  ({ fixture, folder } = feed);
});

async function run(mappingText = MAPPING): Promise<void> {
  const mapping = join(folder, '.mapping.yaml');
  await writeFile(mapping, mappingText);
  await feed.run({ kind: 'folder', name: 'rows', path: folder, format: 'his', mapping, pollMs: 20 });
}

const rows = () => fixture.rows<Record<string, unknown>>('select format, status, problem_code, problem_at from feed_messages order by seq');
const worked = (messages: number) =>
  waitUntil(async () => (await rows()).filter(({ status }) => status !== 'received').length === messages, { what: `${messages} messages` });

test('files of one export meet in a visit; a row that changes changes that visit alone, and back again', async () => {
  await writeFile(join(folder, 'visits_1122.csv'), gb18030(VISITS));
  await writeFile(join(folder, 'results_1122.csv'), RESULTS);
  await run();
  await worked(2);
  expect(only(await fixture.prompts())).toMatchObject({ level: 'red', encounter: { id: 'V1', visitNumber: 'V1' } });
  await writeFile(join(folder, 'results_1122.csv'), RESULTS.replace('12500', '2'));
  await worked(3);
  expect(only(await fixture.prompts()).state).toBe('closed');
  await writeFile(join(folder, 'results_1122.csv'), RESULTS);
  await worked(4);
  expect(only(await fixture.prompts())).toMatchObject({ state: 'shown', occurrence: 2 });
  await feed.stop();
  await run();
  await writeFile(join(folder, 'results_1123.csv'), '就诊号,代码,项目,结果,单位\nV2,,血红蛋白,120,g/L\n');
  await worked(5);
  expect(await fixture.rows('select count(*) as visits from encounters')).toEqual([{ visits: 2 }]);
});

test('broken rows are set aside by table and row without a value, and the rest is taken', async () => {
  await writeFile(join(folder, 'visits.csv'), `${VISITS}V3,"张晓婷\n`);
  await writeFile(join(folder, 'results.csv'), `${RESULTS}V9,21198-7,血HCG,12500,IU/L\n`);
  await writeFile(join(folder, 'other.json'), `{"rows":${'['.repeat(50_000)}`);
  await run();
  await waitUntil(async () => (await fixture.prompts()).length === 1, { what: 'the good rows are taken' });
  const aside = (await rows()).filter(({ status }) => status === 'set-aside');
  expect(aside.length).toBeGreaterThanOrEqual(2);
  expect(aside.every(({ problem_code: code }) => String(code).startsWith('ZD_ERR_INPUT_'))).toBe(true);
  expect(JSON.stringify(aside)).toMatch(/visits:4|results:4/);
  expect(JSON.stringify(aside) + fixture.log.join('')).not.toContain('张晓婷');
});

test('a mapping that cannot be used stops the start, by its place', async () => {
  await expect(run(MAPPING.replace('visitNumber', 'visitNumbr'))).rejects.toMatchObject({
    code: 'ZD_ERR_OPTION_INVALID',
    at: expect.stringContaining('tables.visits.fields.visitNumbr') as string,
  });
});
