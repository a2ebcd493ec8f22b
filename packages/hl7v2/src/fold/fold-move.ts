import type { IssueLog } from '../issue-log.js';
import type { VisitUpdate } from '../read/update.js';
import { underKey } from './find-visit.js';
import { newVisit, patientOf, withKey } from './fold-update.js';
import { patched } from './patch.js';
import type { StoredFact, VisitState } from './visit-state.js';

/** A visit as a move leaves it. */
export interface Moved {
  readonly state: VisitState;
  /** What it held stands elsewhere now. */
  readonly emptied: boolean;
}

/**
 * A visit that goes by another number from now on, into another visit, or to another patient (A41, A42, A44, A45). Of one patient the
 * visit keeps its id where it only gets a number; to another patient what it holds goes into a visit of that patient, so that nothing told
 * later under the old number gets there. The visit that goes on comes first. What cannot be done is named.
 */
export function moveVisit(known: readonly VisitState[], update: VisitUpdate, log: IssueLog): Moved[] {
  const from = movedVisit(known, update, log);
  const { visitKey = '', patientKey, retiredKeys } = update;
  if (from === undefined) return [];
  const isOther = retiredKeys.length > 0 && patientKey !== undefined && !retiredKeys.includes(patientKey);
  const into = underKey(known, visitKey);
  // One that a merge has brought to that patient already is there.
  if (into === from || (into === undefined && !isOther)) return [{ state: renumbered(from, update), emptied: false }];
  return [
    { state: taken(into ?? newVisit(visitKey, update), from, update, isOther), emptied: false },
    { state: emptiedVisit(from), emptied: true },
  ];
}

/** The visit that moves; `undefined`, with an issue, where the message does not say which or where to, or nobody knows it. */
function movedVisit(known: readonly VisitState[], { prior, visitNumber }: VisitUpdate, log: IssueLog): VisitState | undefined {
  if (prior === undefined) return undefined;
  if (prior.keys.length === 0 || visitNumber === undefined) {
    log.add('FIELD_MISSING', prior.keys.length === 0 ? prior.at : prior.toAt);
    return undefined;
  }
  const from = prior.keys.map((key) => underKey(known, key)).find((state) => state !== undefined);
  if (from === undefined) log.add('REFERENCE_UNRESOLVED', prior.at, 'information');
  return from;
}

/**
 * What goes by a patient number belongs to another person (A43). Where that person keeps the number, its visits are hers, of whom nothing
 * said of the one before is true. Where she has another one, what each visit holds goes into a visit of hers under the same visit number:
 * found under her number, and out of reach of whatever is told later under the old one.
 */
export function moveNumber(known: readonly VisitState[], update: VisitUpdate, log: IssueLog): Moved[] {
  const { retiredKeys, patientKey } = update;
  if (retiredKeys.length === 0) log.add('FIELD_MISSING', 'MRG-1');
  const moved = known.filter(({ keys }) => keys.some((key) => retiredKeys.includes(key)));
  if (retiredKeys.length > 0 && moved.length === 0) log.add('REFERENCE_UNRESOLVED', 'MRG-1', 'information');
  return moved.flatMap((state) => {
    const key = patientKey === undefined || retiredKeys.includes(patientKey) ? undefined : visitKeyUnder(patientKey, state, retiredKeys);
    return key === undefined ? [{ state: ofAnotherPerson(state, update), emptied: false }] : goneTo(key, known, state, update);
  });
}

/** The key of a visit under its new patient's number; `undefined` for one that was begun under none of the numbers that moved. */
function visitKeyUnder(patientKey: string, { keys }: VisitState, retiredKeys: readonly string[]): string | undefined {
  for (const retired of retiredKeys.map((key) => `v|${key}|`)) {
    const own = keys.find((key) => key.startsWith(retired));
    if (own !== undefined) return `v|${patientKey}|${own.slice(retired.length)}`;
  }
  return undefined;
}

function goneTo(key: string, known: readonly VisitState[], from: VisitState, update: VisitUpdate): Moved[] {
  const into = underKey(known, key);
  // A merge has brought it to that patient already.
  if (into === from) return [{ state: ofAnotherPerson(from, update), emptied: false }];
  const told = { ...update, visitNumber: from.visit.visitNumber ?? undefined };
  const taking = into ?? newVisit(key, { ...update, visitNumber: undefined });
  return [
    { state: taken(taking, from, told, true), emptied: false },
    { state: emptiedVisit(from), emptied: true },
  ];
}

function ofAnotherPerson(state: VisitState, update: VisitUpdate): VisitState {
  return {
    ...state,
    revision: state.revision + 1,
    keys: withKey(
      state.keys.filter((key) => !update.retiredKeys.includes(key)),
      update.patientKey,
    ),
    patient: patientOf({}, update),
    people: update.people,
  };
}

function renumbered(state: VisitState, update: VisitUpdate): VisitState {
  const { patientKey, visitKey, visitNumber } = update;
  return {
    ...state,
    revision: state.revision + 1,
    keys: withKey(withKey(state.keys, patientKey), visitKey),
    patient: patientOf(state.patient, update),
    visit: patched(state.visit, { visitNumber: visitNumber ?? null }),
  };
}

function taken(into: VisitState, from: VisitState, update: VisitUpdate, isOther: boolean): VisitState {
  // A visit that was cancelled holds nothing that is true of anybody.
  const facts = from.cancelled ? [] : from.facts.filter((fact) => !into.facts.some((own) => isSameFact(own, fact)));
  const placed = into.startDefaulted ? patched(into.visit, from.visit) : patched(from.visit, into.visit);
  const keys = isOther ? into.keys : from.keys.reduce(withKey, into.keys);
  const [mode, facility, event] = [into.mode ?? from.mode, into.facility ?? from.facility, into.event ?? from.event];
  return {
    ...into,
    revision: into.revision + 1,
    cancelled: from.cancelled && into.cancelled,
    keys: withKey(keys, update.patientKey),
    patient: patientOf(into.patient, update),
    people: { ...(isOther ? {} : from.people), ...into.people, ...update.people },
    visit: patched(placed, { visitNumber: update.visitNumber ?? null }),
    startDefaulted: into.startDefaulted && from.startDefaulted,
    facts: [...facts, ...into.facts],
    feeds: [...new Set([...from.feeds, ...into.feeds])],
    ...(mode === undefined ? {} : { mode }),
    ...(facility === undefined ? {} : { facility }),
    ...(event === undefined ? {} : { event }),
  };
}

function isSameFact(left: StoredFact, right: StoredFact): boolean {
  return left.list === right.list && left.key === right.key;
}

/** It is found under its own first key alone, so that a visit told anew under its number begins with nothing. */
function emptiedVisit(state: VisitState): VisitState {
  return { ...state, revision: state.revision + 1, cancelled: true, keys: state.keys.slice(0, 1), facts: [], people: {} };
}
