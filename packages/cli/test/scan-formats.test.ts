import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { zhida } from './zhida-here.js';
import { jsonLines } from './zhida-process.js';

const directory = mkdtempSync(join(tmpdir(), 'zhida-formats-'));
afterAll(() => rmSync(directory, { recursive: true }));

// Nobody in these messages and rows exists.
const canary = '卡纳里不可外传';

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function message(type: string, id: string, ...segments: string[]): string {
  return [`MSH|^~\\&|HIS|YUNXI|ZHIDA|YUNXI|20260503211005||${type}|${id}|P|2.4|||||CHN|UNICODE UTF-8`, ...segments].join('\r');
}
const pid = (number: string): string => `PID|1||${number}^^^YUNXI^MR||${canary}^演示||20130405|F`;
const pv1 = (visit: string): string => `PV1|1|E|急诊^2诊室||||||||||||||||${visit}|||||||||||||||||||||||||20260503210000`;
const result = 'OBR|1||L1|HCG^尿HCG|||20260503213000\rOBX|1|ST|2106-3^尿HCG^LN||阳性||||||F';
const summary = (stdout: string): unknown[] => jsonLines(stdout).map(({ encounterId, level }) => [encounterId, level]);

describe('zhida scan --format hl7v2', () => {
  const admit = (patient: string, visit: string, id: string): string => message('ADT^A04', id, pid(patient), pv1(visit), 'ZPI|1', 'AL1|1');

  test('tells one Assessment for each visit in order of its first message, over all files', async () => {
    const first = file('a.hl7', `${admit('P1', 'V1', 'M1')}\n\n${admit('P2', 'V2', 'M2')}\n`);
    const second = file('b.hl7', `${message('ORU^R01', 'M3', pid('P1'), pv1('V1'), result)}\n`);
    const { code, stdout, stderr } = await zhida(['scan', '--json', '--format', 'hl7v2', first, second]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(summary(stdout)).toEqual([
      ['P1-V1', 'red'],
      ['P2-V2', 'none'],
    ]);
    expect(jsonLines(stdout)[0]).toMatchObject({ revision: 2 });
  });

  test('names what is no message by line, scans the rest and exits 2', async () => {
    const path = file('c.hl7', `${admit('P1', 'V1', 'M1')}\r\rMSH|^~\\&|${canary}\r\r${admit('P2', 'V2', 'M2')}\r`);
    const { code, stdout, stderr } = await zhida(['scan', '--json', '--format', 'hl7v2', path, join(directory, 'none.hl7')]);
    expect(code).toBe(2);
    expect(summary(stdout).map((one) => (one as unknown[])[0])).toEqual(['P1-V1', 'P2-V2']);
    expect(stderr).toContain(`${path}:7: ZD_ERR_INPUT_UNREADABLE not an HL7 v2 message (MESSAGE_UNREADABLE at MSH-9)\n`);
    expect(stderr).toContain('none.hl7: ZD_ERR_INPUT_UNREADABLE the file cannot be read (ENOENT)\n');
    expect(stderr).not.toContain(canary);
  });

  test('takes messages out of a member of records', async () => {
    const records = [{ m: admit('P1', 'V1', 'M1') }, { n: 1 }, { m: message('ORU^R01', 'M3', pid('P1'), pv1('V1'), result) }];
    const { code, stdout, stderr } = await zhida(
      ['scan', '--json', '--format', 'hl7v2', '--field', 'm', '-'],
      records.map((record) => `${JSON.stringify(record)}\n`).join(''),
    );
    expect(summary(stdout)).toEqual([['P1-V1', 'red']]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '-:2: ZD_ERR_INPUT_UNREADABLE no text in a member "m"\n' });
  });

  test('--explain-mapping says what was passed over and not understood, by place and code, never a value', async () => {
    const odd = message('ADT^A04', 'M1', pid('P1'), pv1('V1').replace('|E|', `|${canary}|`), `ZZZ|${canary}`, `${canary}|x`);
    const queried = message('QRY^A19', 'M2', pid('P1'));
    const { stderr } = await zhida(['scan', '--json', '--format', 'hl7v2', '--explain-mapping', file('d.hl7', `${odd}\n\n${queried}\n`)]);
    expect(stderr).toContain('explain: 2 records, 0 with something that could not be read, 1 encounters\n');
    expect(stderr).toContain('    segment ZZZ ×1\n');
    expect(stderr).toContain('    segment of no name ×1\n');
    expect(stderr).toContain('    message QRY^A19 ×1\n');
    expect(stderr).toContain('    FIELD_UNKNOWN_CODE at PV1-2 ×1\n');
    expect(stderr).not.toContain(canary);
  });
});

test('--explain-mapping of bundles names resource types and elements', async () => {
  const bundle = {
    resourceType: 'Bundle',
    entry: [
      { resource: { resourceType: 'Encounter', id: 'e1', class: { code: canary } } },
      { resource: { resourceType: 'CarePlan', title: canary } },
      { resource: { resourceType: canary } },
    ],
  };
  const { stderr } = await zhida(['scan', '--json', '--format', 'fhir', '--explain-mapping', file('x.json', JSON.stringify(bundle))]);
  expect(stderr).toContain('    resource CarePlan ×1\n');
  expect(stderr).toContain('    resource of no known type ×1\n');
  expect(stderr).toContain('    FIELD_UNKNOWN_CODE at Encounter.class ×1\n');
  expect(stderr).not.toContain(canary);
});

const mapping = `
version: 1
tables:
  visits:
    visit: 就诊号
    fields: { patient.sex: 性别, patient.birthDate: 出生日期, period.start: 时间, patient.name: 姓名 }
    facts:
      - { list: notes, fields: { section: { value: imaging }, text: 影像 } }
`;
const rows = [
  '就诊号,性别,出生日期,时间,姓名,影像,内部',
  `V1,女,2013-04-05,2026-05-03 10:00,${canary},超声提示宫内早孕，约8周。,${canary}`,
  `V2,${canary},2013-04-05,${canary},${canary},,`,
  `"${canary},x`,
  'V3,男,2019-01-01,2026-05-03 11:00,某,,',
].join('\n');

describe('rows', () => {
  test('zhida scan --format his tells one Assessment for each visit, names what could not be used and exits 2', async () => {
    const args = ['scan', '--json', '--format', 'his', '--mapping', file('m.yaml', mapping), '--explain-mapping', file('visits.csv', rows)];
    const { code, stdout, stderr } = await zhida(args);
    expect(code).toBe(2);
    expect(summary(stdout)).toEqual([
      ['V1', 'red'],
      ['V2', 'none'],
      ['V3', 'none'],
    ]);
    expect(stderr).toContain('visits.csv: ZD_ERR_INPUT_UNREADABLE 1 rows or files could not be used\n');
    expect(stderr).toContain('visits.csv: MESSAGE_UNREADABLE at visits:4\n');
    expect(stderr).toContain('visits.csv: TIME_UNREADABLE at visits:3.时间 (period.start)\n');
    expect(stderr).toContain('    visits column 7 ×1\n');
    expect(stderr).not.toContain(canary);
  });

  test('zhida map try shows what was understood, what was not, and the first visits masked', async () => {
    const { code, stdout, stderr } = await zhida(['map', 'try', file('m.yaml', mapping), file('visits.csv', rows)]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toContain('4 rows, 1 rows or files that could not be used, 3 visits\n');
    expect(stdout).toContain('  column 2 性别 → patient.sex\n');
    expect(stdout).toContain('  not in the mapping: columns 7\n');
    expect(stdout).toContain('  warning FIELD_UNKNOWN_CODE at visits:3.性别 (patient.sex)\n');
    expect(stdout).toContain('"birthDate": "2013-••-••"');
    expect(stdout).toContain('"section": "imaging"');
    for (const secret of [canary, '宫内早孕', '2013-04-05']) expect(stdout).not.toContain(secret);
  });

  test('a mapping that is wrong is told by line and path, exit 78', async () => {
    const { code, stdout, stderr } = await zhida([
      'map',
      'try',
      file('bad.yaml', mapping.replace('patient.sex', 'patient.sax')),
      file('v.csv', rows),
    ]);
    expect([code, stdout]).toEqual([78, '']);
    expect(stderr).toContain('ZD_ERR_MAPPING_INVALID');
    expect(stderr).toContain('line 6: tables.visits.fields.patient.sax: not a field that can be filled');
  });
});
