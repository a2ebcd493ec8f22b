import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startEmbeddedPostgres } from '@zhida/database/embedded';
import pg from 'pg';
import { inclusionProof, leafHash, merkleRoot, publicKeyOfSigner, verifyAuditDirectory, verifyInclusion } from '../src/index.js';
import { appendAudit, auditMigration, createSequencer } from '../src/postgres.js';

// Run: node --conditions=@zhida/source --import tsx packages/audit-log/bench/audit-log.ts
// Budgets (design): append and sequence at least 2 900 entries/s, an inclusion proof verified in at most 1 ms.

const ENTRIES = 20_000;
const ENTRIES_PER_TRANSACTION = 20;
const WRITERS = 8;
const ORIGIN = 'zhida.example/bench';

/** Measures the log on this machine and prints one line per figure. */
async function bench(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'zhida-audit-bench-'));
  const server = await startEmbeddedPostgres({ directory: join(folder, 'database') });
  const { url } = await server.ensureDatabase({ database: 'bench', role: 'bench' });
  const pool = new pg.Pool({ connectionString: url, max: WRITERS + 2 });
  try {
    await pool.query(auditMigration.sql);
    await measureLog(pool, join(folder, 'audit'));
    measureProof();
  } finally {
    await pool.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureLog(pool: pg.Pool, directory: string): Promise<void> {
  const signer = { name: ORIGIN, privateKey: generateKeyPairSync('ed25519').privateKey };
  const sequencer = createSequencer({
    pool,
    directory,
    origin: ORIGIN,
    signer,
    intervalMs: 20,
    onError: (error) => process.emitWarning(String(error)),
  });
  await sequencer.runOnce();
  const start = performance.now();
  sequencer.start();
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(pool, writer, ENTRIES / WRITERS)));
  const appended = performance.now();
  await sequencer.stop();
  const end = performance.now();
  report('append (fsync on, 20 entries a transaction)', `${rate(ENTRIES, appended - start)} entries/s`);
  report('append + sequence + files + checkpoints', `${rate(ENTRIES, end - start)} entries/s`);
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(pool, writer, ENTRIES / WRITERS)));
  const behind = performance.now();
  await sequencer.runOnce();
  report('sequence a backlog', `${rate(ENTRIES, performance.now() - behind)} entries/s`);
  const verifying = performance.now();
  const { ok, size } = await verifyAuditDirectory(directory, { publicKeys: [publicKeyOfSigner(signer)] });
  report(`verify ${size} entries offline (${ok ? 'ok' : 'NOT OK'})`, `${rate(size, performance.now() - verifying)} entries/s`);
}

async function write(pool: pg.Pool, writer: number, count: number): Promise<void> {
  const client = await pool.connect();
  for (let written = 0; written < count; written += ENTRIES_PER_TRANSACTION) {
    await client.query('begin');
    for (let entry = 0; entry < ENTRIES_PER_TRANSACTION; entry += 1) {
      const subject = { deliveryId: `dlv_${writer}_${written + entry}`, outcome: 'receipted' };
      await appendAudit(client, { origin: ORIGIN, actor: 'relay:bench', action: 'delivery.attempted', subject });
    }
    await client.query('commit');
  }
  client.release();
}

function measureProof(): void {
  const size = 100_000;
  const leaves = Array.from({ length: size }, (_, index) => leafHash(Buffer.from(String(index))));
  const root = merkleRoot(leaves);
  const index = 70_001;
  const claim = { index, size, leafHash: leafHash(Buffer.from(String(index))), proof: inclusionProof(leaves, index), root };
  const rounds = 2000;
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) if (!verifyInclusion(claim)) throw new Error('a good proof was refused');
  report(`verify one inclusion proof in ${size} entries`, `${((performance.now() - start) / rounds).toFixed(4)} ms`);
}

function rate(count: number, milliseconds: number): number {
  return Math.round((count / milliseconds) * 1000);
}

function report(what: string, figure: string): void {
  process.stdout.write(`${what}: ${figure}\n`);
}

await bench();
