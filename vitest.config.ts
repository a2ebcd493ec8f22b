import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/support/slowest-first.js';

const conditions = ['@zhida/source'];

/** Unit tests run side by side; tests that need a database, a queue or several processes share one server and two workers. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Vitest loads the global set-up in an environment of its own, which does not take the conditions above.
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    passWithNoTests: false,
    // Shown, not chased: no threshold. Files that no test imports count as not covered.
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['packages/testkit/**'],
      reporter: ['text-summary', 'json-summary', 'html'],
    },
    sequence: { sequencer: SlowestFirst },
    // The default of a second is a deadline that a busy machine misses.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['packages/*/test/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'test/{contract,tidy}/**/*.test.ts'],
          exclude: ['**/*.int.test.ts'],
          // On two cores Vitest would leave one of them idle.
          maxWorkers: '100%',
          // The pack and the parsers are large; a worker reads them once and not for every file.
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'services',
          // After the unit tests: the two groups have different numbers of workers.
          sequence: { groupOrder: 1 },
          include: [
            'packages/*/test/**/*.int.test.ts',
            'test/{e2e,fault,docs,packaging,browser}/**/*.test.ts',
            'test/contract/**/*.int.test.ts',
          ],
          globalSetup: ['packages/testkit/src/vitest-services.ts'],
          pool: 'forks',
          // As above: the services' modules are as large. Processes, databases and servers are each file's own.
          isolate: false,
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
