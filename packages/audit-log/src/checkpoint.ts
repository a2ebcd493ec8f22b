import { ZhidaError } from '@zhida/core';
import type { CheckpointSigner, LogPublicKey } from './log-key.js';
import { HASH_BYTES } from './tree-hash.js';
import { type SignedNote, parseNote, signNote, verifyNote } from './signed-note.js';

/** Head of the tree: which log, how many entries, and the hash that fixes every byte of them. */
export interface Checkpoint {
  origin: string;
  size: number;
  /** Root hash, 32 bytes. */
  root: Uint8Array;
}

/** A checkpoint as read, with the note it came in; nothing is checked yet. */
export interface ParsedCheckpoint extends Checkpoint {
  /** Opaque lines after the root; this project writes none. */
  extensions: string[];
  note: SignedNote;
}

/** A checkpoint at least one given key has signed. */
export interface VerifiedCheckpoint extends ParsedCheckpoint {
  signers: LogPublicKey[];
}

/**
 * Signs a tree head as a C2SP tlog-checkpoint: origin, decimal size, base64 root, blank line, Ed25519 signature line.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an origin, size or root that does not read back as it was.
 */
export function signCheckpoint(checkpoint: Checkpoint, signer: CheckpointSigner): string {
  const { origin, size, root } = checkpoint;
  if (origin === '' || origin.includes('\n')) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'an origin is one line', { at: 'origin' });
  if (!Number.isSafeInteger(size) || size < 0) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a size is a count', { at: 'size' });
  if (root.length !== HASH_BYTES) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a root is 32 bytes', { at: 'root' });
  return signNote(`${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`, signer);
}

/** Reads a checkpoint without checking who signed it. @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` when it does not keep the format. */
export function parseCheckpoint(text: string): ParsedCheckpoint {
  const note = parseNote(text);
  const [origin = '', size = '', encodedRoot = '', ...extensions] = note.text.slice(0, -1).split('\n');
  const root = Buffer.from(encodedRoot, 'base64');
  const wellFormed =
    origin !== '' &&
    /^(0|[1-9]\d{0,15})$/.test(size) &&
    Number.isSafeInteger(Number(size)) &&
    root.length === HASH_BYTES &&
    root.toString('base64') === encodedRoot &&
    extensions.every((line) => line !== '');
  if (!wellFormed) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this is not a checkpoint');
  return { origin, size: Number(size), root, extensions, note };
}

/**
 * Reads a checkpoint that one of these keys must have signed.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` when it does not keep the format, `ZD_ERR_SIGNATURE_MISMATCH` when no given key
 * signed it or a given key's signature is wrong.
 */
export function verifyCheckpoint(text: string, keys: readonly LogPublicKey[]): VerifiedCheckpoint {
  const checkpoint = parseCheckpoint(text);
  return { ...checkpoint, signers: verifyNote(checkpoint.note, keys) };
}
