import { type ParsedCheckpoint, parseCheckpoint } from '../checkpoint.js';
import { createCompactRange } from '../compact-range.js';
import type { LogPublicKey } from '../log-key.js';
import { verifyNote } from '../signed-note.js';
import { equalHashes } from '../tree-hash.js';
import type { VerificationProblemCode } from './problem.js';

/** A checkpoint of the directory after checking. */
export interface CheckedHead {
  /** `checkpoint`, or the place in the history: `checkpoints.log#3`. */
  at: string;
  checkpoint: ParsedCheckpoint | undefined;
  /** Undefined when the head is signed and is a prefix of the entries found. */
  problem: VerificationProblemCode | undefined;
}

/** Heads as read, and the roots of the entries found at every size a head speaks of. */
export interface CheckedHeads {
  heads: CheckedHead[];
  /** The log's name: that of the oldest head signed with a given key, else of any head that can be read. */
  origin: string | undefined;
  /** Entries vouched for by the largest good head. */
  signedSize: number;
  /** Root over the first `size` lines, for the sizes of the heads and of all lines. */
  rootAt: ReadonlyMap<number, Uint8Array>;
}

/** Checks that every head is signed by one of these keys and that the tree found grows through every one of them. */
export function checkHeads(
  notes: readonly { at: string; note: string }[],
  found: readonly Uint8Array[],
  keys: readonly LogPublicKey[],
): CheckedHeads {
  const read = notes.map(({ at, note }) => {
    const checkpoint = tryParse(note);
    return { at, checkpoint, isSigned: checkpoint !== undefined && isSigned(checkpoint, keys) };
  });
  const rootAt = rootsAt(found, new Set(read.map(({ checkpoint }) => checkpoint?.size ?? -1)));
  const named = read.find((head) => head.isSigned) ?? read.find((head) => head.checkpoint !== undefined);
  const origin = named?.checkpoint?.origin;
  const heads = read.map(({ at, checkpoint, isSigned: signed }): CheckedHead => {
    if (checkpoint === undefined) return { at, checkpoint, problem: 'checkpoint-unreadable' };
    if (!signed) return { at, checkpoint, problem: 'checkpoint-signature' };
    if (checkpoint.origin !== origin) return { at, checkpoint, problem: 'checkpoint-of-other-log' };
    return { at, checkpoint, problem: rootProblem(checkpoint, rootAt.get(checkpoint.size)) };
  });
  const goodSizes = heads.map((head) => (head.problem === undefined ? (head.checkpoint?.size ?? 0) : 0));
  return { heads, origin, signedSize: goodSizes.reduce((largest, size) => Math.max(largest, size), 0), rootAt };
}

function isSigned(checkpoint: ParsedCheckpoint, keys: readonly LogPublicKey[]): boolean {
  try {
    return verifyNote(checkpoint.note, keys).length > 0;
  } catch {
    return false;
  }
}

function rootProblem(checkpoint: ParsedCheckpoint, root: Uint8Array | undefined): VerificationProblemCode | undefined {
  if (root === undefined) return 'checkpoint-beyond-entries';
  return equalHashes(root, checkpoint.root) ? undefined : 'checkpoint-root';
}

function rootsAt(found: readonly Uint8Array[], sizes: ReadonlySet<number>): Map<number, Uint8Array> {
  const range = createCompactRange();
  const roots = new Map<number, Uint8Array>();
  if (sizes.has(0)) roots.set(0, range.root());
  for (const leaf of found) {
    range.append(leaf);
    if (sizes.has(range.size)) roots.set(range.size, range.root());
  }
  roots.set(range.size, range.root());
  return roots;
}

function tryParse(note: string): ParsedCheckpoint | undefined {
  try {
    return parseCheckpoint(note);
  } catch {
    return undefined;
  }
}
