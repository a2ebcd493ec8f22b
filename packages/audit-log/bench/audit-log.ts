import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startEmbeddedPostgres } from '@zhida/database/embedded';
import pg from 'pg';
import { inclusionProof, leafHash, merkleRoot, publicKeyOfSigner, verifyAuditDirectory, verifyInclusion } from '../src/index.js';
import { appendAudit, auditMigration, createSequencer } from '../src/postgres.js';

/** What the log costs: `pnpm bench audit-log [--quick]`, with `fsync` on. `--quick` shows that it works and measures nothing worth reading. */
const BUDGETS = { appendPerSecond: { atLeast: 2_900 }, proofMs: { atMost: 1 } } as const;

const quick = process.argv.includes('--quick');
const ENTRIES = quick ? 320 : 20_000;
const ENTRIES_PER_TRANSACTION = 20;
const WRITERS = 8;
const ORIGIN = 'zhida.example/bench';

async function bench(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'zhida-audit-bench-'));
  const server = await startEmbeddedPostgres({ directory: join(folder, 'database') });
  const { url } = await server.ensureDatabase({ database: 'bench', role: 'bench' });
  const pool = new pg.Pool({ connectionString: url, max: WRITERS + 2 });
  try {
    await pool.query(auditMigration.sql);
    const { appendPerSecond, ...perSecond } = await measureLog(pool, join(folder, 'audit'));
    const figures: Record<keyof typeof BUDGETS, number> = { appendPerSecond, proofMs: measureProof() };
    process.stdout.write(`${JSON.stringify({ figures, budgets: BUDGETS, perSecond }, undefined, 2)}\n`);
  } finally {
    await pool.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Entries a second: as they are appended and given their places, a backlog given its places, and all of it verified offline. */
async function measureLog(
  pool: pg.Pool,
  directory: string,
): Promise<Record<'append' | 'appendPerSecond' | 'sequence a backlog' | 'verify offline', number>> {
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
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(pool, writer, ENTRIES / WRITERS)));
  const behind = performance.now();
  await sequencer.runOnce();
  const sequenced = performance.now();
  const { ok, size } = await verifyAuditDirectory(directory, { publicKeys: [publicKeyOfSigner(signer)] });
  if (!ok) throw new Error('the log does not prove itself');
  return {
    append: rate(ENTRIES, appended - start),
    appendPerSecond: rate(ENTRIES, end - start),
    'sequence a backlog': rate(ENTRIES, sequenced - behind),
    'verify offline': rate(size, performance.now() - sequenced),
  };
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

/** Milliseconds to verify one inclusion proof. */
function measureProof(): number {
  const size = quick ? 1_000 : 100_000;
  const leaves = Array.from({ length: size }, (_, index) => leafHash(Buffer.from(String(index))));
  const root = merkleRoot(leaves);
  const index = Math.floor(size * 0.7);
  const claim = { index, size, leafHash: leafHash(Buffer.from(String(index))), proof: inclusionProof(leaves, index), root };
  const rounds = 2000;
  const start = performance.now();
  for (let round = 0; round < rounds; round += 1) if (!verifyInclusion(claim)) throw new Error('a good proof was refused');
  return (performance.now() - start) / rounds;
}

function rate(count: number, milliseconds: number): number {
  return Math.round((count / milliseconds) * 1000);
}

await bench();
