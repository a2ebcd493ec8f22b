import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const built = new Map<string, Promise<string>>();

/**
 * One JavaScript file of a script and everything it imports, built once in this process. A process that is killed and started
 * again a hundred times is then there in a third of a second: compiling the sources each time takes two.
 */
export function builtScript(script: string): Promise<string> {
  const known = built.get(script);
  if (known !== undefined) return known;
  const building = buildScript(script);
  built.set(script, building);
  return building;
}

async function buildScript(script: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'zhida-built-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  // A program reads its version beside the folder it lies in.
  const manifest = join(dirname(script), '../package.json');
  if (existsSync(manifest)) copyFileSync(manifest, join(directory, 'package.json'));
  const outfile = join(directory, 'dist/script.mjs');
  await build({
    entryPoints: [script],
    outfile,
    bundle: true,
    logLevel: 'error',
    format: 'esm',
    target: 'node20',
    platform: 'node',
    conditions: ['@zhida/source'],
    // Some dependencies are CommonJS and ask for Node's modules by `require`.
    banner: { js: `import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);` },
  });
  return outfile;
}
