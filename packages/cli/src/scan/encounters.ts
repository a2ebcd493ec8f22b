import { type Clock, type EncounterSnapshot, fingerprint, parseInstant } from '@zhida/core';
import type { Assessment, Detector } from '@zhida/detect';
import type { ReadEncounter, ReadRecord } from './reading.js';

/** What one record gave: assessments in order, or why there is none. */
export interface Scanned extends Omit<ReadRecord, 'encounters'> {
  readonly encounters: readonly ScannedEncounter[];
}

export interface ScannedEncounter {
  readonly snapshot: EncounterSnapshot;
  /** The time it was judged as of, in milliseconds since 1970. */
  readonly now: number;
  /** With the fingerprint of the snapshot as it was read. */
  readonly assessment: Assessment & { readonly inputSha256: string };
}

export interface AssessContext {
  readonly detector: Detector;
  readonly clock: Clock;
}

/** Assesses what one record gave, each encounter as of its start. */
export async function assessRecord(record: ReadRecord, context: AssessContext): Promise<Scanned> {
  const encounters: ScannedEncounter[] = [];
  for (const encounter of record.encounters) encounters.push(await assessOne(encounter, context));
  return { ...record, encounters };
}

/** The time an encounter is judged as of: when it began, or now where it does not say. */
export function startOf({ period }: EncounterSnapshot, clock: Clock): number {
  return (period?.start === undefined ? undefined : parseInstant(period.start)) ?? clock.now();
}

async function assessOne({ snapshot, input }: ReadEncounter, { detector, clock }: AssessContext): Promise<ScannedEncounter> {
  const now = startOf(snapshot, clock);
  return { snapshot, now, assessment: { ...detector.assess(input, { now }), inputSha256: await fingerprint(snapshot) } };
}
