import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type BuildOptions, type Plugin } from 'esbuild';

const built = new Map<string, Promise<string>>();

/**
 * One JavaScript file of a script and everything it imports, built once in a test run. A process that is killed and started
 * again a hundred times is then there in a third of a second: compiling the sources each time takes two.
 */
export async function builtScript(script: string): Promise<string> {
  return join(await builtScripts({ script }), 'script.mjs');
}

/** What runs such a script with the compiled code that a process before it has kept: see `run-kept.ts`. */
const RUN_KEPT = join(import.meta.dirname, 'run-kept.ts');

/** The arguments with which Node runs a script so that what is compiled for it is kept. Only CommonJS can be kept: it awaits nothing at its top level. */
export async function keptScript(script: string): Promise<string[]> {
  const directory = await builtScripts({ run: RUN_KEPT, script }, 'cjs');
  return [join(directory, 'run.cjs'), join(directory, 'script.cjs')];
}

type Format = 'esm' | 'cjs';

/** The folder in which each of these scripts lies under its name, with `.mjs` or `.cjs`, and beside it what several of them import. */
export function builtScripts(scripts: Readonly<Record<string, string>>, format: Format = 'esm'): Promise<string> {
  const key = createHash('sha256')
    .update(JSON.stringify([format, scripts]))
    .digest('hex')
    .slice(0, 16);
  const known = built.get(key) ?? buildScripts(scripts, format, key);
  built.set(key, known);
  return known;
}

async function buildScripts(scripts: Readonly<Record<string, string>>, format: Format, key: string): Promise<string> {
  const shared = process.env['ZHIDA_TEST_BUILT'];
  if (shared === undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'zhida-built-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    await buildInto(directory, scripts, format);
    return directory;
  }
  const target = join(shared, key);
  if (existsSync(target)) return target;
  mkdirSync(shared, { recursive: true });
  const directory = mkdtempSync(join(shared, 'building-'));
  await buildInto(directory, scripts, format);
  try {
    renameSync(directory, target);
  } catch (error) {
    // Another worker has built the same a moment ago; that is as good as ours.
    if (!existsSync(target)) throw error;
    rmSync(directory, { recursive: true, force: true });
  }
  return target;
}

/** What a file of either kind lacks that the other kind's dependencies ask for. */
const BRIDGES: Readonly<Record<Format, Pick<BuildOptions, 'banner' | 'define'>>> = {
  esm: { banner: { js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);` } },
  cjs: {
    define: { 'import.meta.url': 'ownUrl', 'import.meta.filename': '__filename' },
    banner: { js: `const ownUrl = require('node:url').pathToFileURL(__filename).href;` },
  },
};

async function buildInto(outDir: string, scripts: Readonly<Record<string, string>>, format: Format): Promise<void> {
  await build({
    entryPoints: { ...scripts },
    outdir: outDir,
    outExtension: { '.js': format === 'esm' ? '.mjs' : '.cjs' },
    bundle: true,
    splitting: format === 'esm' && Object.keys(scripts).length > 1,
    logLevel: 'error',
    format,
    target: 'node20',
    platform: 'node',
    conditions: ['@zhida/source'],
    ...BRIDGES[format],
    plugins: [bundlerStaysOutside, sourcesLieWhereTheyLie],
  });
}

/** It refuses to be bundled itself, and a gateway bundles the widget with it. */
const bundlerStaysOutside: Plugin = {
  name: 'bundler-stays-outside',
  setup(bundler) {
    const path = pathToFileURL(createRequire(import.meta.url).resolve('esbuild')).href;
    bundler.onResolve({ filter: /^esbuild$/ }, () => ({ path, external: true }));
    // What is built already this module alone knows.
    bundler.onResolve({ filter: /\/built-script\.js$/ }, () => ({ path: import.meta.url, external: true }));
  },
};

/** A source that reads a file beside it, or asks what is installed for its package, does so from its own place. `import.meta.filename` stays what runs. */
const sourcesLieWhereTheyLie: Plugin = {
  name: 'sources-lie-where-they-lie',
  setup(bundler) {
    bundler.onLoad({ filter: /\/((packages|examples)\/[^/]+\/src|test)\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('import.meta.')) return undefined;
      const contents = source
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: 'ts' };
    });
  },
};
