import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { published, unbuilt } from './published.js';

test('a package of which a build is missing is named, so that nothing is packed without it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'zhida-unbuilt-'));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  const one = { folder, name: '@zhida/one', files: ['./dist/index.js', './dist/index.d.ts'] };
  await mkdir(join(folder, 'dist'));
  await writeFile(join(folder, 'dist/index.js'), '');
  expect(unbuilt([one])).toEqual(['@zhida/one']);
  await writeFile(join(folder, 'dist/index.d.ts'), '');
  expect(unbuilt([one])).toEqual([]);
  // Each leads somewhere, or the question would be answered without a look.
  expect(published.filter(({ files }) => files.length === 0)).toEqual([]);
});
