import { ZhidaError } from '@zhida/core';
import { type Checkpoint, parseCheckpoint, verifyCheckpoint } from '../checkpoint.js';
import type { CompactRange } from '../compact-range.js';
import { type AuditLayout, splitHistory } from '../layout.js';
import type { LogPublicKey } from '../log-key.js';
import { equalHashes } from '../tree-hash.js';
import { readIfThere } from '../read-if-there.js';
import type { CheckpointRow } from './rows.js';

/**
 * Every head this log is known to have signed: those in the database, and those in the files that carry its signature. The files
 * matter when the database was put back to an older state: what was signed was signed.
 */
export async function signedHeads(layout: AuditLayout, stored: readonly CheckpointRow[], logKey: LogPublicKey): Promise<Checkpoint[]> {
  const known = new Set(stored.map((row) => row.note));
  const heads: Checkpoint[] = stored.map((row) => parseCheckpoint(row.note));
  const history = splitHistory((await readIfThere(layout.history))?.toString() ?? '');
  const newest = (await readIfThere(layout.checkpoint))?.toString() ?? '';
  for (const note of [...history, newest]) {
    if (known.has(note)) continue;
    try {
      heads.push(verifyCheckpoint(note, [logKey]));
    } catch {
      // Not signed by this log: it says nothing, and the file is put right from the rows.
    }
  }
  return heads;
}

/**
 * Checks that the tree grows through every signed head. `growth` yields the tree before the first leaf and after each.
 *
 * @throws ZhidaError `ZD_ERR_AUDIT_CORRUPT` at the first head the rows do not lead to.
 */
export function checkSignedHeads(heads: readonly Checkpoint[], growth: Iterable<CompactRange>): void {
  const bySize = new Map<number, Checkpoint[]>();
  for (const head of heads) bySize.set(head.size, [...(bySize.get(head.size) ?? []), head]);
  let size = 0;
  for (const range of growth) {
    size = range.size;
    for (const head of bySize.get(size) ?? []) {
      if (equalHashes(range.root(), head.root)) continue;
      throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', `the first ${size} rows are not what was signed`, { at: `checkpoint of size ${size}` });
    }
  }
  const lost = heads.find((head) => head.size > size);
  if (lost === undefined) return;
  throw new ZhidaError(
    'ZD_ERR_AUDIT_CORRUPT',
    `${lost.size} entries were signed and the database has ${size}; was an old backup put back?`,
    {
      at: `checkpoint of size ${lost.size}`,
    },
  );
}
