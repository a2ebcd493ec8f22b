import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const built = new Map<string, Promise<string>>();

/**
 * One JavaScript file of a script and everything it imports, built once in a test run. A process that is killed and started
 * again a hundred times is then there in a third of a second: compiling the sources each time takes two.
 */
export async function builtScript(script: string): Promise<string> {
  return join(await builtScripts({ script }), 'script.mjs');
}

/** The folder in which each of these scripts lies under its name, with `.mjs`, and beside it what several of them import. */
export function builtScripts(scripts: Readonly<Record<string, string>>): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify(scripts)).digest('hex').slice(0, 16);
  const known = built.get(key) ?? buildScripts(scripts, key);
  built.set(key, known);
  return known;
}

async function buildScripts(scripts: Readonly<Record<string, string>>, key: string): Promise<string> {
  const shared = process.env['ZHIDA_TEST_BUILT'];
  if (shared === undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'zhida-built-'));
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    await buildInto(directory, scripts);
    return directory;
  }
  const target = join(shared, key);
  if (existsSync(target)) return target;
  mkdirSync(shared, { recursive: true });
  const directory = mkdtempSync(join(shared, 'building-'));
  await buildInto(directory, scripts);
  try {
    renameSync(directory, target);
  } catch (error) {
    // Another worker has built the same a moment ago; that is as good as ours.
    if (!existsSync(target)) throw error;
    rmSync(directory, { recursive: true, force: true });
  }
  return target;
}

async function buildInto(outDir: string, scripts: Readonly<Record<string, string>>): Promise<void> {
  await build({
    entryPoints: { ...scripts },
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: Object.keys(scripts).length > 1,
    logLevel: 'error',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    conditions: ['@zhida/source'],
    // Some dependencies are CommonJS and ask for Node's modules by `require`.
    banner: { js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);` },
    plugins: [bundlerStaysOutside, sourcesLieWhereTheyLie],
  });
}

/** It refuses to be bundled itself, and a gateway bundles the widget with it. */
const bundlerStaysOutside: Plugin = {
  name: 'bundler-stays-outside',
  setup(bundler) {
    const path = pathToFileURL(createRequire(import.meta.url).resolve('esbuild')).href;
    bundler.onResolve({ filter: /^esbuild$/ }, () => ({ path, external: true }));
  },
};

/** A source that reads a file beside it, or asks what is installed for its package, does so from its own place. `import.meta.filename` stays what runs. */
const sourcesLieWhereTheyLie: Plugin = {
  name: 'sources-lie-where-they-lie',
  setup(bundler) {
    bundler.onLoad({ filter: /\/(packages|examples)\/[^/]+\/src\/.*\.ts$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      if (!source.includes('import.meta.')) return undefined;
      const contents = source
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      return { contents, loader: 'ts' };
    });
  },
};
