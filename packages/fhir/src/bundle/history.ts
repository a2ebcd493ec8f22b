import { type EncounterSnapshot, type PastEncounter, pastEncounterOf } from '@zhida/core';
import type { Visit } from '../context.js';
import { groupByPatient } from './placement.js';

/** Earlier visits a snapshot carries; more would make a long record grow with the square of its visits. */
const HISTORY_MAX = 20;

/**
 * The earlier visits of the same patient for each visit, newest last: when, of what kind, which conditions and procedures.
 * Only visits with a known start are in it and have it. What is not filled in (`undefined` in `snapshots`) is left out.
 */
export function historiesOf(
  visits: readonly Visit[],
  snapshots: ReadonlyMap<Visit, EncounterSnapshot>,
): ReadonlyMap<Visit, PastEncounter[]> {
  const histories = new Map<Visit, PastEncounter[]>();
  for (const group of groupByPatient(visits).values()) {
    let earlier: PastEncounter[] = [];
    let pending: { startMs: number; past: PastEncounter[] } = { startMs: -Infinity, past: [] };
    for (const visit of group) {
      if (visit.startMs === undefined) continue;
      // Two visits of one moment are not each other's past.
      if (visit.startMs > pending.startMs) {
        earlier = [...earlier, ...pending.past].slice(-HISTORY_MAX);
        pending = { startMs: visit.startMs, past: [] };
      }
      const snapshot = snapshots.get(visit);
      if (earlier.length > 0) histories.set(visit, earlier);
      if (snapshot !== undefined) pending.past.push(pastEncounterOf(snapshot));
    }
  }
  return histories;
}
