import { type EncounterSnapshot, type PastEncounter, parseInstant, pastEncounterOf } from '@zhida/core';
import { HIS_LIMITS } from '../limits.js';

/** The same visits, each with the earlier ones of its patient, newest last: when, of what kind, which conditions and procedures. */
export function withHistories(snapshots: readonly EncounterSnapshot[]): EncounterSnapshot[] {
  const histories = new Map<EncounterSnapshot, readonly PastEncounter[]>();
  for (const visits of byPatient(snapshots).values()) {
    visits.sort((left, right) => left.startMs - right.startMs);
    let earlier: PastEncounter[] = [];
    let pending: { startMs: number; past: PastEncounter[] } = { startMs: -Infinity, past: [] };
    for (const { snapshot, startMs } of visits) {
      // Two visits of one moment are not each other's past.
      if (startMs > pending.startMs) {
        earlier = [...earlier, ...pending.past].slice(-HIS_LIMITS.history);
        pending = { startMs, past: [] };
      }
      if (earlier.length > 0) histories.set(snapshot, earlier);
      pending.past.push(pastEncounterOf(snapshot));
    }
  }
  return snapshots.map((snapshot) => {
    const history = histories.get(snapshot);
    return history === undefined ? snapshot : { ...snapshot, history };
  });
}

interface Dated {
  readonly snapshot: EncounterSnapshot;
  readonly startMs: number;
}

function byPatient(snapshots: readonly EncounterSnapshot[]): Map<string, Dated[]> {
  const groups = new Map<string, Dated[]>();
  for (const snapshot of snapshots) {
    const { patient, period } = snapshot;
    const startMs = period?.start === undefined ? undefined : parseInstant(period.start);
    if (patient?.id === undefined || startMs === undefined) continue;
    const group = groups.get(patient.id);
    if (group === undefined) groups.set(patient.id, [{ snapshot, startMs }]);
    else group.push({ snapshot, startMs });
  }
  return groups;
}
