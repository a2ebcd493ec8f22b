import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Every command a document shows, and what runs it. A new command needs a line here, and so a test. */
const RUN_BY: Record<string, string> = {
  'npx -y pnpm@10.34.9 demo': 'test/e2e/demo.test.ts',
  'npx -y pnpm@10.34.9 test': '.ci/run',
  'npx -y pnpm@10.34.9 demo --once': 'test/e2e/demo.test.ts',
  'npx -y pnpm@10.34.9 packaging': '.ci/run',
  'npx -y pnpm@10.34.9 check': '.ci/run',
  'npx -y pnpm@10.34.9 build': '.ci/run',
  // Walks the same way without keeping pictures.
  'npx -y pnpm@10.34.9 images': 'test/e2e/demo-browser.test.ts',
  'npx -y pnpm@10.34.9 test:kill': 'test/fault/kill-demo.test.ts',
  'pnpm -s bench detect': 'test/docs/bench.test.ts',
  'pnpm -s bench relay': 'test/docs/bench.test.ts',
  'pnpm -s zhida scan --json --format encounter visits.jsonl': 'packages/cli/test/scan.test.ts',
  'pnpm -s zhida scan --json --format hl7v2 --explain-mapping messages.hl7': 'packages/cli/test/scan-formats.test.ts',
  'pnpm -s zhida scan --field encounter --why R-EX-04 hospital.cases.jsonl': 'packages/cli/test/pack.test.ts',
  'pnpm -s zhida pack lint hospital.overlay.json --cases hospital.cases.jsonl': 'packages/cli/test/pack.test.ts',
  'pnpm -s zhida pack diff national hospital.overlay.json': 'packages/cli/test/pack.test.ts',
  'pnpm -s zhida explain --overlay hospital.overlay.json --field encounter --output page.html hospital.cases.jsonl':
    'packages/cli/test/pack.test.ts',
  'pnpm -s zhida map try mapping.yaml visits.csv patients.csv results.csv': 'packages/cli/test/scan-formats.test.ts',
  'pnpm -s zhida scan --json --format his --mapping mapping.yaml visits.csv patients.csv results.csv':
    'packages/cli/test/scan-formats.test.ts',
  'pnpm -s zhida reconcile --relay relay.url --gateway gateway.url': 'packages/cli/test/reconcile.int.test.ts',
  'pnpm -s zhida roster import roster.csv --keys gateway-keys --facility CODE --account NAME': 'packages/cli/test/operator.int.test.ts',
  'pnpm -s zhida paper hand-out --to SITE --count 50 --keys gateway-keys --facility CODE --account NAME':
    'packages/cli/test/operator.int.test.ts',
  'pnpm -s zhida config check zhida.yaml': 'test/e2e/services.test.ts',
  'pnpm -s zhida audit verify DIRECTORY --trust relay.trust.json': 'packages/cli/test/audit.test.ts',
};

const documents = [
  'README.md',
  'README.zh-CN.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CODE_OF_CONDUCT.md',
  'docker/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true }).map((name) => join('docs', String(name))),
].filter((file) => file.endsWith('.md'));

function blocks(file: string, language: string): string[] {
  return [...readFileSync(join(ROOT, file), 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

test.each(documents)('every command of %s is run by a test', (file) => {
  const commands = blocks(file, 'sh').flatMap((block) => block.split('\n').filter((line) => line.trim() !== ''));
  for (const command of commands) {
    const runner = RUN_BY[command];
    expect(runner, command).toBeDefined();
    expect(existsSync(join(ROOT, runner ?? '')), `${command}: ${runner}`).toBe(true);
  }
});

test.each(documents)('every link of %s resolves', (file) => {
  const links = [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(
    (match) => match[1] ?? '',
  );
  for (const link of links) expect(existsSync(join(ROOT, dirname(file), link)), `${file}: ${link}`).toBe(true);
});

test.each(documents.filter((file) => blocks(file, 'ts').length > 0))(
  'the TypeScript of %s runs and its comments are true',
  async (file) => {
    for (const block of blocks(file, 'ts')) {
      // In the checkout, so that the package names resolve; a folder of its own, so that nothing is left behind.
      const folder = mkdtempSync(join(ROOT, 'test/docs/block-'));
      try {
        const source = join(folder, 'block.ts');
        writeFileSync(
          source,
          block.replace("assessment.level; // 'red'", "if (assessment.level !== 'red') throw new Error(assessment.level); // 'red'"),
        );
        await run(process.execPath, ['--conditions=@zhida/source', '--import', 'tsx', source], { cwd: ROOT });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
  },
);
