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
import { ENGINE_ALONE } from './engine.js';
import { TYPED } from './typed.js';

const run = promisify(execFile);
const PUBLISHED = /until the packages are on npm|各包发布到 npm 之前/i;

/**
 * What runs every command a document shows that is neither typed by `commands.test.ts`, nor walked with its guide, nor a step of `.ci/run`:
 * a file and the words in it that do. A new command needs a line here or in `typed.ts`, and so a test.
 */
const RUN_BY: Readonly<Record<string, readonly [file: string, words: string]>> = {
  'npx -y pnpm@10.34.9 demo': ['test/support/demo-run.ts', "scriptArguments('demo')"],
  'npx -y pnpm@10.34.9 demo --once': ['test/e2e/demo.test.ts', "'--once'"],
  // The two worst of its instants, killed by the same function.
  'npx -y pnpm@10.34.9 test:kill': ['test/fault/kill-demo.test.ts', 'killAt({'],
  // With few repetitions.
  'pnpm -s bench detect': ['test/docs/bench.test.ts', "bench('detect', '--quick')"],
  'pnpm -s bench relay': ['test/docs/bench.test.ts', "bench('relay', '--quick')"],
  // Into a folder of its own, by packaging, which installs what lies there.
  'npx -y pnpm@10.34.9 tarballs ../zhida-tarballs': ['test/packaging/published.ts', "'tarballs', destination"],
  'npm init -y': ['test/packaging/published.ts', "'init', '-y'"],
  'npm install ../zhida-tarballs/*.tgz': ['test/packaging/published.ts', "'npm', ['install'"],
};

/** What no test can run, and the words by which the same document says what it needs. */
const NEEDS: Readonly<Record<string, RegExp>> = {
  'npm install @zhida/cli': PUBLISHED,
  'npm install @zhida/cli @zhida/detect @zhida/his @zhida/packs': PUBLISHED,
  'docker build --file docker/Dockerfile --tag zhida .': /needs a container engine/,
  'docker compose up --detach': /needs a container engine/,
  // The demo's browser test walks the same way without keeping pictures.
  'npx -y pnpm@10.34.9 images': /needs Chromium and Chinese fonts|需要 Chromium 和中文字体/,
};

/** The steps of `.ci/run`, each the words after pnpm. */
const steps = [...readFileSync(join(ROOT, '.ci/run'), 'utf8').matchAll(/^"\$\{pnpm\[@\]\}" (.*)$/gm)].map(([, step]) => step);

/** What the newcomers' guides have their reader type is typed by the test that walks them, in the order they have it. */
const walked = new Set(
  WALKED.flatMap((guide) =>
    stepsOf(readFileSync(join(ROOT, guide), 'utf8')).flatMap(({ kind, text }) => (kind === 'command' ? [text] : [])),
  ),
);

/** `containers.test.ts` runs what docker/README.md has typed, but for what an engine alone can do. */
const inContainers = new Set(commandsOf('docker/README.md').filter((command) => !ENGINE_ALONE.test(command)));

const program = await createProgram([]);
const { scripts, packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  scripts: object;
  packageManager: string;
};
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

function commandsOf(document: string): string[] {
  return blocksOf(document, 'sh').flatMap((block) => block.split('\n').filter((line) => line.trim() !== ''));
}

function isRun(command: string): boolean {
  const [, script] = /^npx -y pnpm@[\d.]+ (.*)$/.exec(command) ?? [];
  return (
    Object.hasOwn(TYPED, command) ||
    walked.has(command) ||
    inContainers.has(command) ||
    Object.hasOwn(RUN_BY, command) ||
    steps.some((step) => step === script || (step?.startsWith(`${script} --`) ?? false))
  );
}

test.each(documents)('every command of %s is run by a test, or says what it needs', (file) => {
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const command of commandsOf(file).filter((line) => !isRun(line))) {
    expect(NEEDS[command], command).toBeDefined();
    expect(text, command).toMatch(NEEDS[command] ?? '');
  }
});

test.each(documents)('%s says how to come by pnpm where it has somebody type it, or where that is said', (file) => {
  if (!commandsOf(file).some((command) => command.startsWith('pnpm '))) return;
  const said = `npm install --global ${packageManager}`;
  const text = readFileSync(join(ROOT, file), 'utf8');
  const linked = [...text.matchAll(/\]\(([^)#]*start(?:\.zh-CN)?\.md)#[^)]+\)/g)].map(([, path = '']) => posix.join(dirname(file), path));
  expect([file, ...linked].some((document) => readFileSync(join(ROOT, document), 'utf8').includes(said))).toBe(true);
});

test('every guide that begins in an empty folder is walked, in both languages by the same steps', () => {
  const guides = documents.filter((file) => commandsOf(file).includes('npm init -y'));
  expect(guides.toSorted()).toEqual([...WALKED].toSorted());
  for (const guide of guides.filter((file) => file.endsWith('.zh-CN.md'))) {
    const [steps, english] = [guide, guide.replace('.zh-CN', '')].map((file) => stepsOf(readFileSync(join(ROOT, file), 'utf8')));
    expect(steps?.length).toBeGreaterThan(4);
    expect(english).toEqual(steps);
  }
});

test.each(Object.entries(RUN_BY))('%s is run where it is said to be', (_command, [file, words]) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(words);
});

test('every command listed here is still shown somewhere', () => {
  const shown = new Set(documents.flatMap(commandsOf));
  const listed = [TYPED, RUN_BY, NEEDS].flatMap((list) => Object.keys(list));
  expect(listed.filter((command) => !shown.has(command))).toEqual([]);
});

test.each(documents)('every block of %s says its language, and a command stands in no other than sh', (file) => {
  const blocks = [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^ *```(.*)\n([\s\S]*?)^ *```$/gm)];
  for (const [, language = '', block = ''] of blocks) {
    expect(language, block).not.toBe('');
    if (language === 'text') expect(block).not.toMatch(/^(?:\$ )?(?:npx|npm|pnpm|node|zhida|docker|curl) /m);
  }
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
    // The site puts a sign before a number, GitHub none: a heading that begins with one has no name that both know.
    expect(anchor ?? '', `${file}: ${whole}`).not.toMatch(/^\d/);
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
