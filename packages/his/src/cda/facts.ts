import type {
  ConditionRole,
  Disposition,
  EncounterSnapshot,
  FactStatus,
  IssueLog,
  NoteSection,
  SnapshotCondition,
  SnapshotMedication,
  SnapshotNote,
  SnapshotObservation,
  SnapshotOrder,
  SnapshotProcedure,
} from '@zhida/core';
import { STATUSES } from './codes.js';
import { type XmlElement, attribute, child, placeOf } from './element.js';

/** What a document says happened, in its order. */
export interface Facts {
  readonly notes: SnapshotNote[];
  readonly conditions: SnapshotCondition[];
  readonly observations: SnapshotObservation[];
  readonly procedures: SnapshotProcedure[];
  readonly orders: SnapshotOrder[];
  readonly medications: SnapshotMedication[];
  disposition?: Disposition;
}

export const FACT_LISTS = [
  'notes',
  'conditions',
  'observations',
  'procedures',
  'orders',
  'medications',
] as const satisfies readonly (keyof Facts & keyof EncounterSnapshot)[];

/** The section entries stand in, and where what they say goes. */
export interface SectionContext {
  readonly log: IssueLog;
  readonly zone: string;
  readonly section: NoteSection;
  /** When and by whom it was written. */
  readonly at: string | undefined;
  readonly author: string | undefined;
  /** What the section says of its diagnoses. */
  readonly role: ConditionRole | undefined;
  readonly facts: Facts;
  readonly diagnoses: Diagnosis[];
}

/** A code or a name of a diagnosis: WS/T 500 sends them apart. */
export interface Diagnosis extends SnapshotCondition {
  /** Its organizer; halves of two diagnoses must not become one. */
  readonly group: XmlElement | undefined;
}

export function noFacts(): Facts {
  return { notes: [], conditions: [], observations: [], procedures: [], orders: [], medications: [] };
}

export function addNote({ facts, section, at, author }: SectionContext, text: string | undefined, more: Partial<SnapshotNote> = {}): void {
  if (text === undefined) return;
  facts.notes.push({ section, text, ...(at === undefined ? {} : { at }), ...(author === undefined ? {} : { author }), ...more });
}

/** An act that is said not to have been. */
export function isNegated(act: XmlElement): boolean {
  return attribute(act, 'negationInd') === 'true' || attribute(act, 'actionNegationInd') === 'true';
}

/** About a mother, a brother, whoever is not the patient. */
export function isOfAnother(act: XmlElement): boolean {
  return child(act, 'subject', 'relatedSubject') !== undefined;
}

export function statusOf(act: XmlElement): FactStatus | undefined {
  return STATUSES.get(attribute(child(act, 'statusCode'), 'code') ?? '');
}

export function isWithdrawn(act: XmlElement): boolean {
  return statusOf(act) === 'entered-in-error';
}

/** Says that an act was passed over, and at which of its parts it was seen why. */
export function passOver({ log }: SectionContext, act: XmlElement, part?: string): void {
  log.add('VALUE_UNREAD', part === undefined ? placeOf(act) : `${placeOf(act)}/${part}`, 'information');
}
