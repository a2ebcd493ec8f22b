import type { EncounterSnapshot, Issue } from '@zhida/core';
import { type IssueLog, createIssueLog } from '../issue-log.js';
import type { Hl7Message } from '../read/read-message.js';
import type { VisitUpdate } from '../read/update.js';
import { findVisit } from './find-visit.js';
import { type Moved, moveNumber, moveVisit } from './fold-move.js';
import { foldMerge, foldUpdate, newVisit } from './fold-update.js';
import { snapshotOf } from './snapshot.js';
import type { VisitState } from './visit-state.js';

/** What a message did to one visit. */
export interface VisitChange {
  /** To be kept in the place of the one with its `id`. */
  readonly state: VisitState;
  readonly snapshot: EncounterSnapshot;
  readonly revision: number;
  readonly change: 'updated' | 'cancelled' | 'merged';
  /** Set where a prompt about this visit has nothing to stand on any more. After a report it is a matter of a correction (U33). */
  readonly closes?: 'visit-cancelled';
  /** Facts that stand no more: corrected, withdrawn or deleted. Above 0 a prompt has to be looked at again. */
  readonly withdrawn: number;
}

export interface MessageEffect {
  /** Empty where the message changed no visit: ignored by its type, or about a patient without a known visit. */
  readonly changes: readonly VisitChange[];
  readonly issues: readonly Issue[];
}

/**
 * Folds one message into the visits it is about. Pure: it keeps nothing and asks nobody.
 *
 * `known` are the visits found under one of `message.keys`, oldest change first; more do no harm. What comes back are the
 * visits that changed, each with its new state. Apply the messages of a patient in the order they were sent; one applied a
 * second time raises the revision and changes no fact.
 */
export function applyMessage(known: readonly VisitState[], message: Hl7Message): MessageEffect {
  const log = createIssueLog();
  const visits = new Map(known.map((state) => [visitName(state), state]));
  const changed = new Map<string, Omit<VisitChange, 'snapshot' | 'revision'>>();
  for (const update of message.updates) {
    for (const change of changesOf([...visits.values()], update, log)) {
      // At the end of the order: the visit folded last goes on.
      const name = visitName(change.state);
      visits.delete(name);
      visits.set(name, change.state);
      const before = changed.get(name);
      changed.set(name, before === undefined ? change : { ...change, withdrawn: change.withdrawn + before.withdrawn });
    }
  }
  const others = [...visits.values()];
  const changes = [...changed.values()].map(({ state, withdrawn, change, closes }): VisitChange => {
    const snapshot = snapshotOf(state, others, log);
    const whole = { state, snapshot, revision: state.revision, change, withdrawn };
    return closes === undefined ? whole : { ...whole, closes };
  });
  return { changes, issues: log.issues };
}

type StateChange = Omit<VisitChange, 'snapshot' | 'revision'>;

/** The visits an update changes, without their snapshots. */
export function changesOf(known: readonly VisitState[], update: VisitUpdate, log: IssueLog): StateChange[] {
  switch (update.effect) {
    case 'merge':
      return merged(known, update, log);
    case 'move-number':
      return moveNumber(known, update, log).map(movedChange);
    case 'move-visit':
      return moveVisit(known, update, log).map(movedChange);
    case 'person':
      return known.filter((state) => hasKey(state, update.patientKey)).map((state) => updated(state, update, log));
    case 'cancel':
      return [{ ...updated(visitOf(known, update, log), update, log), change: 'cancelled', closes: 'visit-cancelled' }];
    case 'update':
      return [updated(visitOf(known, update, log), update, log)];
  }
}

function updated(state: VisitState, update: VisitUpdate, log: IssueLog): StateChange {
  const folded = foldUpdate(state, update, log);
  return { state: folded.state, withdrawn: folded.withdrawn, change: 'updated' };
}

function visitOf(known: readonly VisitState[], update: VisitUpdate, log: IssueLog): VisitState {
  const place = findVisit(known, update);
  if (place.known !== undefined) return place.known;
  if (update.visit.start === undefined) log.add('VALUE_DEFAULTED', 'PV1-44', 'information');
  return newVisit(place.key, update);
}

/** Every visit of the numbers given up goes to the patient who stays. */
function merged(known: readonly VisitState[], update: VisitUpdate, log: IssueLog): StateChange[] {
  if (update.retiredKeys.length === 0) log.add('FIELD_MISSING', 'MRG-1');
  const found = known.filter((state) => update.retiredKeys.some((key) => hasKey(state, key)));
  if (found.length === 0 && update.retiredKeys.length > 0) log.add('REFERENCE_UNRESOLVED', 'MRG-1', 'information');
  return found.map((state) => ({ state: foldMerge(state, update), withdrawn: 0, change: 'merged' }));
}

function movedChange({ state, emptied }: Moved): StateChange {
  return { state, withdrawn: 0, change: 'merged', ...(emptied ? { closes: 'visit-cancelled' } : {}) };
}

/** The key a visit began under, which no merge takes from it. */
export function visitName({ keys, id }: VisitState): string {
  return keys[0] ?? id;
}

function hasKey({ keys }: VisitState, key: string | undefined): boolean {
  return key !== undefined && keys.includes(key);
}
