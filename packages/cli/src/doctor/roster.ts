import { type Clock, zoneOffsetMs } from '@zhida/core';
import type { OpenDatabase } from '@zhida/database';
import { keepsRoster, type RelaySchema, rosterGaps } from '@zhida/relay';
import type { RelaySection } from '../serve/configuration-schema.js';
import { type CheckLine, look, right, wrong } from './check.js';

/** Who is on duty in the next 72 hours, for each reporting facility. A hospital that keeps no roster here has its fixed number. */
export async function rosterLines(section: RelaySection, database: OpenDatabase<unknown>, clock: Clock): Promise<CheckLine[]> {
  const { db } = database as OpenDatabase<RelaySchema>;
  const lines: CheckLine[] = [];
  for (const facility of section.facilities) {
    const hasFixed = section.escalation?.fallbackContact !== undefined;
    if (!(await keepsRoster(facility, { db }))) {
      lines.push(hasFixed ? look('rosterNone', 'roster', { facility }) : wrong('rosterNobody', 'rosterNobody', { facility }));
      continue;
    }
    const [gap] = await rosterGaps(facility, { db, clock });
    if (gap === undefined) lines.push(right('roster', { facility }));
    else lines.push(wrong('rosterGap', 'roster', { facility, from: wallClock(gap.fromMs) }));
  }
  return lines;
}

/** `2026-11-28 20:00` where the hospital is. */
function wallClock(instantMs: number): string {
  return new Date(instantMs + zoneOffsetMs(instantMs)).toISOString().slice(0, 16).replace('T', ' ');
}
