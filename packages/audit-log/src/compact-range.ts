import { EMPTY_ROOT, nodeHash } from './tree-hash.js';

/** The right edge of a growing tree: the roots of its complete subtrees, at most one per level. */
export interface CompactRange {
  /** Leaves appended so far. */
  readonly size: number;
  /** Adds one leaf hash at the end; amortised one node hash each. */
  append(leafHash: Uint8Array): void;
  /** Root of all leaves so far, RFC 6962 §2.1 `MTH`. */
  root(): Uint8Array;
  /** An independent copy, so that a failed batch leaves the original as it was. */
  copy(): CompactRange;
}

/** A tree that is only ever appended to, in memory that grows with the logarithm of its size. */
export function createCompactRange(): CompactRange {
  return rangeOf(0, []);
}

interface Subtree {
  level: number;
  root: Uint8Array;
}

function rangeOf(initialSize: number, initialEdge: readonly Subtree[]): CompactRange {
  let size = initialSize;
  const edge = [...initialEdge];
  return {
    get size() {
      return size;
    },
    append(leafHash) {
      let right: Subtree = { level: 0, root: leafHash };
      for (let left = edge.at(-1); left !== undefined && left.level === right.level; left = edge.at(-1)) {
        edge.pop();
        right = { level: right.level + 1, root: nodeHash(left.root, right.root) };
      }
      edge.push(right);
      size += 1;
    },
    root() {
      const last = edge.at(-1);
      if (last === undefined) return EMPTY_ROOT;
      return edge.slice(0, -1).reduceRight((right, left) => nodeHash(left.root, right), last.root);
    },
    copy: () => rangeOf(size, edge),
  };
}
