import type { Boundary } from '../support/relay-child.js';
import type { StatementMoment } from '../support/statements.js';
import { pick } from '../../support/random.js';

const MOMENTS: readonly StatementMoment[] = ['before', 'sent', 'done'];

/** The places between two statements of a transaction: which there are the processes tell, and each is to be died at. */
export interface Boundaries {
  seen(statement: string): void;
  /** One at which nobody died yet, or any where there is none left. */
  next(): Boundary | undefined;
  diedAt(boundary: Boundary): void;
  counts(): BoundaryCounts;
}

export interface BoundaryCounts {
  readonly known: number;
  readonly diedAt: number;
}

export function createBoundaries(random: () => number): Boundaries {
  const left = new Map<string, Boundary>();
  const done = new Map<string, Boundary>();
  const nameOf = ({ statement, moment }: Boundary): string => `${moment} ${statement}`;
  return {
    seen(statement) {
      for (const boundary of MOMENTS.map((moment) => ({ statement, moment })))
        if (!done.has(nameOf(boundary))) left.set(nameOf(boundary), boundary);
    },
    next() {
      const [first, ...others] = (left.size > 0 ? left : done).values();
      return first === undefined ? undefined : pick(random, [first, ...others]);
    },
    diedAt(boundary) {
      left.delete(nameOf(boundary));
      done.set(nameOf(boundary), boundary);
    },
    counts: () => ({ known: left.size + done.size, diedAt: done.size }),
  };
}
