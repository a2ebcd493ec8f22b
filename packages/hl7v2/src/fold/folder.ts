import type { EncounterSnapshot } from '@zhida/core';
import { type IssueLog, createIssueLog } from '../issue-log.js';
import type { Hl7Message } from '../read/read-message.js';
import { changesOf, visitName } from './apply-message.js';
import { snapshotOf } from './snapshot.js';
import type { VisitState } from './visit-state.js';

/** Visits in memory, for a file; a service keeps them in its database and calls `applyMessage`. */
export interface VisitFolder {
  /** Folds a message; gives the ids of the visits it changed. */
  add(message: Hl7Message, log?: IssueLog): readonly string[];
  /** Number of visits. */
  readonly size: number;
  /** The snapshot of every visit, in order of its first message. */
  snapshots(log?: IssueLog): Generator<EncounterSnapshot>;
}

/** Makes an empty folder. */
export function createVisitFolder(): VisitFolder {
  const visits = new Map<string, VisitState>();
  const byKey = new Map<string, Set<string>>();
  // A visit given a new key by a merge is found under both; the stale one finds a state that no longer has it, and is no match.
  const visitsUnder = (keys: readonly string[]): VisitState[] => {
    const names = new Set(keys.flatMap((key) => [...(byKey.get(key) ?? [])]));
    return [...names].map((name) => visits.get(name)).filter((state) => state !== undefined);
  };
  const keep = (state: VisitState): void => {
    visits.set(visitName(state), state);
    for (const key of state.keys) {
      const names = byKey.get(key);
      if (names === undefined) byKey.set(key, new Set([visitName(state)]));
      else names.add(visitName(state));
    }
  };
  return {
    add(message, log = createIssueLog()) {
      const changed = new Set<string>();
      for (const update of message.updates) {
        for (const { state } of changesOf(visitsUnder(message.keys), update, log)) {
          keep(state);
          changed.add(state.id);
        }
      }
      return [...changed];
    },
    get size() {
      return visits.size;
    },
    *snapshots(log) {
      for (const state of visits.values()) {
        yield snapshotOf(state, visitsUnder(state.keys.filter((key) => key.startsWith('p|'))), log);
      }
    },
  };
}
