import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestDatabase, waitUntil } from '@zhida/testkit';
import { parseDocument } from 'yaml';
import { builtScript } from '../../fault/support/built-script.js';
import { ROOT } from '../../support/documents.js';

const READY_MS = 60_000;

/** A service of `docker/` as a process of its own, with what it has printed so far. */
export interface BareService {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  output(): string;
}

/** What a container's entry point runs, built as there, with the same variable and nothing else of ours. */
export async function startService(command: string, folder: string): Promise<BareService> {
  const program = await builtScript(join(ROOT, 'packages/cli/src/zhida.ts'));
  const child = spawn(process.execPath, [program, command], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', ZHIDA_CONFIG: join(folder, 'zhida.yaml') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, output: () => output };
}

/** Waits until a service answers that it is ready. @throws Error with its output when it has ended before, or after a minute. */
export async function untilReady(service: BareService, port: number): Promise<void> {
  const answer = async (): Promise<boolean> => {
    if (service.child.exitCode !== null) throw new Error(`it ended with ${service.child.exitCode}: ${service.output()}`);
    return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.status === 200;
  };
  await waitUntil(answer, { what: `port ${port} is ready`, deadlineMs: READY_MS });
}

/**
 * A folder as a container's `/zhida`: a configuration of `docker/`, with the ports and the names of a test.
 *
 * @param changes - what stands at a dotted path instead
 * @returns its path
 */
export async function folderOf(root: string, name: string, source: string, changes: Readonly<Record<string, unknown>>): Promise<string> {
  const folder = join(root, name);
  await mkdir(join(folder, 'secrets'), { recursive: true });
  await cp(join(ROOT, 'docker', source), join(folder, 'zhida.yaml'));
  const document = parseDocument(await readFile(join(folder, 'zhida.yaml'), 'utf8'));
  for (const [at, value] of Object.entries(changes))
    document.setIn(
      at.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
      value,
    );
  await writeFile(join(folder, 'zhida.yaml'), document.toString());
  return folder;
}

/** Lays a secret where a configuration looks for it. */
export async function laySecret(folder: string, name: string, secret: string): Promise<void> {
  await writeFile(join(folder, 'secrets', name), `${secret}\n`, { mode: 0o600 });
}

/** Lays the address of a new, empty database. @returns what drops it */
export async function layDatabase(folder: string, name: string): Promise<() => Promise<void>> {
  const database = await createTestDatabase();
  await laySecret(folder, name, database.url);
  return () => database.drop();
}
