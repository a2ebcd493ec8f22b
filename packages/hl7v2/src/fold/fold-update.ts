import { type SnapshotPatient, parseInstant } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { VisitUpdate } from '../read/update.js';
import { visitKeyOf } from '../read/visit-update.js';
import { foldFacts } from './fold-facts.js';
import { joinedIdentifiers, patched } from './patch.js';
import type { VisitState } from './visit-state.js';

/** A visit after one message, and how many facts stopped to stand. */
export interface Folded {
  readonly state: VisitState;
  readonly withdrawn: number;
}

/** Begins a visit of which nothing is known yet. */
export function newVisit(key: string, update: VisitUpdate): VisitState {
  const number = update.visitNumber ?? key.slice(key.lastIndexOf('|') + 1).replace(/^[@#]/, '');
  return {
    v: '1',
    // A visit number may be a mere count of the patient's visits, so the patient's number stands in front.
    id: update.patientNumber === undefined ? number : `${update.patientNumber}-${number}`,
    keys: [key],
    revision: 0,
    cancelled: false,
    patient: {},
    visit: {},
    people: {},
    startDefaulted: true,
    facts: [],
    feeds: [],
  };
}

/** Adds a message to a visit: an update, a cancellation, or a change of the patient's own data. */
export function foldUpdate(state: VisitState, update: VisitUpdate, log: IssueLog): Folded {
  const { facts, withdrawn } = foldFacts(state.facts, update.facts, update.clears, log);
  const event = update.event ?? state.event;
  const mode = update.mode ?? state.mode;
  const facility = update.facility ?? state.facility;
  const isTold = update.feeds.length > 0;
  return {
    state: {
      v: '1',
      id: state.id,
      keys: withKey(state.keys, update.patientKey),
      revision: state.revision + 1,
      // Whoever treats, tests or moves a patient says that the visit is real; a new address does not.
      cancelled: update.effect === 'cancel' || (update.effect === 'person' && state.cancelled),
      patient: patientOf(state.patient, update),
      people: isTold ? { ...state.people, ...update.people } : state.people,
      facts,
      feeds: isTold ? [...new Set([...state.feeds, ...update.feeds])] : state.feeds,
      ...placementAfter(state, update),
      ...(event === undefined ? {} : { event }),
      ...(mode === undefined ? {} : { mode }),
      ...(facility === undefined ? {} : { facility }),
    },
    withdrawn,
  };
}

/** Gives a visit to the patient who stays after a merge. Its id stays, later messages find it under the new numbers too. */
export function foldMerge(state: VisitState, update: VisitUpdate): VisitState {
  const { patientKey, visit } = update;
  const number = state.visit.visitNumber ?? visit.visitNumber ?? undefined;
  const visitKey = number === undefined ? undefined : visitKeyOf(number, patientKey, update.facilityKey);
  const kept = state.keys.filter((key) => !update.retiredKeys.includes(key));
  return {
    ...state,
    revision: state.revision + 1,
    keys: withKey(withKey(kept, patientKey), visitKey),
    patient: patientOf(state.patient, update),
  };
}

export function withKey(keys: readonly string[], key: string | undefined): readonly string[] {
  return key === undefined || keys.includes(key) ? keys : [...keys, key];
}

export function patientOf(known: SnapshotPatient, { patient }: VisitUpdate): SnapshotPatient {
  const told = patient.identifiers ?? [];
  const merged = patched(known, patient);
  return told.length === 0 ? merged : { ...merged, identifiers: joinedIdentifiers(known.identifiers ?? [], told) };
}

/** Start, end and disposition. A visit whose start nobody tells begins when its first message says something happened. */
function placementAfter(state: VisitState, update: VisitUpdate): Pick<VisitState, 'visit' | 'startDefaulted'> {
  const told = patched(state.visit, update.visit);
  const undone = update.undoesDischarge ? patched(told, { end: null, disposition: null }) : told;
  const visit = update.dead && undone.disposition === undefined ? { ...undone, disposition: 'died' as const } : undone;
  const startDefaulted = state.startDefaulted && update.visit.start === undefined;
  const start = startDefaulted ? earlier(state.visit.start, visit.start ?? update.occurredAt) : visit.start;
  return { visit: start === undefined || start === visit.start ? visit : { ...visit, start }, startDefaulted };
}

function earlier(known: string | undefined, told: string | undefined): string | undefined {
  if (known === undefined || told === undefined || known === told) return known ?? told;
  const [left, right] = [parseInstant(known), parseInstant(told)];
  return left === undefined || (right !== undefined && right < left) ? told : known;
}
