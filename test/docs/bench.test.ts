import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { hasRedis } from '@zhida/testkit';
import { scriptArguments } from '../support/scripts.js';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

function bench(...args: string[]): Promise<{ stdout: string }> {
  return run(process.execPath, [...scriptArguments('bench'), ...args], { cwd: ROOT });
}

test('pnpm bench detect measures every figure that has a budget, side by side with what hospitals use today', async () => {
  const { stdout } = await bench('detect', '--quick');
  const result = JSON.parse(stdout) as {
    figures: Record<string, number>;
    budgets: Record<string, object>;
    perSecond: Record<string, number>;
  };
  expect(Object.keys(result.figures).sort()).toEqual(Object.keys(result.budgets).sort());
  // A difference between two noisy measurements may be below nothing.
  for (const figure of Object.values(result.figures)) expect(Number.isFinite(figure)).toBe(true);
  for (const figure of Object.values(result.perSecond)) expect(figure).toBeGreaterThan(0);
  expect(Object.keys(result.perSecond)).toEqual(
    expect.arrayContaining(['assess', 'json-rules-engine + RegExp union', 'includes per term alone', 'bare charCodeAt loop, characters']),
  );
});

test('pnpm bench relay measures presses beside the machine’s durable transactions', async () => {
  const { stdout } = await bench('relay', '--quick');
  const result = JSON.parse(stdout) as { figures: Record<string, number>; budgets: Record<string, object>; cpuMsPerPress: number };
  expect(Object.keys(result.figures)).toEqual(Object.keys(result.budgets));
  expect(Object.keys(result.figures)).toEqual(expect.arrayContaining(['firstAttemptP99Ms', 'drainedOfTheAgencysRate']));
  if (hasRedis()) expect(Object.keys(result.figures)).toContain('firstAttemptOverRedisP99Ms');
  for (const figure of [...Object.values(result.figures), result.cpuMsPerPress]) expect(figure).toBeGreaterThan(0);
});

test('a benchmark that is not there is named, and so are those that are', async () => {
  const failure = await bench('nothing').then(
    () => undefined,
    (error: { code: number; stderr: string }) => error,
  );
  expect(failure?.code).toBe(2);
  expect(failure?.stderr).toContain('audit-log, detect, hl7v2');
});
