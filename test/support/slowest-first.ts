import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files of a third of a minute and more, the longest first. Vitest starts with the largest file, and these are small. */
const SLOWEST = [
  'test/browser/screens.test.ts',
  'test/e2e/demo.test.ts',
  'test/browser/red-flow.test.ts',
  'test/fault/queue-flush.test.ts',
  'test/contract/roads.int.test.ts',
  'test/e2e/demo-running.test.ts',
  'test/fault/database-server.test.ts',
  'test/e2e/dev.test.ts',
  'test/fault/kill-demo.test.ts',
  'packages/database/test/embedded-kill.int.test.ts',
  'test/fault/redis-failover.test.ts',
  'packages/database/test/embedded.int.test.ts',
  'test/browser/follow-up.test.ts',
  'test/browser/orange-flow.test.ts',
  'test/browser/duty-desk.test.ts',
  'test/fault/driver.test.ts',
  'test/docs/bench.test.ts',
  'packages/relay/test/delivery/endpoints.int.test.ts',
  'test/fault/stopped-worker.test.ts',
  'packages/relay/test/escalation/ladder.int.test.ts',
  'test/e2e/services.test.ts',
  'packages/gateway/test/feeds/kill.int.test.ts',
  'packages/cli/test/scan.test.ts',
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
