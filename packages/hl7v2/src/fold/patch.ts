import type { Identifier } from '@zhida/core';
import type { Patch } from '../read/patient.js';

/** Puts a patch over what is known: `null` deletes, a missing field leaves. */
export function patched<T extends object>(known: T, patch: Patch<T>): T {
  const result = { ...known } as Record<string, unknown>;
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = value;
  }
  return result as T;
}

/** A number of a system takes the place of the one before; systems a message does not name keep theirs. */
export function joinedIdentifiers(known: readonly Identifier[], told: readonly Identifier[]): readonly Identifier[] {
  const systems = new Set(told.map(({ system }) => system));
  return [...told, ...known.filter(({ system }) => !systems.has(system))];
}
