import type { EncounterSnapshot, PastEncounter } from './snapshot.js';

/** What a later visit of the same patient carries of this one: when, of what kind, which conditions and procedures. */
export function pastEncounterOf({ id, period, class: visitClass, facility, conditions, procedures }: EncounterSnapshot): PastEncounter {
  return {
    id,
    ...(period?.start === undefined ? {} : { start: period.start }),
    ...(visitClass === undefined ? {} : { class: visitClass }),
    ...(facility === undefined ? {} : { facility }),
    ...(conditions === undefined ? {} : { conditions }),
    ...(procedures === undefined ? {} : { procedures }),
  };
}
