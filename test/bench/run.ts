import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'tsup';

/**
 * `pnpm bench NAME`: runs `packages/NAME/bench/NAME.ts` bundled as a package is when it ships, because a loader that compiles
 * on the fly names every closure and so halves what hot code reaches. What follows the name goes to the benchmark.
 */
const PACKAGES = join(import.meta.dirname, '../../packages');
const names = readdirSync(PACKAGES).filter((name) => existsSync(benchOf(name)));
/** Run from source: a service reaches the dependencies of every package below it, and its time is not spent in hot closures. */
const SERVICES: readonly string[] = ['relay'];
const [name = '', ...args] = process.argv.slice(2);

if (names.includes(name)) process.exitCode = await run(name, args);
else {
  process.stderr.write(`usage: pnpm bench NAME; NAME is one of ${names.join(', ')}\n`);
  process.exitCode = 2;
}

function benchOf(of: string): string {
  return join(PACKAGES, of, 'bench', `${of}.ts`);
}

async function run(of: string, rest: readonly string[]): Promise<number> {
  if (SERVICES.includes(of)) return exitCode(['--conditions=@zhida/source', '--import', 'tsx', benchOf(of)], rest);
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
    return await exitCode(['--expose-gc', join(folder, 'bench.js')], rest);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function exitCode(program: readonly string[], rest: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [...program, ...rest], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
