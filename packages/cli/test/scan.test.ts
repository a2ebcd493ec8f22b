import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprint } from '@zhida/core';
import { afterAll, describe, expect, test } from 'vitest';
import { zhida } from './zhida-here.js';
import { jsonLines, zhida as zhidaProcess } from './zhida-process.js';

const directory = mkdtempSync(join(tmpdir(), 'zhida-scan-'));
afterAll(() => rmSync(directory, { recursive: true }));

// Invented children.
const pregnant = {
  schemaVersion: '1',
  id: 'V1',
  class: 'outpatient',
  period: { start: '2026-05-03T10:00:00+08:00' },
  patient: { sex: 'female', birthDate: '2013-04-05' },
  notes: [{ section: 'imaging', text: '超声提示宫内早孕，约8周。' }],
};
const cough = { ...pregnant, id: 'V2', notes: [{ section: 'chief-complaint', text: '咳嗽3天' }] };
const canary = '卡纳里·不可外传';

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function lines(...values: unknown[]): string {
  return values.map((value) => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join('');
}

const levels = (stdout: string): unknown[] => jsonLines(stdout).map(({ encounterId, level }) => [encounterId, level]);

describe('zhida scan', () => {
  test('ends without a word where nobody reads on, as under head', async () => {
    expect(await zhidaProcess(['scan', '--help'], '', { unread: true })).toEqual({ code: 0, stdout: '', stderr: '' });
  }, 120_000);

  test('prints one Assessment a line in input order, nothing else on standard output, and red is no error', async () => {
    const { code, stdout, stderr } = await zhidaProcess([
      'scan',
      '--json',
      '--format',
      'encounter',
      file('a.jsonl', lines(cough, pregnant, cough)),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(levels(stdout)).toEqual([
      ['V2', 'none'],
      ['V1', 'red'],
      ['V2', 'none'],
    ]);
    const red = jsonLines(stdout)[1];
    expect(red).toMatchObject({
      schemaVersion: '1',
      minor: 'yes',
      age: { years: 13 },
      // How the words read may be named behind it, lowered.
      indications: expect.arrayContaining([
        expect.objectContaining({ ruleId: 'R-PG-01', evidence: [expect.objectContaining({ at: 'notes[0].text' })] }),
      ]) as unknown,
    });
    expect(red?.['inputSha256']).toBe(await fingerprint(pregnant));
  }, 120_000);

  test('names an unreadable line by number, never by content, scans the rest and exits 2', async () => {
    const path = file('b.jsonl', lines(pregnant, `{"id":"V9","name":"${canary}"`, '', { name: canary }, `"${canary}"`, cough));
    const { code, stdout, stderr } = await zhida(['scan', '--format', 'encounter', path]);
    expect(code).toBe(2);
    expect(levels(stdout)).toEqual([
      ['V1', 'red'],
      ['V2', 'none'],
    ]);
    expect(stderr.split('\n')).toEqual([
      `${path}:2: ZD_ERR_INPUT_UNREADABLE the line is not JSON`,
      `${path}:4: ZD_ERR_INPUT_UNREADABLE not an object with an id`,
      `${path}:5: ZD_ERR_INPUT_UNREADABLE not an object with an id`,
      '',
    ]);
  });

  test('reads wrapped records by --field, from standard input too', async () => {
    const wrapped = lines({ id: 'C1', encounter: cough }, { id: 'C2' }, { id: 'C3', encounter: pregnant });
    const { code, stdout, stderr } = await zhida(['scan', '--json', '--format', 'encounter', '-', '--field', 'encounter'], wrapped);
    expect(levels(stdout)).toEqual([
      ['V2', 'none'],
      ['V1', 'red'],
    ]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '-:2: ZD_ERR_INPUT_UNREADABLE no member "encounter"\n' });
  });

  test('reads documents and lists over many lines, several files in order, a missing one named', async () => {
    const list = file('list.json', JSON.stringify([cough, { encounterless: true }, pregnant], null, 2));
    const missing = join(directory, 'missing.json');
    const one = file('one.json', `\uFEFF${JSON.stringify(pregnant, null, 2)}`);
    const { code, stdout, stderr } = await zhida(['scan', list, missing, one]);
    expect(code).toBe(2);
    expect(levels(stdout)).toEqual([
      ['V2', 'none'],
      ['V1', 'red'],
      ['V1', 'red'],
    ]);
    expect(stderr).toBe(
      `${list}[1]: ZD_ERR_INPUT_UNREADABLE not an object with an id\n${missing}: ZD_ERR_INPUT_UNREADABLE the file cannot be read (ENOENT)\n`,
    );
  });

  test('reads FHIR bundles: one Assessment for each Encounter, what is left out named by index', async () => {
    const encounter = (id: string, day: string): unknown => ({
      resource: {
        resourceType: 'Encounter',
        id,
        status: 'finished',
        class: { code: 'AMB' },
        subject: { reference: 'Patient/p' },
        period: { start: `${day}T10:00:00+08:00`, end: `${day}T11:00:00+08:00` },
      },
    });
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        { resource: { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '2013-04-05' } },
        encounter('E1', '2026-05-03'),
        encounter('E2', '2026-05-10'),
        {
          resource: {
            resourceType: 'Condition',
            subject: { reference: 'Patient/p' },
            recordedDate: '2026-05-10',
            code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'O80' }] },
          },
        },
        {
          resource: { resourceType: 'Condition', subject: { reference: 'Patient/p' }, recordedDate: '2026-07-01', code: { text: canary } },
        },
      ],
    };
    const path = file('bundles.ndjson', lines(bundle, { resourceType: 'Patient' }));
    const { code, stdout, stderr } = await zhida(['scan', '--json', '--format', 'fhir', path]);
    expect(code).toBe(2);
    expect(levels(stdout)).toEqual([
      ['E1', 'none'],
      ['E2', 'red'],
    ]);
    expect(stderr).toBe(`${path}:1: REFERENCE_UNRESOLVED at entry[4].resource\n${path}:2: ZD_ERR_INPUT_UNREADABLE not a FHIR Bundle\n`);
  });

  test('a file in another encoding is refused, not read as if no harm were in it', async () => {
    const gb18030 = Buffer.concat([
      Buffer.from('{"id":"V1","notes":[{"text":"'),
      Buffer.from([0xd4, 0xe7, 0xd4, 0xd0]),
      Buffer.from('"}]}\n'),
    ]);
    const { code, stdout, stderr } = await zhida(['scan', file('gb.jsonl', gb18030)]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(':1: ZD_ERR_INPUT_UNREADABLE the line is not UTF-8');
  });

  test('--why explains a rule: where it speaks its evidence, where it does not what failed and what it saw', async () => {
    const { code, stdout } = await zhida(['scan', '--why', 'R-PG-01', file('why.jsonl', lines(cough, pregnant))]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^R-PG-01 {2}\S+\n {2}所见: .+\n {2}理由: .+\n {2}现在: .+\n {2}依据: /);
    expect(stdout).toContain('宫内早孕');
    expect(stdout).toContain('R-PG-01 未提示');
    expect(stdout).toContain('✗ 须满足其一');
    expect(stdout).toContain('记录里没有这条规则要找的词');
    expect(stdout.trimEnd()).toMatch(/就诊 2，有提示 1，无提示 1$/);
  });

  test('zhida explain writes the same as one page, readable by its owner alone', async () => {
    const output = join(directory, 'page.html');
    const { code, stdout, stderr } = await zhida(['explain', '--output', output, file('page.jsonl', lines(cough, pregnant))]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const page = readFileSync(output, 'utf8');
    expect(page).toMatch(/^<!doctype html>\n<html lang="zh-CN">/);
    expect(page).toContain('宫内早孕');
    expect(page).not.toContain('咳嗽');
    // Windows has no such modes.
    if (process.platform !== 'win32') expect(statSync(output).mode & 0o777).toBe(0o600);
  });

  test('zhida explain in English, and of one rule why it kept silent', async () => {
    const why = await zhida(['explain', '--lang', 'en', '--why', 'R-PG-01', '-'], lines(cough, pregnant));
    expect(why.stdout).toContain('<html lang="en">');
    expect(why.stdout).toContain('R-PG-01 kept silent');
  });

  test.each([
    ['no file', []],
    ['a format nobody knows', ['--format', 'x12', '-']],
    ['rows without a mapping', ['--format', 'his', '-']],
    ['a rule that is not in the pack', ['--why', 'R-XX-99', '-']],
    ['--why as JSON', ['--why', 'R-PG-01', '--json', '-']],
  ])('%s is a usage error: exit 64, nothing on standard output', async (_why, args) => {
    const { code, stdout, stderr } = await zhida(['scan', ...args]);
    expect([code, stdout]).toEqual([64, '']);
    expect(stderr).toMatch(/^error: /);
  });
});
