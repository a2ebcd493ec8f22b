import { CERTAINTIES, CONDITION_ROLES, FACT_STATUSES, NOTE_SECTIONS } from '../codes.js';
import type {
  SnapshotCondition,
  SnapshotMedication,
  SnapshotNote,
  SnapshotObservation,
  SnapshotOrder,
  SnapshotProcedure,
} from '../snapshot.js';
import { objectOf } from './object.js';
import { type Reader, report } from './reading.js';
import { listOf, longText, nullable, observedValue, oneOf, text, time } from './values.js';

const status = oneOf(FACT_STATUSES);

const writtenNote = objectOf<SnapshotNote>({ section: oneOf(NOTE_SECTIONS, 'other'), text: longText, at: time, author: text }, ['text']);

/** A note under no heading, or one nobody knows, is still a note: it goes under `other`. */
const note: Reader<SnapshotNote> = (value, reading) => {
  const read = writtenNote(value, reading);
  if (read === undefined || 'section' in read) return read;
  report(reading, 'FIELD_MISSING');
  return { ...(read as SnapshotNote), section: 'other' };
};

const condition = objectOf<SnapshotCondition>({
  code: text,
  system: text,
  text,
  role: oneOf(CONDITION_ROLES),
  certainty: oneOf(CERTAINTIES),
  status,
});

const observation = objectOf<SnapshotObservation>({
  code: text,
  system: text,
  name: text,
  value: nullable(observedValue),
  unit: nullable(text),
  interpretation: text,
  specimen: text,
  performer: text,
  status,
  at: time,
});

const procedure = objectOf<SnapshotProcedure>({
  code: text,
  system: text,
  text,
  at: time,
  consentBy: objectOf<NonNullable<SnapshotProcedure['consentBy']>>({ relationship: text }),
  status,
});

const order = objectOf<SnapshotOrder>({ code: text, text, status: text, at: time });

const medication = objectOf<SnapshotMedication>({ text, code: text, status: text });

export const notes = listOf<SnapshotNote>(note, { instead: { section: 'other', text: '' } });
export const conditions = listOf<SnapshotCondition>(condition, { instead: {} });
export const observations = listOf<SnapshotObservation>(observation, { instead: {} });
export const procedures = listOf<SnapshotProcedure>(procedure, { instead: {} });
export const orders = listOf<SnapshotOrder>(order, { instead: {} });
export const medications = listOf<SnapshotMedication>(medication, { instead: {} });
