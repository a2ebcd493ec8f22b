import { type EncounterSnapshot, type PastEncounter, readSnapshot, compact } from '@zhida/core';
import { type IssueLog, createIssueLog } from '../issue-log.js';
import { HL7_LIMITS } from '../limits.js';
import type { FactList, FactValue } from '../read/update.js';
import { instantOf } from './find-visit.js';
import type { VisitState } from './visit-state.js';

const LISTS: readonly FactList[] = ['notes', 'conditions', 'observations', 'procedures', 'orders', 'medications'];

/**
 * The snapshot of a visit as its messages have told it, with the patient's earlier visits among `others` as its history.
 * A cancelled visit keeps its head and has no facts: what it held speaks of nobody.
 */
export function snapshotOf(state: VisitState, others: readonly VisitState[], log: IssueLog = createIssueLog()): EncounterSnapshot {
  const { snapshot, issues } = readSnapshot(Object.assign(headOf(state), state.cancelled ? {} : bodyOf(state, others)));
  for (const { code, severity, at } of issues) log.add(code, at, severity);
  return snapshot ?? { schemaVersion: '1', id: state.id };
}

function headOf({ id, revision, mode, facility, patient, visit, event }: VisitState): EncounterSnapshot {
  const { start, end } = visit;
  return compact<EncounterSnapshot>({
    schemaVersion: '1',
    id,
    revision,
    mode,
    facility,
    event,
    period: start === undefined && end === undefined ? undefined : compact({ start, end }),
    patient,
    department: visit.department,
    visitNumber: visit.visitNumber,
    location: visit.location,
    class: visit.class,
    arrival: visit.arrival,
    disposition: visit.disposition,
  });
}

function bodyOf(state: VisitState, others: readonly VisitState[]): object {
  const lists = factsByList(state);
  const history = historyOf(state, others);
  return { feedsPresent: state.feeds, ...(history.length === 0 ? {} : { history }), ...state.people, ...lists };
}

function factsByList({ facts }: VisitState): Partial<Record<FactList, FactValue[]>> {
  const lists: Partial<Record<FactList, FactValue[]>> = {};
  for (const { list, value } of facts) (lists[list] ??= []).push(value);
  // In the order of the contract, so that equal visits have equal bytes.
  return Object.fromEntries(LISTS.flatMap((list) => (lists[list] === undefined ? [] : [[list, lists[list]]])));
}

/** The patient's earlier visits, newest last: when, of what kind, which conditions and procedures. */
function historyOf(state: VisitState, others: readonly VisitState[]): PastEncounter[] {
  const earlier = others.filter((other) => other.keys[0] !== state.keys[0] && !other.cancelled);
  const start = earlier.length === 0 ? undefined : instantOf(state.visit.start);
  if (start === undefined) return [];
  const keys = new Set(state.keys.filter((key) => key.startsWith('p|')));
  return earlier
    .flatMap((other) => {
      const began = instantOf(other.visit.start);
      return began !== undefined && began < start && other.keys.some((key) => keys.has(key)) ? [{ began, past: pastOf(other) }] : [];
    })
    .toSorted((left, right) => left.began - right.began)
    .slice(-HL7_LIMITS.history)
    .map(({ past }) => past);
}

function pastOf(state: VisitState): PastEncounter {
  const { conditions, procedures } = factsByList(state);
  const { start, class: visitClass } = state.visit;
  return compact<PastEncounter>({
    id: state.id,
    start,
    class: visitClass,
    facility: state.facility,
    conditions: conditions as PastEncounter['conditions'],
    procedures: procedures as PastEncounter['procedures'],
  });
}
