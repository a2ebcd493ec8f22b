import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { replaceDurably } from '../src/durable-file.js';
import { auditEntry } from '../src/entry.js';
import { createCompactRange, formatVkey, leafHash, publicKeyOfSigner, signCheckpoint } from '../src/index.js';
import { auditLayout } from '../src/layout.js';
import { type LogState, appendCheckpoints, appendRows } from '../src/postgres/log-files.js';
import { ORIGIN } from './origin.js';

export { ORIGIN };

/** A signer with a key of its own; nothing about it is kept. */
export function testSigner(name = ORIGIN) {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { name, privateKey };
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'zhida-audit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Bytes and ids of entries as the relay would log them, a millisecond apart. */
export function someEntries(count: number, origin = ORIGIN): { id: string; bytes: Uint8Array }[] {
  return Array.from({ length: count }, (_, position) => {
    const { entry, bytes } = auditEntry({
      origin,
      actor: 'relay:440299-01',
      action: 'delivery.attempted',
      subject: { deliveryId: `dlv_${position}`, outcome: 'unknown' },
      clock: { now: () => 1_790_000_000_000 + position },
    });
    return { id: entry.id, bytes };
  });
}

/** Writes an audit directory with a checkpoint at each of these sizes, as the sequencer does. */
export async function writeLog(
  directory: string,
  entries: readonly { id: string; bytes: Uint8Array }[],
  { signer = testSigner(), checkpoints = [entries.length], origin = ORIGIN } = {},
) {
  const layout = auditLayout(directory);
  await mkdir(layout.entries, { recursive: true });
  const state: LogState = { range: createCompactRange(), tileBytes: 0, historyBytes: 0, checkpoint: undefined };
  for (const size of checkpoints) {
    const rows = entries.slice(state.range.size, size).map((entry, offset) => {
      return { index: state.range.size + offset, entryId: entry.id, leafHash: leafHash(entry.bytes), bytes: entry.bytes };
    });
    if (rows.length > 0) await appendRows(layout, state, rows);
    const note = signCheckpoint({ origin, size, root: state.range.root() }, signer);
    await appendCheckpoints(layout, state, [{ size, note }]);
  }
  const publicKey = publicKeyOfSigner(signer);
  const vkey = formatVkey(signer.name, publicKey);
  await replaceDurably(layout.about, Buffer.from(`${JSON.stringify({ origin, vkey })}\n`));
  return { directory, layout, signer, publicKey, vkey, entries, root: Buffer.from(state.range.root()).toString('hex'), state };
}
