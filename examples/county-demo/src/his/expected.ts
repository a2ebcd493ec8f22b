import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLE_ROOT } from '../layout.js';

/** What the demo expects of one invented visit: no prompt at all, or one of this level for at least these reasons. */
export interface ExpectedVisit {
  readonly serial: number;
  readonly level: 'red' | 'orange' | 'none';
  readonly rules: readonly string[];
  /** An ordinary child whose chart holds words that a careless rule would take for harm. */
  readonly trap: boolean;
  readonly why: string;
}

export function expectedVisits(): readonly ExpectedVisit[] {
  return JSON.parse(readFileSync(join(EXAMPLE_ROOT, 'charts', 'expected.json'), 'utf8')) as ExpectedVisit[];
}
