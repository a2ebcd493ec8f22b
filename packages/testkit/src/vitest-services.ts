import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@zhida/database/embedded';
import type { TestProject } from 'vitest/node';
import './provided.js';
import { hasRedis, startRedisServer } from './redis-server.js';
import { temporaryFolder } from './temporary-folder.js';

/** Vitest's global set-up of the service tests: one embedded PostgreSQL, and one redis-server where it is installed, for the whole run. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = temporaryFolder();
  const directory = mkdtempSync(join(folder.path, 'zhida-services-'));
  // As root the server runs under another account, which must pass through.
  chmodSync(directory, 0o711);
  // Programs that tests build are built once for all workers (test/fault/support/built-script.ts).
  process.env['ZHIDA_TEST_BUILT'] = join(directory, 'built');
  const postgres = await startEmbeddedPostgres({ directory });
  project.provide('postgresUrl', postgres.administratorUrl());
  const redis = hasRedis() ? await startRedisServer() : undefined;
  project.provide('redisUrl', redis?.url ?? null);
  return async () => {
    await redis?.stop();
    await postgres.stop();
    rmSync(postgres.directory, { recursive: true, force: true });
    delete process.env['ZHIDA_TEST_BUILT'];
    folder.remove();
  };
}
