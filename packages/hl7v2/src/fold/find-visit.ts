import { parseInstant } from '@zhida/core';
import type { VisitUpdate } from '../read/update.js';
import type { VisitState } from './visit-state.js';

const MS_PER_DAY = 86_400_000;
/** A result comes back within days; one that comes later without a visit number is a visit of its own. */
const ATTACH_DAYS_MAX = 30;

/** Where an update belongs: a known visit, or the key a new one is to have. */
export type VisitPlace = { readonly known: VisitState } | { readonly known: undefined; readonly key: string };

/**
 * Finds the visit of an update that has one.
 *
 * By visit number together with the patient; else the patient's visit with the very start PV1-44 names; else, without a
 * start, the patient's latest visit that had begun and was not over for 30 days (an inpatient stay without an end counts
 * however long it lasts). Where none fits, a new visit begins, keyed by patient and start, or patient and day.
 */
export function findVisit(known: readonly VisitState[], update: VisitUpdate): VisitPlace {
  if (update.visitKey !== undefined) return placeFor(known, update.visitKey);
  const own = known.filter((state) => update.patientKey !== undefined && state.keys.includes(update.patientKey));
  const start = instantOf(update.visit.start ?? undefined);
  if (start !== undefined) {
    const same = own.find((state) => !state.startDefaulted && instantOf(state.visit.start) === start);
    return same === undefined
      ? placeFor(known, `v|${update.patientKey ?? ''}|@${new Date(start).toISOString().replace(/[-:]|\.000/g, '')}`)
      : { known: same };
  }
  const moment = instantOf(update.occurredAt);
  const open = moment === undefined ? own.at(-1) : latestOpen(own, moment);
  if (open !== undefined) return { known: open };
  return placeFor(known, `v|${update.patientKey ?? ''}|#${update.occurredAt?.slice(0, 10) ?? ''}`);
}

function placeFor(known: readonly VisitState[], key: string): VisitPlace {
  const found = underKey(known, key);
  return found === undefined ? { known: undefined, key } : { known: found };
}

/** Where a merge brought two visits under one number, the one folded last goes on, and before one that was cancelled or went into another. */
export function underKey(known: readonly VisitState[], key: string): VisitState | undefined {
  return known.findLast((state) => state.keys.includes(key) && !state.cancelled) ?? known.findLast((state) => state.keys.includes(key));
}

function latestOpen(own: readonly VisitState[], moment: number): VisitState | undefined {
  const open = own.filter((state) => {
    const [start, end] = [instantOf(state.visit.start), instantOf(state.visit.end)];
    // The clocks of two systems differ, and a visit may begin with its first result.
    if (start === undefined || start > moment + MS_PER_DAY) return false;
    if (end === undefined && state.visit.class === 'inpatient') return true;
    return moment <= (end ?? start) + ATTACH_DAYS_MAX * MS_PER_DAY;
  });
  return open.reduce<VisitState | undefined>(
    (latest, state) => (latest === undefined || startOf(state) >= startOf(latest) ? state : latest),
    undefined,
  );
}

function startOf(state: VisitState): number {
  return instantOf(state.visit.start) ?? -Infinity;
}

export function instantOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : parseInstant(time);
}
