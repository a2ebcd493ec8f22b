import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@zhida/database';
import { startEmbeddedPostgres } from '@zhida/database/embedded';
import { endChild, freePort, waitUntil } from '@zhida/testkit';
import { startBalancer } from './balancer.js';
import { administrate, spawnServer, untilAnswers } from './own-postgres.js';

const DEADLINE = { deadlineMs: 60_000 };
const STANDBY = 'standby_a';

/** A primary, a standby without which it commits nothing, and one address that follows the primary. */
export interface PostgresPair {
  /** The ledger's database, at the address that follows. */
  readonly ledgerUrl: string;
  /** Stops what takes the primary's log to the standby, or lets it go on. */
  receiver(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void>;
  /** How many commits wait for the standby. */
  waiting(): Promise<number>;
  /** Kills the primary where it stands, makes the standby the primary, and lets the address follow. */
  failOver(): Promise<void>;
  close(): Promise<void>;
}

export async function postgresPair(): Promise<PostgresPair> {
  const root = await mkdtemp(join(tmpdir(), 'zhida-postgres-pair-'));
  // As root the servers run under another account, which must pass through.
  chmodSync(root, 0o711);
  const embedded = await startEmbeddedPostgres({ directory: join(root, 'server') });
  const ledger = new URL((await embedded.ensureDatabase({ database: 'zhida_relay', role: 'zhida_relay' })).url);
  const primaryUrl = new URL(embedded.administratorUrl());
  await embedded.stop();
  const primary = spawnServer(embedded.directory, primaryUrl.port);
  await untilAnswers(primaryUrl.href);

  const standbyUrl = new URL(primaryUrl);
  standbyUrl.port = String(await freePort());
  const copy = join(embedded.directory, 'standby');
  await copyOf(primaryUrl, join(embedded.directory, 'data'), copy);
  const standby = spawnServer(embedded.directory, standbyUrl.port, copy);
  await untilAnswers(standbyUrl.href);
  await administrate(primaryUrl.href, `alter system set synchronous_standby_names = 'ANY 1 (${STANDBY})'`);
  await administrate(primaryUrl.href, 'select pg_reload_conf()');
  await waitUntil(
    async () => (await administrate(primaryUrl.href, `select from pg_stat_replication where sync_state = 'quorum'`)).length === 1,
    { what: 'the primary waits for its standby', ...DEADLINE },
  );

  const address = await startBalancer();
  address.targets.push(`http://127.0.0.1:${primaryUrl.port}`);
  ledger.port = new URL(address.url).port;
  return {
    ledgerUrl: ledger.href,
    async receiver(signal) {
      const receivers = await administrate(standbyUrl.href, `select pid from pg_stat_activity where backend_type = 'walreceiver'`);
      for (const { pid } of receivers) process.kill(Number(pid), signal);
    },
    waiting: async () => (await administrate(primaryUrl.href, `select from pg_stat_activity where wait_event = 'SyncRep'`)).length,
    async failOver() {
      await endChild(primary, 'SIGKILL');
      address.targets.splice(0);
      await administrate(standbyUrl.href, 'select pg_promote()');
      address.targets.push(`http://127.0.0.1:${standbyUrl.port}`);
    },
    async close() {
      await address.close();
      await Promise.all([endChild(standby, 'SIGQUIT'), endChild(primary, 'SIGQUIT')]);
      await rm(embedded.directory, { recursive: true, force: true });
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** A base backup by hand: this PostgreSQL comes without the program for it. */
async function copyOf(primary: URL, data: string, copy: string): Promise<void> {
  const session = openDatabase({ url: primary.href, maxConnections: 1 });
  try {
    await session.pool.query(`select pg_backup_start('standby', true)`);
    // Files come and go while it copies, which the log makes good; a copy that is no server does not answer.
    spawnSync('cp', ['-a', data, copy], { stdio: 'ignore' });
    rmSync(join(copy, 'postmaster.pid'), { force: true });
    const { rows } = await session.pool.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    const connection = `host=127.0.0.1 port=${primary.port} user=${primary.username} password=${primary.password} application_name=${STANDBY}`;
    writeFor(data, join(copy, 'backup_label'), rows[0]?.labelfile ?? '');
    writeFor(data, join(copy, 'standby.signal'), '');
    writeFor(data, join(copy, 'postgresql.auto.conf'), `primary_conninfo = '${connection}'\n`);
  } finally {
    await session.close();
  }
}

/** A file of the account the server runs under. */
function writeFor(data: string, file: string, content: string): void {
  writeFileSync(file, content, { mode: 0o600 });
  const { uid, gid } = statSync(data);
  chownSync(file, uid, gid);
}
