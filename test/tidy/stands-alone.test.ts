import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const files = execFileSync('git', ['ls-files', '-z', '*.ts', '*.mjs', '*.md', '*.json', '*.yaml', '*.yml'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && !/lock\.yaml$|stands-alone\.test\.ts$/.test(file));

/** A comment is for somebody who has this repository and nothing else. */
test('nothing cites a text that is not in this repository', () => {
  const cited = files.filter((file) =>
    /\bdesign (?:§ ?)?\d|\b(?:detection|moments|domain|peers)\.md\b|\.\.\/shared\/|"source": "[^"]*\bsection \d/.test(
      readFileSync(join(ROOT, file), 'utf8'),
    ),
  );
  expect(cited).toEqual([]);
});

/** A room is found by its name. */
test('no file or folder is called utils, helpers or misc', () => {
  expect(files.filter((file) => /(?:^|\/)(?:utils?|helpers?|misc|common)(?:\/|\.)/.test(file))).toEqual([]);
});
