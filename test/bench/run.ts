import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'tsup';
import { type Measured, type Run, benchPage, conditions } from './page.js';

/**
 * `pnpm bench NAME`: runs `packages/NAME/bench/NAME.ts` bundled as a package is when it ships, because a loader that compiles
 * on the fly names every closure and so halves what hot code reaches. What follows the name goes to the benchmark.
 * `pnpm bench --write` runs all of them and writes docs/reference/bench.md; what follows goes to each.
 */
const PACKAGES = join(import.meta.dirname, '../../packages');
const PAGE = join(import.meta.dirname, '../../docs/reference/bench.md');
const names = readdirSync(PACKAGES).filter((name) => existsSync(benchOf(name)));
/** Run from source: their database is a dependency of a package below them, and their time is not spent in hot closures. */
const ON_A_DATABASE: readonly string[] = ['audit-log', 'relay'];
const [name = '', ...args] = process.argv.slice(2);

if (name === '--write') await write(args);
else if (names.includes(name)) process.exitCode = (await run(name, args, 'inherit')).code;
else {
  process.stderr.write(`usage: pnpm bench NAME | --write; NAME is one of ${names.join(', ')}\n`);
  process.exitCode = 2;
}

async function write(rest: readonly string[]): Promise<void> {
  const under = conditions(['pnpm bench --write', ...rest].join(' '));
  const runs: Run[] = [];
  // One after the other: side by side they would measure each other.
  for (const of of names) {
    process.stderr.write(`${of} …\n`);
    // A missed budget is a code of its own, and is on the page.
    const { printed } = await run(of, rest, 'pipe');
    runs.push({ name: of, measured: JSON.parse(printed) as Measured });
  }
  await writeFile(PAGE, benchPage(runs, under));
  process.stdout.write(`${PAGE}\n`);
}

function benchOf(of: string): string {
  return join(PACKAGES, of, 'bench', `${of}.ts`);
}

async function run(of: string, rest: readonly string[], output: 'inherit' | 'pipe'): Promise<Ended> {
  if (ON_A_DATABASE.includes(of)) return ended(['--conditions=@zhida/source', '--import', 'tsx', benchOf(of)], rest, output);
  // Inside the package, so that what the bundle leaves out resolves as it does for the package; a name of its own for each run.
  const folder = join(PACKAGES, of, 'node_modules/.bench', String(process.pid));
  await mkdir(folder, { recursive: true });
  try {
    await build({
      entry: { bench: benchOf(of) },
      config: false,
      silent: true,
      format: ['esm'],
      target: 'node20',
      outDir: folder,
      skipNodeModulesBundle: true,
      noExternal: [/^@zhida\//],
      esbuildOptions: (options) => {
        options.conditions = ['@zhida/source'];
      },
    });
    return await ended(['--expose-gc', join(folder, 'bench.js')], rest, output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Ended {
  readonly code: number;
  /** What it wrote to its standard output, where that was not passed on. */
  readonly printed: string;
}

function ended(program: readonly string[], rest: readonly string[], output: 'inherit' | 'pipe'): Promise<Ended> {
  const child = spawn(process.execPath, [...program, ...rest], { stdio: ['inherit', output, 'inherit'] });
  let printed = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, printed }));
  });
}
