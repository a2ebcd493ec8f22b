import type { ResultFact } from './facts.js';
import type { Places } from './places.js';

/** What an encounter may show. */
export interface Seen {
  /**
   * By index of the concept: 1 where its words stand in some text and, if they can be asserted, are asserted of the patient. Behind the
   * last concept 1 where a code of the record belongs to a code set.
   */
  readonly concepts: Uint8Array;
  /** Where those words stand; `undefined` once the texts have been read in full, which tells it better. */
  readonly places: Places | undefined;
  /** Kinds of results that are positive somewhere, and `not KIND` for those that are negative somewhere. */
  readonly results: Set<string>;
  /** Names of the code sets that codes of the record belong to. */
  readonly codeSets: ReadonlySet<string>;
}

export function seeResults(results: ReadonlyMap<string, readonly ResultFact[]>, into: Set<string>): void {
  for (const [kind, facts] of results) for (const { positive } of facts) into.add(positive ? kind : `not ${kind}`);
}
