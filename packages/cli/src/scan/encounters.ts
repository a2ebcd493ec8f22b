import { type Clock, type EncounterSnapshot, type Issue, fingerprint, parseInstant, readSnapshot } from '@zhida/core';
import type { Assessment, Detector } from '@zhida/detect';
import { snapshotsFromBundle } from '@zhida/fhir';
import type { InputRecord } from './records.js';

export const SCAN_FORMATS = ['encounter', 'fhir'] as const;
export type ScanFormat = (typeof SCAN_FORMATS)[number];

/** What one record gave: assessments in order, or why there is none. */
export interface Scanned {
  readonly place: string;
  readonly encounters: readonly ScannedEncounter[];
  /** What of a bundle could not be used; issues of a snapshot are inside its assessment. */
  readonly issues: readonly Issue[];
  readonly unreadable: { readonly code: string; readonly why: string } | undefined;
}

export interface ScannedEncounter {
  readonly snapshot: EncounterSnapshot;
  /** With the fingerprint of the snapshot as it was read. */
  readonly assessment: Assessment & { readonly inputSha256: string };
}

export interface ScanContext {
  readonly detector: Detector;
  readonly format: ScanFormat;
  /** Path of the member that holds the encounter or bundle, for records that wrap it. */
  readonly field: string | undefined;
  readonly clock: Clock;
}

/** Assesses one record. Never throws on what the record holds. */
export async function scanRecord(record: InputRecord, context: ScanContext): Promise<Scanned> {
  const { place } = record;
  if ('unreadable' in record) return { place, encounters: [], issues: [], unreadable: record.unreadable };
  const value = context.field === undefined ? record.value : memberAt(record.value, context.field);
  if (value === undefined) return refused(place, `no member "${context.field}"`);
  return context.format === 'fhir' ? scanBundle(place, value, context) : scanSnapshot(place, value, context);
}

async function scanSnapshot(place: string, value: unknown, context: ScanContext): Promise<Scanned> {
  const { snapshot } = readSnapshot(value);
  if (snapshot !== undefined) {
    // The detector reads the value as given, so that what could not be read stands among the issues of the assessment.
    return { place, encounters: [await assessOne(snapshot, value, context)], issues: [], unreadable: undefined };
  }
  const isFhir = memberAt(value, 'resourceType') !== undefined;
  return refused(place, isFhir ? 'this is FHIR; say --format fhir' : 'not an object with an id');
}

async function scanBundle(place: string, value: unknown, context: ScanContext): Promise<Scanned> {
  const { snapshots, issues } = snapshotsFromBundle(value);
  const encounters: ScannedEncounter[] = [];
  for (const snapshot of snapshots) encounters.push(await assessOne(snapshot, snapshot, context));
  const broken = issues.find(({ code }) => code === 'RESOURCE_UNREADABLE');
  const why = broken?.at === '' ? 'not a FHIR Bundle' : `${broken?.at} is not a resource`;
  return { place, encounters, issues, unreadable: broken === undefined ? undefined : { code: 'ZD_ERR_INPUT_UNREADABLE', why } };
}

async function assessOne(snapshot: EncounterSnapshot, input: unknown, { detector, clock }: ScanContext): Promise<ScannedEncounter> {
  const start = snapshot.period?.start;
  const now = (start === undefined ? undefined : parseInstant(start)) ?? clock.now();
  return { snapshot, assessment: { ...detector.assess(input, { now }), inputSha256: await fingerprint(snapshot) } };
}

function refused(place: string, why: string): Scanned {
  return { place, encounters: [], issues: [], unreadable: { code: 'ZD_ERR_INPUT_UNREADABLE', why } };
}

function memberAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, key) => {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    return (found as Record<string, unknown>)[key];
  }, value);
}
