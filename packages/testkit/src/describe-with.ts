import { describe, it } from 'vitest';

/** What a suite needs of the machine it runs on. */
export interface Need {
  readonly there: boolean;
  /** What to call it in the name of a test, as "a browser". */
  readonly name: string;
  /** What is said where it is not there. */
  readonly missing: string;
}

/**
 * A suite that needs something to be installed. Where it is not there the suite is skipped and says so aloud; under `CI=true` or
 * `REQUIRE_SERVICES=1` it fails instead, so that a pipeline cannot lose its tests unseen.
 */
export function describeWith({ there, name: needed, missing }: Need, name: string, body: () => void): void {
  if (there) {
    describe(name, body);
  } else if (process.env['CI'] === 'true' || process.env['REQUIRE_SERVICES'] === '1') {
    describe(name, () => {
      it(`has ${needed} to run with`, () => {
        throw new Error(missing);
      });
    });
  } else {
    process.stderr.write(`skipped: ${missing}: ${name}\n`);
    describe.skip(`${name} (skipped: ${missing})`, () => {
      it(`needs ${needed}`, () => undefined);
    });
  }
}
