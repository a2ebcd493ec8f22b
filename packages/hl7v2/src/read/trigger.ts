import { type EventKind, table } from '@zhida/core';

/**
 * What a message does to the visits it is about. `person`: no visit of its own, the patient's data changed. `merge`: two numbers are one
 * patient. `move-number`: a patient number belongs to another person. `move-visit`: a visit or account goes into another one, or to another
 * patient.
 */
export type Effect = 'update' | 'cancel' | 'merge' | 'move-number' | 'move-visit' | 'person';

export interface Trigger {
  readonly effect: Effect;
  /** What happened, in the words of a snapshot; `undefined` where nothing did that somebody should be asked about. */
  readonly event?: EventKind;
  /** A discharge that did not happen after all: its time and disposition go. */
  readonly undoesDischarge?: boolean;
  /** What MRG names of a `move-visit`: visit numbers, or the account numbers some hospitals use in their place. */
  readonly names?: 'visit' | 'account';
}

/** It is about numbers, and so perhaps about a child's, whoever's data it carries. */
export function isAboutNumbers({ effect }: { readonly effect: Effect }): boolean {
  return effect === 'merge' || effect === 'move-number' || effect === 'move-visit';
}

const UPDATE: Trigger = { effect: 'update' };

const ADT = table<Trigger>({
  A01: { effect: 'update', event: 'triage' },
  A02: { effect: 'update', event: 'transfer' },
  A03: { effect: 'update', event: 'discharge' },
  A04: { effect: 'update', event: 'triage' },
  A05: UPDATE,
  A06: { effect: 'update', event: 'transfer' },
  A07: { effect: 'update', event: 'transfer' },
  A08: UPDATE,
  A11: { effect: 'cancel' },
  A12: UPDATE,
  A13: { effect: 'update', undoesDischarge: true },
  A18: { effect: 'merge' },
  A23: { effect: 'cancel' },
  A28: { effect: 'person' },
  A31: { effect: 'person' },
  A34: { effect: 'merge' },
  A36: { effect: 'merge' },
  A38: { effect: 'cancel' },
  A40: { effect: 'merge' },
  A41: { effect: 'move-visit', names: 'account' },
  A42: { effect: 'move-visit', names: 'visit' },
  A43: { effect: 'move-number' },
  A44: { effect: 'move-visit', names: 'account' },
  A45: { effect: 'move-visit', names: 'visit' },
  A46: { effect: 'merge' },
  A47: { effect: 'merge' },
});
/** Billing accounts, which tell diagnoses and procedures: P12 is nothing else. */
const BAR = table<Trigger>({ P01: UPDATE, P05: UPDATE, P10: UPDATE, P11: UPDATE, P12: UPDATE });
/** Referrals, but for one taken back (I15). */
const REF = table<Trigger>({ I12: UPDATE, I13: UPDATE, I14: UPDATE });
/** Message types whose trigger events differ. */
const BY_EVENT: ReadonlyMap<string, ReadonlyMap<string, Trigger>> = new Map([
  ['ADT', ADT],
  ['BAR', BAR],
  ['REF', REF],
]);

const RESULT: Trigger = { effect: 'update', event: 'result' };
const DOCUMENT: Trigger = { effect: 'update', event: 'diagnosis' };
const ORDER: Trigger = { effect: 'update', event: 'order' };

/** Message types of which every trigger event says the same. */
const BY_TYPE = table<Trigger>({
  ORU: RESULT,
  OUL: RESULT,
  MDM: DOCUMENT,
  ORM: ORDER,
  OML: ORDER,
  OMG: ORDER,
  OMI: ORDER,
  OMP: ORDER,
  RDE: ORDER,
  DFT: UPDATE,
});

/** `undefined` for a message that changes nothing a snapshot has: schedules, bed states, queries, acknowledgements, unlinking. */
export function triggerOf(type: string, event: string): Trigger | undefined {
  return BY_EVENT.get(type)?.get(event) ?? BY_TYPE.get(type);
}
