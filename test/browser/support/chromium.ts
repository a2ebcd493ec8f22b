import { describe, it } from 'vitest';
import { executablePath, MISSING } from './launch.js';

export { launchChromium } from './launch.js';

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
