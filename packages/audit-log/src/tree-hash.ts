import { hash } from 'node:crypto';
import { invariant } from '@zhida/core';

/** Bytes of every hash in the log (SHA-256). */
export const HASH_BYTES = 32;

/** Hash of the tree without leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array(0));

/** Leaf hash of an entry: SHA-256(0x00 ‖ bytes), RFC 6962 §2.1. */
export function leafHash(bytes: Uint8Array): Uint8Array {
  const input = new Uint8Array(bytes.length + 1);
  input.set(bytes, 1);
  return sha256(input);
}

/** Interior hash: SHA-256(0x01 ‖ left ‖ right). The prefix keeps a leaf from being passed off as a node. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  invariant(left.length === HASH_BYTES && right.length === HASH_BYTES, 'a tree node joins two SHA-256 hashes');
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/** True for two equal hashes. Hashes of a public log are no secret, so time does not matter here. */
export function equalHashes(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer');
}
