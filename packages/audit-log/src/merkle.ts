import { ZhidaError } from '@zhida/core';
import { createCompactRange } from './compact-range.js';
import { EMPTY_ROOT, HASH_BYTES, equalHashes, nodeHash } from './tree-hash.js';

/** What a verifier is told about one leaf. Size and root must come from a checkpoint whose signature was checked: together they are the tree. */
export interface InclusionClaim {
  index: number;
  size: number;
  leafHash: Uint8Array;
  proof: readonly Uint8Array[];
  root: Uint8Array;
}

/** What a verifier is told about two sizes of one tree; sizes and roots from signed checkpoints. */
export interface ConsistencyClaim {
  oldSize: number;
  newSize: number;
  oldRoot: Uint8Array;
  newRoot: Uint8Array;
  proof: readonly Uint8Array[];
}

/** Root of the tree over these leaf hashes, RFC 6962 §2.1 `MTH`. */
export function merkleRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  const range = createCompactRange();
  for (const leaf of leafHashes) range.append(leaf);
  return range.root();
}

/**
 * Audit path of leaf `index` in the tree over the first `size` leaf hashes, nearest sibling first (RFC 6962 §2.1.1).
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` when the leaf is not in that tree.
 */
export function inclusionProof(leafHashes: readonly Uint8Array[], index: number, size: number = leafHashes.length): Uint8Array[] {
  if (!isCount(index) || !isCount(size) || index >= size || size > leafHashes.length) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the tree of this size has no such leaf', { at: 'index' });
  }
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      proof.push(merkleRoot(leafHashes.slice(middle, end)));
      end = middle;
    } else {
      proof.push(merkleRoot(leafHashes.slice(start, middle)));
      start = middle;
    }
  }
  return proof.reverse();
}

/** True when the proof leads from this leaf at this index to this root, RFC 9162 §2.1.3.2. */
export function verifyInclusion({ index, size, leafHash: leaf, proof, root }: InclusionClaim): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([leaf, root, ...proof])) return false;
  let node = index;
  let last = size - 1;
  let computed = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (isOdd(node) || node === last) {
      computed = nodeHash(sibling, computed);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      computed = nodeHash(computed, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && equalHashes(computed, root);
}

/**
 * Proof that the tree of `oldSize` leaves is a prefix of the tree of `newSize` leaves, RFC 6962 §2.1.2.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` when the sizes are not in order or exceed the leaves.
 */
export function consistencyProof(leafHashes: readonly Uint8Array[], oldSize: number, newSize: number = leafHashes.length): Uint8Array[] {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize || newSize > leafHashes.length) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the older tree is not a prefix of the newer', { at: 'oldSize' });
  }
  if (oldSize === 0 || oldSize === newSize) return [];
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = newSize;
  // `whole` is RFC 6962's flag b: while it holds, the old tree is a complete subtree whose root the verifier knows.
  let whole = true;
  while (oldSize !== end) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      proof.push(merkleRoot(leafHashes.slice(middle, end)));
      end = middle;
    } else {
      proof.push(merkleRoot(leafHashes.slice(start, middle)));
      start = middle;
      whole = false;
    }
  }
  if (!whole) proof.push(merkleRoot(leafHashes.slice(start, end)));
  return proof.reverse();
}

/** True when the proof shows the old tree to be a prefix of the new one, RFC 9162 §2.1.4.2. */
export function verifyConsistency({ oldSize, newSize, oldRoot, newRoot, proof }: ConsistencyClaim): boolean {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize > newSize || !areHashes([oldRoot, newRoot, ...proof])) return false;
  if (oldSize === newSize) return proof.length === 0 && equalHashes(oldRoot, newRoot);
  if (oldSize === 0) return proof.length === 0 && equalHashes(oldRoot, EMPTY_ROOT);
  // A complete old tree is itself the first node of the path, so the proof leaves it out.
  const [seed, ...path] = isPowerOfTwo(oldSize) ? [oldRoot, ...proof] : proof;
  if (seed === undefined || proof.length === 0) return false;
  const computed = climbBoth(oldSize, newSize, seed, path);
  return computed !== undefined && equalHashes(computed.oldRoot, oldRoot) && equalHashes(computed.newRoot, newRoot);
}

/** Both roots as the path gives them, or undefined when the path is longer or shorter than the way up. */
function climbBoth(oldSize: number, newSize: number, seed: Uint8Array, path: readonly Uint8Array[]) {
  let node = oldSize - 1;
  let last = newSize - 1;
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  let oldRoot = seed;
  let newRoot = seed;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (isOdd(node) || node === last) {
      oldRoot = nodeHash(sibling, oldRoot);
      newRoot = nodeHash(sibling, newRoot);
      while (!isOdd(node) && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newRoot = nodeHash(newRoot, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 ? { oldRoot, newRoot } : undefined;
}

/** Largest power of two smaller than `count`, RFC 6962 §2.1. */
function splitPoint(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

// Arithmetic, not bit operators: those cut a size off at 32 bits.
function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  return splitPoint(value + 1) === value;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === HASH_BYTES);
}
