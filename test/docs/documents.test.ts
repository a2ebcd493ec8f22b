import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { NO_PAGES } from '../../docs/.vitepress/pages.js';
import { createProgram } from '../../packages/cli/src/program.js';
import { stepsOf, WALKED } from '../packaging/guides.js';
import { blocksOf, documents, ROOT } from '../support/documents.js';

const run = promisify(execFile);

/** Every command a document shows, and what runs it. A new command needs a line here, and so a test. */
const RUN_BY: Record<string, string> = {
  'npx -y pnpm@10.34.9 demo': 'test/e2e/demo.test.ts',
  'npx -y pnpm@10.34.9 test': '.ci/run',
  'npx -y pnpm@10.34.9 demo --once': 'test/e2e/demo.test.ts',
  'npx -y pnpm@10.34.9 packaging': '.ci/run',
  // What is not published yet is installed from tarballs there too.
  'npx -y pnpm@10.34.9 packaging --tarballs ../zhida-tarballs': '.ci/run',
  'npm init -y': 'test/packaging/published.ts',
  'npm install @zhida/cli': 'test/packaging/published.ts',
  'npm install @zhida/cli @zhida/detect @zhida/his @zhida/packs': 'test/packaging/published.ts',
  'npm install ../zhida-tarballs/*.tgz': 'test/packaging/published.ts',
  'npx -y pnpm@10.34.9 check': '.ci/run',
  'npx -y pnpm@10.34.9 build': '.ci/run',
  // Walks the same way without keeping pictures.
  'npx -y pnpm@10.34.9 images': 'test/e2e/demo-running.test.ts',
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

/** What the newcomers' guides have their reader type is typed by the test that walks them, in the order they have it. */
const walked = new Set(
  WALKED.flatMap((guide) =>
    stepsOf(readFileSync(join(ROOT, guide), 'utf8')).flatMap(({ kind, text }) => (kind === 'command' ? [text] : [])),
  ),
);

const program = await createProgram([]);
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
const ofPnpm = ['install', 'exec', 'changeset', ...Object.keys(scripts)];

/** The words by which a command line of `zhida` is known: `zhida map try …` is `map try`. */
function namesOf(words: readonly string[]): string[] {
  const names: string[] = [];
  let at: (typeof program.commands)[number] | undefined = program;
  for (const word of words) {
    at = at?.commands.find((command) => command.name() === word);
    if (at === undefined) break;
    names.push(word);
  }
  return names;
}

test.each(documents)('every command of %s is run by a test', (file) => {
  const commands = blocksOf(file, 'sh').flatMap((block) => block.split('\n').filter((line) => line.trim() !== ''));
  for (const command of commands.filter((line) => !walked.has(line))) {
    const runner = RUN_BY[command];
    expect(runner, command).toBeDefined();
    const text = readFileSync(join(ROOT, runner ?? ''), 'utf8');
    const names = /\bzhida (.*)/.exec(command)?.[1]?.split(' ') ?? [];
    for (const name of namesOf(names)) expect(text, `${runner} does not run ${command}`).toMatch(new RegExp(`['\\s]${name}['\\s]`));
  }
});

test('every command listed here is still shown somewhere', () => {
  const shown = new Set(documents.flatMap((file) => blocksOf(file, 'sh').flatMap((block) => block.split('\n'))));
  expect(Object.keys(RUN_BY).filter((command) => !shown.has(command))).toEqual([]);
});

test.each(documents)('every command that %s speaks of is there', (file) => {
  const inline = [...readFileSync(join(ROOT, file), 'utf8').matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
  const lines = ['sh', 'text'].flatMap((language) => blocksOf(file, language).flatMap((block) => block.split('\n')));
  for (const spoken of [...inline, ...lines]) {
    const script = /^(?:npx -y )?pnpm(?:@[\d.]+)?(?: -s)? ([a-z][\w:-]*)/.exec(spoken)?.[1];
    if (script !== undefined) expect(ofPnpm, spoken).toContain(script);
    const words = /^(?:npx |pnpm -s )?zhida ([a-z].*)/.exec(spoken)?.[1]?.split(/[ |]/);
    if (words !== undefined) expect(namesOf(words), spoken).not.toEqual([]);
  }
});

test.each(documents)('every link and picture of %s resolves, and every heading it points to is there', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
  const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)|<img [^>]*src="(?!https?:)([^"]+)"/g)];
  for (const [whole, path = '', anchor, picture] of links) {
    const target = path === '' && picture === undefined ? file : posix.join(dirname(file), picture ?? path);
    expect(existsSync(join(ROOT, target)), `${file}: ${whole}`).toBe(true);
    // On the site a document leads to pages alone.
    if (target.endsWith('.md') && isPage(file)) expect(isPage(target), `${file}: ${whole}`).toBe(true);
    if (anchor !== undefined && target.endsWith('.md')) expect(anchorsOf(target), `${file}: ${whole}`).toContain(anchor);
  }
});

function isPage(document: string): boolean {
  return !NO_PAGES.some((excluded) => posix.matchesGlob(document, excluded));
}

/** As GitHub makes them: lower case, punctuation gone, spaces to hyphens. */
function anchorsOf(document: string): string[] {
  return [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('the TypeScript of every document runs and its comments are true', async () => {
  // In the package that depends on all others, so that their names resolve; a folder of its own, so that nothing is left behind.
  const folder = mkdtempSync(join(ROOT, 'packages/cli/test/block-'));
  try {
    const seen = new Set<string>();
    // A page in two languages has the same program in both.
    const fresh = (block: string): boolean => !seen.has(block) && seen.add(block) !== undefined;
    const sources = documents.flatMap((file) =>
      blocksOf(file, 'ts')
        .filter(fresh)
        .map((block, index) => {
          const source = join(folder, `${file.replaceAll(/[^A-Za-z]/g, '-')}-${index}.ts`);
          writeFileSync(
            source,
            block.replace("assessment.level; // 'red'", "if (assessment.level !== 'red') throw new Error(assessment.level); // 'red'"),
          );
          return source;
        }),
    );
    expect(sources.length).toBeGreaterThan(4);
    const all = join(folder, 'all.ts');
    writeFileSync(all, sources.map((source) => `await import(${JSON.stringify(pathToFileURL(source))});\n`).join(''));
    await run(process.execPath, ['--conditions=@zhida/source', '--import', 'tsx', all], { cwd: ROOT });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 180_000);
