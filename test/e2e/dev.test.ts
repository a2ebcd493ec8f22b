import { mkdtempSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@zhida/testkit';
import { expect, test } from 'vitest';
import { ROOT } from '../support/documents.js';
import { pressCtrlC, removeRun, startDev } from '../support/demo-run.js';

const BASE_PORT = 17_600;
const START_MS = 120_000;
/** The step before the county's processes start from source; what they do then, `pnpm demo` does too, and has tests of its own. */
const SAID = '✓ keys and trust:';

test(
  'pnpm dev starts anew when a source is touched, over the county that is there, and ends at Ctrl-C',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'zhida-dev-'));
    const run = startDev(directory, BASE_PORT);
    const said = (times: number) => (): boolean => {
      if (run.child.exitCode !== null) throw new Error(`it ended with ${run.child.exitCode}`);
      return run.output().split(SAID).length > times;
    };
    try {
      await waitUntil(said(1), { what: 'its keys and its database are there', deadlineMs: START_MS });
      const now = new Date();
      utimesSync(join(ROOT, 'packages/report/src/index.ts'), now, now);
      await waitUntil(said(2), { what: 'it has started again', deadlineMs: START_MS });
      expect(run.output()).toMatch(/change in \S*packages\/report\/src\/index\.ts[^]*known to each other/);
    } catch (cause) {
      throw new Error(`it printed:\n${run.output()}`, { cause });
    } finally {
      await pressCtrlC(run);
      removeRun(directory);
    }
  },
  3 * START_MS,
);
