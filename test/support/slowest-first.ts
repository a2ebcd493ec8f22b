import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of half a minute and more, the longest first. Vitest starts with the largest file, and these are small. */
const SLOWEST = [
  'test/fault/kill-demo.test.ts',
  'test/fault/driver.test.ts',
  'test/fault/queue-flush.test.ts',
  'test/browser/red-flow.test.ts',
  'test/browser/screens.test.ts',
  'test/e2e/demo.test.ts',
  'test/e2e/demo-running.test.ts',
  'packages/relay/test/delivery/backends.int.test.ts',
  'test/e2e/roads.test.ts',
  'packages/cli/test/scan.test.ts',
  'packages/cli/test/keys-trust.test.ts',
  'packages/cli/test/scan-formats.test.ts',
];

/** Begins with what takes longest, so that no worker is left alone with it at the end. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = SLOWEST.findIndex((file) => moduleId.endsWith(file));
      return place === -1 ? SLOWEST.length : place;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
