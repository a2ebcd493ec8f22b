import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  consistencyProof,
  createCompactRange,
  equalHashes,
  inclusionProof,
  leafHash,
  merkleRoot,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.js';

/** RFC 6962 §2.1 word for word, recursive and slow: the model everything else is held against. */
function modelRoot(entries: readonly Uint8Array[]): Buffer {
  const [only] = entries;
  if (only === undefined) return createHash('sha256').digest();
  if (entries.length === 1) return createHash('sha256').update(Uint8Array.of(0)).update(only).digest();
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  const [left, right] = [modelRoot(entries.slice(0, split)), modelRoot(entries.slice(split))];
  return createHash('sha256').update(Uint8Array.of(1)).update(left).update(right).digest();
}

const entries = fc.uniqueArray(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 70, selector: (bytes) => bytes.join() });
const entriesAndPlace = entries.chain((list) => fc.record({ list: fc.constant(list), at: fc.nat({ max: list.length - 1 }) }));

test('root, appended root and recursive model agree at every size', () => {
  fc.assert(
    fc.property(entries, (list) => {
      const range = createCompactRange();
      for (const [position, bytes] of list.entries()) {
        range.append(leafHash(bytes));
        const prefix = list.slice(0, position + 1);
        expect(range.size).toBe(position + 1);
        expect(equalHashes(range.root(), modelRoot(prefix))).toBe(true);
        expect(equalHashes(merkleRoot(prefix.map(leafHash)), range.root())).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test('a copy of a range goes its own way', () => {
  fc.assert(
    fc.property(entries, entries, (some, more) => {
      const range = createCompactRange();
      for (const bytes of some) range.append(leafHash(bytes));
      const copy = range.copy();
      for (const bytes of more) copy.append(leafHash(bytes));
      expect(equalHashes(range.root(), modelRoot(some))).toBe(true);
      expect(equalHashes(copy.root(), modelRoot([...some, ...more]))).toBe(true);
    }),
    { numRuns: 40 },
  );
});

test('every leaf of every tree has a proof, and it proves no other leaf, index, size or root', () => {
  fc.assert(
    fc.property(entriesAndPlace, ({ list, at }) => {
      const hashes = list.map(leafHash);
      const leaf = hashes[at] ?? fail();
      const claim = { index: at, size: list.length, leafHash: leaf, proof: inclusionProof(hashes, at), root: modelRoot(list) };
      expect(verifyInclusion(claim)).toBe(true);
      for (const [other, hash] of hashes.entries()) {
        if (other === at) continue;
        expect(verifyInclusion({ ...claim, leafHash: hash })).toBe(false);
        expect(verifyInclusion({ ...claim, index: other })).toBe(false);
      }
      expect(verifyInclusion({ ...claim, root: modelRoot([...list, Uint8Array.of(1)]) })).toBe(false);
    }),
  );
});

test('every size is a proven prefix of every later size, and no other tree is', () => {
  fc.assert(
    fc.property(entriesAndPlace, ({ list, at }) => {
      const hashes = list.map(leafHash);
      const old = list.slice(0, at + 1);
      const claim = {
        oldSize: old.length,
        newSize: list.length,
        oldRoot: modelRoot(old),
        newRoot: modelRoot(list),
        proof: consistencyProof(hashes, old.length),
      };
      expect(verifyConsistency(claim)).toBe(true);
      const rewritten = [...old.slice(0, -1), Uint8Array.of(...(old.at(-1) ?? []), 7)];
      expect(verifyConsistency({ ...claim, oldRoot: modelRoot(rewritten) })).toBe(false);
      expect(verifyConsistency({ ...claim, newRoot: modelRoot([...rewritten, ...list.slice(old.length)]) })).toBe(false);
    }),
  );
});

test('one flipped bit anywhere in a proof breaks it', () => {
  fc.assert(
    fc.property(entriesAndPlace, fc.nat(), fc.nat({ max: 255 }), ({ list, at }, which, bit) => {
      const hashes = list.map(leafHash);
      const proof = inclusionProof(hashes, at);
      fc.pre(proof.length > 0);
      const broken = proof.map((hash, position) => (position === which % proof.length ? flipped(hash, bit) : hash));
      const leaf = hashes[at] ?? fail();
      expect(verifyInclusion({ index: at, size: list.length, leafHash: leaf, proof: broken, root: modelRoot(list) })).toBe(false);
    }),
  );
});

test('a flipped, dropped or swapped entry changes the root', () => {
  fc.assert(
    fc.property(entriesAndPlace, ({ list, at }) => {
      const root = merkleRoot(list.map(leafHash));
      const here = list[at] ?? fail();
      const changes: Uint8Array[][] = [list.toSpliced(at, 1), list.with(at, Uint8Array.of(...here, 0))];
      if (here.length > 0) changes.push(list.with(at, flipped(here, 0)));
      const next = list[at + 1];
      if (next !== undefined) changes.push(list.toSpliced(at, 2, next, here));
      for (const changed of changes) expect(equalHashes(merkleRoot(changed.map(leafHash)), root)).toBe(false);
    }),
  );
});

function flipped(bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(bytes);
  const place = Math.floor(bit / 8) % copy.length;
  copy[place] = (copy[place] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

function fail(): never {
  throw new RangeError('the generator gave a place outside its list');
}
