import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryFiles } from '../../scripts/repository-files.js';
import { ROOT } from '../support/documents.js';

const files = repositoryFiles('*.ts', '*.mjs', '*.md', '*.json', '*.yaml', '*.yml').filter(
  (file) => !/lock\.yaml$|stands-alone\.test\.ts$/.test(file),
);

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
