import { readFile } from 'node:fs/promises';
import { ZhidaError } from '@zhida/core';
import { parseCheckpoint } from './checkpoint.js';
import { ENTRIES_PER_TILE, type AuditLayout, ID_LINE_BYTES, splitHistory, tilePath } from './layout.js';
import { HASH_BYTES } from './tree-hash.js';

/** The part of a log that its newest checkpoint covers, as it lies in the files: a consistent cut, also of a log at work. */
export interface SignedPart {
  size: number;
  checkpoint: string;
  /** Checkpoints up to this one. */
  history: string[];
  leaves: Buffer;
  ids: Buffer;
  /** Lines of one tile that are covered, newlines included. */
  tile(tile: number): Promise<Buffer>;
}

/** Reads the checkpoint first: everything it speaks of is in the files by then. @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE`. */
export async function readSignedPart(layout: AuditLayout): Promise<SignedPart> {
  const checkpoint = (await read(layout.checkpoint)).toString();
  const { size } = parseCheckpoint(checkpoint);
  const history = splitHistory((await read(layout.history)).toString());
  const isCovered = (note: string): boolean => parseCheckpoint(note).size <= size;
  return {
    size,
    checkpoint,
    history: history.filter(isCovered),
    leaves: size === 0 ? Buffer.alloc(0) : (await read(layout.leaves)).subarray(0, size * HASH_BYTES),
    ids: size === 0 ? Buffer.alloc(0) : (await read(layout.ids)).subarray(0, size * ID_LINE_BYTES),
    tile: async (tile) => firstLines(await read(tilePath(layout, tile)), Math.min(ENTRIES_PER_TILE, size - tile * ENTRIES_PER_TILE)),
  };
}

function firstLines(bytes: Buffer, count: number): Buffer {
  let end = 0;
  for (let line = 0; line < count; line += 1) {
    end = bytes.indexOf(0x0a, end) + 1;
    if (end === 0) throw new ZhidaError('ZD_ERR_AUDIT_CORRUPT', 'an entry file is shorter than its checkpoint says', { at: 'entries' });
  }
  return bytes.subarray(0, end);
}

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a file of the audit log cannot be read', { cause });
  }
}
