import { type Boundary, boundaryId } from '../support/statements.js';

/** The places before and after each statement of a transaction, and each that changes something by itself: which there are the processes tell, and each is to be died at. */
export interface Boundaries {
  seen(boundary: Boundary): void;
  diedAt(boundary: Boundary): void;
  /** Ids of those somebody died at. */
  done(): readonly string[];
  counts(): BoundaryCounts;
}

export interface BoundaryCounts {
  readonly known: number;
  readonly diedAt: number;
  /** Those nobody died at. */
  readonly left: readonly string[];
}

export function createBoundaries(): Boundaries {
  const left = new Map<string, Boundary>();
  const done = new Set<string>();
  return {
    seen(boundary) {
      if (!done.has(boundaryId(boundary))) left.set(boundaryId(boundary), boundary);
    },
    diedAt(boundary) {
      left.delete(boundaryId(boundary));
      done.add(boundaryId(boundary));
    },
    done: () => [...done],
    counts: () => ({
      known: left.size + done.size,
      diedAt: done.size,
      left: [...left.values()].map(({ moment, statement }) => `${moment} ${statement}`),
    }),
  };
}
