import type { EncounterSnapshot } from '@zhida/core';

/** Parts of a visit that rules look at; a feed that does not carry one keeps the rules about it silent. */
export const PARTS = [
  'period',
  'birthDate',
  'department',
  'notes',
  'conditions',
  'observations',
  'procedures',
  'orders',
  'medications',
  'companion',
  'disposition',
  'history',
] as const;
export type Part = (typeof PARTS)[number];

/** True where the visit says anything of this part. "Nobody came along" is something said. */
export function isThere(snapshot: EncounterSnapshot, part: Part): boolean {
  if (part === 'birthDate') return snapshot.patient?.birthDate !== undefined;
  if (part === 'period') return snapshot.period?.start !== undefined;
  const value = snapshot[part];
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

/** Parts of which a feed says by itself whether it can carry them (`feedsPresent`); of the rest only what stands in the visits tells. */
const DECLARED: readonly Part[] = ['notes', 'conditions', 'observations', 'procedures', 'orders', 'medications', 'companion'];

/** True where the feed says that it cannot carry this part, so that its absence says nothing of the patient. */
export function isNotCarried({ feedsPresent }: EncounterSnapshot, part: Part): boolean {
  return feedsPresent !== undefined && DECLARED.includes(part) && !feedsPresent.includes(part);
}
