import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Declared } from './declared.js';
import { run } from './published.js';
import { SUITE_ENTRY } from './surface.js';

/** What an agency writes to hold an inbox to its promises, here the one the package brings. */
const SUITE = `
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileInbox } from '@zhida/receiver/file';
import * as imported from '${SUITE_ENTRY}';
import { createKeyDirectory, createSealer } from '@zhida/signing';
import { expect, test } from 'vitest';

const names = JSON.parse(process.env.NAMES);
test('import gives the declared names', () => expect(Object.keys(imported).sort()).toEqual(names));
test('require gives the declared names', () => {
  const required = createRequire(import.meta.url)('${SUITE_ENTRY}');
  expect(Object.keys(required).filter((name) => name !== 'module.exports').sort()).toEqual(names);
});

const root = await mkdtemp(join(tmpdir(), 'zhida-suite-'));
const keys = await createKeyDirectory(join(root, 'keys'), { party: 'agency:police-440299', role: 'agency', mode: 'test' });
imported.describeInbox('of the package', {
  open: async ({ claimMs }) => ({
    inbox: await openFileInbox({ directory: join(root, 'inbox'), keys, claimMs }),
    wrappedKey: Buffer.from(createSealer(keys.masterKey).newDataKey().wrapped).toString('base64url'),
  }),
  cleanUp: () => rm(root, { recursive: true, force: true }),
});
`;

interface Ran {
  readonly numPassedTests: number;
  readonly numTotalTests: number;
  readonly testResults: readonly { readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[] }[];
}

/** Runs the suite for inboxes as its caller does, under vitest in a project of its own. @returns the tests that did not pass */
export function suiteProblems({ exports }: Declared, project: string): string[] {
  const report = join(project, 'suite.json');
  writeFileSync(join(project, 'suite.test.mjs'), SUITE);
  const names = JSON.stringify(exports.get(SUITE_ENTRY)?.values);
  try {
    run(project, process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', '--outputFile', report], { NAMES: names });
  } catch (error) {
    // What failed stands in its report; without one vitest itself did not run.
    if (!existsSync(report)) return [`${SUITE_ENTRY}: ${error instanceof Error ? error.message : String(error)}`];
  }
  const { numTotalTests, testResults } = JSON.parse(readFileSync(report, 'utf8')) as Ran;
  const failed = testResults.flatMap((file) => file.assertionResults.filter(({ status }) => status !== 'passed'));
  return [
    ...(numTotalTests > 10 ? [] : [`${SUITE_ENTRY}: only ${numTotalTests} tests were run under vitest`]),
    ...failed.map(({ fullName, status }) => `${SUITE_ENTRY}: ${status}: ${fullName}`),
  ];
}
