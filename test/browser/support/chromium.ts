import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { describe, it } from 'vitest';

const PLACES = [process.env['CHROMIUM_PATH'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'];
const MISSING = 'no Chromium is installed (CHROMIUM_PATH names one)';

const executablePath = PLACES.find((path) => path !== '' && existsSync(path));

export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error(MISSING);
  return chromium.launch({ executablePath, args: FLAGS });
}

/**
 * A suite that needs a browser. Where none is installed it is skipped and says so aloud; under `CI=true` or
 * `REQUIRE_SERVICES=1` it fails instead, so that a pipeline cannot lose the pages unseen.
 */
export function describeWithBrowser(name: string, body: () => void): void {
  if (executablePath !== undefined) {
    describe(name, body);
  } else if (process.env['CI'] === 'true' || process.env['REQUIRE_SERVICES'] === '1') {
    describe(name, () => {
      it('has a browser to run in', () => {
        throw new Error(MISSING);
      });
    });
  } else {
    process.stderr.write(`skipped: ${MISSING}: ${name}\n`);
    describe.skip(`${name} (skipped: ${MISSING})`, () => {
      it('needs a browser', () => undefined);
    });
  }
}
