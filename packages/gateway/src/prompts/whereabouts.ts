import { type EncounterSnapshot, parseInstant } from '@zhida/core';
import type { Whereabouts } from '@zhida/report';
import type { GatewayContext } from '../context.js';
import type { Gone, WhereaboutsStatus } from '../schema.js';

const HOUR_MS = 3_600_000;
/** A visit without an end is taken to go on for this long; a late result must not send officers to an empty bed. */
const STILL_HERE_MS = 12 * HOUR_MS;
const GONE_BY: Readonly<Partial<Record<NonNullable<EncounterSnapshot['disposition']>, Gone>>> = {
  home: 'left',
  'against-advice': 'left',
  'left-before-treatment': 'left',
  transferred: 'transferred',
  died: 'deceased',
};

/** Where the child is as far as the visit tells; what it does not tell is `unknown`, and the clinician is asked. */
export function whereaboutsOf(
  { facility, clock }: Pick<GatewayContext, 'facility' | 'clock'>,
  snapshot: EncounterSnapshot,
): Whereabouts & { readonly status: WhereaboutsStatus } {
  const status = statusOf(snapshot, clock.now());
  if (status !== 'in-facility') return { status };
  return { status, place: [facility.name, snapshot.location].filter((part) => part !== undefined && part !== '').join(' ') };
}

/** How the child has left; null while here, and where nobody knows. */
export function goneAs(status: WhereaboutsStatus | null): Gone | null {
  return status === 'in-facility' || status === 'unknown' ? null : status;
}

function statusOf(snapshot: EncounterSnapshot, now: number): WhereaboutsStatus {
  const { patient, disposition, period } = snapshot;
  if ((patient?.deceasedAt ?? '') !== '') return 'deceased';
  const gone = disposition === undefined ? undefined : GONE_BY[disposition];
  if (gone !== undefined) return gone;
  if ((instantOf(period?.end) ?? Number.POSITIVE_INFINITY) <= now) return disposition === 'admitted' ? 'in-facility' : 'left';
  if (stays(snapshot)) return 'in-facility';
  return now - (instantOf(period?.start) ?? now) > STILL_HERE_MS ? 'unknown' : 'in-facility';
}

function stays({ disposition, class: visitClass }: EncounterSnapshot): boolean {
  return disposition === 'admitted' || visitClass === 'inpatient' || visitClass === 'birth';
}

function instantOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseInstant(text);
}
