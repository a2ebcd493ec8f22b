import { describe, expect, test } from 'vitest';
import { EMPTY_ROOT, consistencyProof, inclusionProof, leafHash, merkleRoot, verifyConsistency, verifyInclusion } from '../src/index.js';

const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const leaves = INPUTS.map((hex) => leafHash(Buffer.from(hex, 'hex')));

/** Roots of the first 1…8 of the classic test inputs, as every RFC 6962 implementation publishes them. */
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const INCLUSION = [
  { index: 0, size: 1, proof: [] },
  {
    index: 0,
    size: 8,
    proof: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    index: 5,
    size: 8,
    proof: [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  { index: 2, size: 3, proof: ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'] },
  {
    index: 1,
    size: 5,
    proof: [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  },
];

const CONSISTENCY = [
  { oldSize: 1, newSize: 1, proof: [] },
  {
    oldSize: 1,
    newSize: 8,
    proof: [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  },
  {
    oldSize: 6,
    newSize: 8,
    proof: [
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  },
  {
    oldSize: 2,
    newSize: 5,
    proof: [
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  },
];

describe('RFC 6962 §2.1, published vectors', () => {
  test('the empty tree has the hash of nothing', () => {
    expect(hex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hex(merkleRoot([]))).toBe(hex(EMPTY_ROOT));
  });

  test.each(ROOTS.map((root, position) => ({ size: position + 1, root })))('a tree of $size has its published root', ({ size, root }) => {
    expect(hex(merkleRoot(leaves.slice(0, size)))).toBe(root);
  });

  test.each(INCLUSION)('leaf $index of $size has its published audit path, which verifies', ({ index, size, proof }) => {
    expect(inclusionProof(leaves, index, size).map(hex)).toEqual(proof);
    expect(verifyInclusion({ index, size, leafHash: leafAt(index), proof: proof.map(unhex), root: rootOf(size) })).toBe(true);
  });

  test.each(CONSISTENCY)('sizes $oldSize and $newSize have their published proof, which verifies', ({ oldSize, newSize, proof }) => {
    expect(consistencyProof(leaves, oldSize, newSize).map(hex)).toEqual(proof);
    expect(verifyConsistency({ oldSize, newSize, oldRoot: rootOf(oldSize), newRoot: rootOf(newSize), proof: proof.map(unhex) })).toBe(true);
  });
});

describe('what a verifier refuses', () => {
  const good = { index: 5, size: 8, leafHash: leafAt(5), proof: inclusionProof(leaves, 5, 8), root: rootOf(8) };

  test.each([
    ['another index', { index: 4 }],
    ['an index outside the tree', { index: 8 }],
    ['a negative index', { index: -1 }],
    ['an index that is no number', { index: Number.NaN }],
    ['the size of a tree of another shape', { size: 16 }],
    ['another leaf', { leafHash: leafAt(4) }],
    ['another root', { root: rootOf(7) }],
    ['a path cut short', { proof: good.proof.slice(0, -1) }],
    ['a path too long', { proof: [...good.proof, rootOf(1)] }],
    ['a path with something before it', { proof: [rootOf(1), ...good.proof] }],
    ['a path out of order', { proof: good.proof.toReversed() }],
    ['no path', { proof: [] }],
    ['a hash of another length', { proof: [...good.proof.slice(0, -1), new Uint8Array(31)] }],
  ])('an inclusion proof with %s', (_, change) => {
    expect(verifyInclusion({ ...good, ...change })).toBe(false);
  });

  const growth = { oldSize: 6, newSize: 8, oldRoot: rootOf(6), newRoot: rootOf(8), proof: consistencyProof(leaves, 6, 8) };

  test.each([
    ['its roots swapped', { oldRoot: growth.newRoot, newRoot: growth.oldRoot }],
    ['its sizes swapped', { oldSize: 8, newSize: 6 }],
    ['another old size', { oldSize: 5 }],
    ['a new size of another shape', { newSize: 16 }],
    ['another old root', { oldRoot: rootOf(5) }],
    ['another new root', { newRoot: rootOf(7) }],
    ['a proof cut short', { proof: growth.proof.slice(0, -1) }],
    ['a proof too long', { proof: [...growth.proof, rootOf(1)] }],
    ['something before the proof', { proof: [rootOf(6), ...growth.proof] }],
    ['no proof', { proof: [] }],
    ['equal sizes and different roots', { oldSize: 8, oldRoot: rootOf(7), proof: [] }],
    ['equal sizes and a proof', { oldSize: 8, oldRoot: rootOf(8) }],
    ['an empty old tree that had a root', { oldSize: 0, proof: [] }],
  ])('a consistency proof with %s', (_, change) => {
    expect(verifyConsistency({ ...growth, ...change })).toBe(false);
  });

  test('asking for the proof of a leaf or size that is not there', () => {
    expect(() => inclusionProof(leaves, 8)).toThrow('no such leaf');
    expect(() => inclusionProof(leaves, 0, 9)).toThrow('no such leaf');
    expect(() => consistencyProof(leaves, 8, 7)).toThrow('not a prefix');
  });
});

function leafAt(index: number): Uint8Array {
  const leaf = leaves[index];
  if (leaf === undefined) throw new RangeError('no such leaf');
  return leaf;
}

function rootOf(size: number): Uint8Array {
  return merkleRoot(leaves.slice(0, size));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function unhex(text: string): Uint8Array {
  return Buffer.from(text, 'hex');
}
