import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/**
 * The packages as a stranger gets them: packed, installed from the tarballs alone into an empty project, and every
 * published entry imported there by plain node, without the source condition of this repository.
 */
const ROOT = join(import.meta.dirname, '../..');
const PNPM = ['-y', 'pnpm@10.34.9'];

/** A suite for the caller's own test runner, and an element for a page: outside of those they can be found but not loaded. */
const NOT_FOR_NODE = new Set(['@zhida/receiver/testing', '@zhida/widget/define']);

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly publishConfig?: { readonly exports?: Record<string, unknown> };
}

function run(folder: string, command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

const published = readdirSync(join(ROOT, 'packages'))
  .map((folder) => ({
    folder: join(ROOT, 'packages', folder),
    manifest: JSON.parse(readFileSync(join(ROOT, 'packages', folder, 'package.json'), 'utf8')) as Manifest,
  }))
  .filter(({ manifest }) => manifest.private !== true);

const work = mkdtempSync(join(tmpdir(), 'zhida-packaging-'));
try {
  const tarballs = join(work, 'tarballs');
  mkdirSync(tarballs);
  let failures = 0;
  for (const { folder, manifest } of published) {
    run(folder, 'npx', [...PNPM, 'pack', '--pack-destination', tarballs]);
    const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: 'pnpm' });
    for (const message of messages) console.error(`${manifest.name}: ${formatMessage(message, pkg, { color: false })}`);
    failures += messages.length;
  }
  const files = new Map(
    published.map(({ manifest }) => [
      manifest.name,
      join(
        tarballs,
        readdirSync(tarballs).find((file) => file.startsWith(`${manifest.name.replace('@', '').replace('/', '-')}-0`)) ?? 'missing',
      ),
    ]),
  );
  const project = join(work, 'project');
  mkdirSync(project);
  const dependencies = Object.fromEntries([...files].map(([name, file]) => [name, `file:${file}`]));
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({ name: 'consumer', private: true, type: 'module', dependencies, pnpm: { overrides: dependencies } }),
  );
  run(project, 'npx', [...PNPM, 'install', '--ignore-workspace', '--silent']);
  const entries = published.flatMap(({ manifest }) =>
    Object.keys(manifest.publishConfig?.exports ?? {}).map((entry) => manifest.name + entry.slice(1)),
  );
  for (const entry of entries) {
    const resolved = `import.meta.resolve(${JSON.stringify(entry)}).length`;
    const names = `Object.keys(await import(${JSON.stringify(entry)})).length`;
    const counted = run(project, process.execPath, [
      '--input-type=module',
      '-e',
      `console.log(${NOT_FOR_NODE.has(entry) ? resolved : names})`,
    ]).trim();
    if (Number(counted) === 0) {
      console.error(`${entry} exports nothing`);
      failures += 1;
    }
  }
  console.log(`${published.length} packages packed, ${entries.length} entries imported, ${failures} failures`);
  process.exitCode = failures === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
