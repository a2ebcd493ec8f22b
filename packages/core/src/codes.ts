/** The closed code lists of an EncounterSnapshot: each type is read off its list, so the reader and the type cannot drift apart. */

/** A service's mode; `training` never leaves the gateway, `exercise` runs over production lines in its window (design: INV-16). */
export const MODES = ['production', 'training', 'exercise', 'test'] as const;
export type Mode = (typeof MODES)[number];

export const TRI_STATES = ['yes', 'no', 'unknown'] as const;
export type TriState = (typeof TRI_STATES)[number];

export const SEXES = ['male', 'female', 'other', 'unknown'] as const;
export type Sex = (typeof SEXES)[number];

export const ENCOUNTER_CLASSES = ['outpatient', 'emergency', 'inpatient', 'checkup', 'birth', 'virtual', 'other'] as const;
export type EncounterClass = (typeof ENCOUNTER_CLASSES)[number];

export const ARRIVALS = ['self', 'ambulance', 'police', 'referral', 'unknown'] as const;
export type Arrival = (typeof ARRIVALS)[number];

export const DISPOSITIONS = ['home', 'admitted', 'transferred', 'against-advice', 'left-before-treatment', 'died', 'other'] as const;
export type Disposition = (typeof DISPOSITIONS)[number];

/** Headings of WS/T 445. */
export const NOTE_SECTIONS = [
  'chief-complaint',
  'present-illness',
  'past-history',
  'family-history',
  'physical-exam',
  'nursing',
  'imaging',
  'laboratory',
  'procedure',
  'assessment',
  'plan',
  'social',
  'discharge',
  'other',
] as const;
export type NoteSection = (typeof NOTE_SECTIONS)[number];

export const FACT_STATUSES = ['final', 'preliminary', 'corrected', 'entered-in-error'] as const;
export type FactStatus = (typeof FACT_STATUSES)[number];

export const CONDITION_ROLES = ['main', 'other', 'external-cause', 'admission', 'history'] as const;
export type ConditionRole = (typeof CONDITION_ROLES)[number];

export const CERTAINTIES = ['confirmed', 'suspected', 'ruled-out'] as const;
export type Certainty = (typeof CERTAINTIES)[number];

export const EVENT_KINDS = ['diagnosis', 'order', 'result', 'triage', 'discharge', 'transfer', 'death'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];
