import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const CHECKOUT = join(import.meta.dirname, '../..');

/** Everything whose promises may not depend on how a relay is deployed. */
const SUITES = ['test/contract/roads.int.test.ts', 'packages/gateway/test/feeds', 'test/e2e', 'test/browser'];

const CELLS = (['postgres', 'redis'] as const).flatMap((queue) => (['1', '2'] as const).map((relays) => ({ queue, relays })));

/** Runs the suites once for each queue backend and number of relay processes; Redis and the browser are required. */
async function main(): Promise<number> {
  const suites = SUITES.filter((suite) => existsSync(join(CHECKOUT, suite)));
  const lines: string[] = [];
  let failed = false;
  for (const { queue, relays } of CELLS) {
    const began = performance.now();
    const code = await vitest(suites, { ZHIDA_TEST_QUEUE: queue, ZHIDA_TEST_RELAYS: relays, REQUIRE_SERVICES: '1' });
    failed ||= code !== 0;
    lines.push(`${code === 0 ? 'ok    ' : 'FAILED'} ${queue.padEnd(8)} × ${relays}  ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return failed ? 1 : 0;
}

function vitest(suites: readonly string[], env: Record<string, string>): Promise<number> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'services', ...suites, ...process.argv.slice(2)];
  const child = spawn(process.execPath, args, { cwd: CHECKOUT, stdio: 'inherit', env: { ...process.env, ...env } });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

process.exitCode = await main();
