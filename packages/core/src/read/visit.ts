import { ARRIVALS, DISPOSITIONS, ENCOUNTER_CLASSES, EVENT_KINDS, MODES } from '../codes.js';
import type { EncounterSnapshot, Facility, PastEncounter, SnapshotEvent } from '../snapshot.js';
import { conditions, medications, notes, observations, orders, procedures } from './facts.js';
import { type FieldReaders, objectOf } from './object.js';
import { mother, patient, person } from './patient.js';
import { SNAPSHOT_LIMITS } from './reading.js';
import { count, listOf, longText, nullable, oneOf, text, time } from './values.js';

/** What a visit of today and one of the past have in common. */
const visitFields: FieldReaders<Omit<EncounterSnapshot, 'id' | 'history'>> = {
  schemaVersion: oneOf(['1']),
  revision: count,
  mode: oneOf(MODES),
  facility: objectOf<Facility>({ code: text, name: text, regionCode: text }),
  department: objectOf<NonNullable<EncounterSnapshot['department']>>({ code: text, name: text }),
  visitNumber: text,
  location: text,
  event: objectOf<SnapshotEvent>({ kind: oneOf(EVENT_KINDS), at: time, staffId: text, role: text }, ['kind']),
  class: oneOf(ENCOUNTER_CLASSES),
  period: objectOf<NonNullable<EncounterSnapshot['period']>>({ start: time, end: time }),
  arrival: oneOf(ARRIVALS),
  patient,
  companion: nullable(person),
  guardians: listOf(person),
  mother,
  notes,
  conditions,
  observations,
  procedures,
  orders,
  medications,
  disposition: oneOf(DISPOSITIONS),
  feedsPresent: listOf(text),
};

const pastEncounter = objectOf<PastEncounter>({
  ...visitFields,
  id: text,
  start: time,
  summary: longText,
  reportId: nullable(text),
});

/** The whole snapshot. */
export const encounter = objectOf<EncounterSnapshot>(
  { ...visitFields, id: text, history: listOf(pastEncounter, { limit: SNAPSHOT_LIMITS.historyLength, keep: 'last', instead: {} }) },
  ['id'],
);
