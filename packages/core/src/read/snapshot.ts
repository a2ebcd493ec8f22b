import type { Issue } from '../issue.js';
import type { EncounterSnapshot } from '../snapshot.js';
import { type Reading, report } from './reading.js';
import { encounter } from './visit.js';

/** A snapshot as far as it could be read, and what could not. */
export interface SnapshotReading {
  /** Absent only where the input is no object or has no usable `id`. */
  readonly snapshot: EncounterSnapshot | undefined;
  readonly issues: readonly Issue[];
}

/**
 * Reads an EncounterSnapshot from anything at all, and never throws.
 *
 * Unknown fields are ignored. A field of the wrong type, an unknown code or an unreadable time is left out and becomes an
 * issue with its path, so that one odd field never hides what the next one shows. A valid snapshot comes back deep-equal and
 * without issues; `null` counts as not given, except where the contract gives it a meaning (`companion`, `deceasedAt`,
 * `reportId`, an observation's `value` and `unit`). What is merely missing is left for the consumer to judge. An unreadable
 * item of a list of facts leaves an empty one in its place, so that `notes[2]` means the same note to sender and evidence.
 * What comes back is new, plain and within `SNAPSHOT_LIMITS`, so it can be fingerprinted.
 */
export function readSnapshot(input: unknown): SnapshotReading {
  const reading: Reading = { path: [], issues: [] };
  const snapshot = readRoot(input, reading);
  if (snapshot === undefined || snapshot.id === '') {
    report(reading, 'SNAPSHOT_UNREADABLE', 'error');
    return { snapshot: undefined, issues: reading.issues };
  }
  return { snapshot, issues: reading.issues };
}

function readRoot(input: unknown, reading: Reading): EncounterSnapshot | undefined {
  try {
    return encounter(input, reading);
  } catch {
    // A revoked proxy and the like: what defends itself at the root cannot be read at all.
    return undefined;
  }
}
