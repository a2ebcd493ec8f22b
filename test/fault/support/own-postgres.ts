import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@zhida/database';
import { type EmbeddedServer, startEmbeddedPostgres } from '@zhida/database/embedded';
import { endChild, waitUntil } from '@zhida/testkit';

const DEADLINE = { deadlineMs: 60_000 };
const SIZE = '192m';
const MIB = 2 ** 20;

/** A PostgreSQL server of one's own on a file system of its own, where that can be mounted. */
export interface OwnPostgres {
  /** Whether the file system is small and nobody else's, so that it may be filled. */
  readonly small: boolean;
  server(): EmbeddedServer;
  administrate(sql: string): Promise<Record<string, unknown>[]>;
  /** Takes every byte that is free. */
  fill(): Promise<void>;
  /** Gives them back, and starts the server where it has ended. */
  free(): Promise<void>;
  /** Runs the server with its own defaults and `ALTER SYSTEM`, which the embedded one refuses. */
  unguarded(): Promise<void>;
  close(): Promise<void>;
}

export async function ownPostgres(): Promise<OwnPostgres> {
  const directory = await mkdtemp(join(tmpdir(), 'zhida-own-postgres-'));
  const mounted = mount(directory);
  // As root the server runs under another account, which must pass through.
  chmodSync(directory, 0o711);
  const place = join(directory, 'server');
  const filler = join(directory, 'filler');
  let server = await startEmbeddedPostgres({ directory: place });
  const small = mounted && server.directory.startsWith(await realpath(directory));
  let bare: ChildProcess | undefined;

  async function endBare(): Promise<void> {
    const ending = bare;
    bare = undefined;
    await endChild(ending, 'SIGINT');
  }

  return {
    small,
    server: () => server,
    administrate: async (sql) => administrate(server.administratorUrl(), sql),
    async fill() {
      const file = await open(filler, 'w');
      try {
        for (let bytes = 8 * MIB; bytes >= 1; bytes = Math.floor(bytes / 2)) await fillWith(file, Buffer.alloc(bytes));
      } finally {
        await file.close();
      }
      if (statfsSync(directory).bavail !== 0) throw new Error('the file system is not full');
    },
    async free() {
      await rm(filler, { force: true });
      server = await startEmbeddedPostgres({ directory: place });
    },
    async unguarded() {
      const url = new URL(server.administratorUrl());
      await server.stop();
      bare = spawnServer(server.directory, url.port);
      await untilAnswers(url.href);
    },
    async close() {
      try {
        await rm(filler, { force: true });
        await endBare();
        await server.stop();
      } finally {
        // Lazily: whatever still has a file open in it does not keep it from going.
        if (mounted) spawnSync('umount', ['-l', directory]);
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

/** A file system in memory. It takes the right to mount, which root has on a machine and not in every container. */
function mount(directory: string): boolean {
  const options = ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'zhida-test', directory];
  return process.platform === 'linux' && spawnSync('mount', options, { stdio: 'ignore' }).status === 0;
}

async function fillWith(file: FileHandle, bytes: Buffer): Promise<void> {
  try {
    for (;;) await file.write(bytes);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOSPC') throw error;
  }
}

export async function untilAnswers(url: string): Promise<void> {
  await waitUntil(async () => (await administrate(url, 'select 1')).length === 1, { what: 'the server answers', ...DEADLINE });
}

export async function administrate(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const database = openDatabase({ url, maxConnections: 1 });
  try {
    return (await database.pool.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await database.close();
  }
}

/** The embedded server's own programs over its data or a copy of them, without the settings that its command line pins. */
export function spawnServer(directory: string, port: string, data = join(directory, 'data')): ChildProcess {
  const { uid, gid } = statSync(data);
  const { binaries } = JSON.parse(readFileSync(join(directory, 'database.json'), 'utf8')) as { binaries: string };
  const settings = ['-D', data, '-p', port, '-h', '127.0.0.1', '-k', ''];
  return spawn(join(binaries, 'bin/postgres'), settings, { cwd: '/', stdio: 'ignore', env: { LC_ALL: 'C' }, uid, gid });
}
