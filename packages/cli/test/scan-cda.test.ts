import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { DOCUMENTS, COMPLAINT, documentOf } from '../../his/test/cda/documents.js';
import { zhida } from './zhida-here.js';
import { jsonLines } from './zhida-process.js';

const directory = mkdtempSync(join(tmpdir(), 'zhida-scan-cda-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const files = (): string[] => Object.entries(DOCUMENTS).map(([name, text]) => file(`${name}.xml`, text));
const levels = (stdout: string): unknown[] => jsonLines(stdout).map(({ encounterId, level }) => [encounterId, level]);

describe('zhida scan --format cda', () => {
  test('all files tell the visits together', async () => {
    const { code, stdout, stderr } = await zhida(['scan', '--json', '--format', 'cda', ...files()]);
    expect([code, stderr]).toEqual([0, '']);
    expect(levels(stdout)).toEqual([
      ['inpatient-ZY3002', 'red'],
      ['outpatient-V2001', 'red'],
    ]);
  });

  test('--explain-mapping sums up what was not understood, by kind', async () => {
    const { stderr } = await zhida(['scan', '--json', '--format', 'cda', '--explain-mapping', ...files()]);
    expect(stderr).toContain('explain: 4 records, 0 with something that could not be read, 2 encounters');
    expect(stderr).toContain('VALUE_UNREAD at /ClinicalDocument/confidentialityCode ×1');
    expect(stderr).toContain('CONTENT_NOT_TEXT at /ClinicalDocument/component/structuredBody/component/section/text/renderMultiMedia ×1');
    expect(stderr).not.toMatch(/林小满|周大同|ZY3002/);
  });

  test('what cannot be read is named by file and place, the rest is scanned, exit 2', async () => {
    const broken = file('broken.xml', documentOf(COMPLAINT).slice(0, -30));
    const other = file('other.xml', '<html/>');
    const { code, stdout, stderr } = await zhida(['scan', '--json', '--format', 'cda', broken, other]);
    expect(code).toBe(2);
    expect(levels(stdout)).toHaveLength(1);
    expect(stderr).toContain('broken.xml');
    expect(stderr).toContain('MESSAGE_UNREADABLE at /ClinicalDocument');
    expect(stderr).toContain('other.xml');
  });

  test('documents inside records', async () => {
    const records = Object.values(DOCUMENTS).map((text) => `${JSON.stringify({ record: { cda: text } })}\n`);
    const { code, stdout } = await zhida(['scan', '--json', '--format', 'cda', '--field', 'record.cda', '-'], records.join(''));
    expect([code, levels(stdout).length]).toEqual([0, 2]);
    expect((await zhida(['scan', '--json', '--format', 'cda', '--field', 'none', '-'], records.join(''))).code).toBe(2);
  });
});
