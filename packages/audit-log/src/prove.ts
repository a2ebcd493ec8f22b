import { ZhidaError, isId } from '@zhida/core';
import { formatEntryProof } from './entry-proof.js';
import { ENTRIES_PER_TILE, ID_LINE_BYTES, auditLayout } from './layout.js';
import { readSignedPart } from './signed-part.js';
import { HASH_BYTES } from './tree-hash.js';

/**
 * Proves from the files alone that an entry is under the newest checkpoint. The proof is for `verifyEntryProof`.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` when no signed entry has this id, `ZD_ERR_INPUT_UNREADABLE` when the directory cannot be read.
 */
export async function proveEntry(directory: string, entryId: string): Promise<string> {
  if (!isId('aud', entryId)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'this is not the id of an audit entry', { at: 'entry' });
  const log = await readSignedPart(auditLayout(directory));
  const offset = log.ids.indexOf(`${entryId}\n`);
  if (offset < 0) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no entry under the newest checkpoint has this id', { at: 'entry' });
  const index = offset / ID_LINE_BYTES;
  const lines = (await log.tile(Math.floor(index / ENTRIES_PER_TILE))).toString('latin1').split('\n');
  const entry = Buffer.from(lines[index % ENTRIES_PER_TILE] ?? '', 'latin1');
  const leaves = Array.from({ length: log.size }, (_, leaf) => log.leaves.subarray(leaf * HASH_BYTES, (leaf + 1) * HASH_BYTES));
  return formatEntryProof(entry, index, leaves, log.checkpoint);
}
