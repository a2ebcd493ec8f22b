import { createHash } from 'node:crypto';
import { type Clock, type EncounterSnapshot, formatPartialDate, localDate, parseInstant, zoneOffsetMs } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import type { Level } from '@zhida/packs';
import { startOf } from '../scan/encounters.js';

/** Ages by which a back-test counts, in completed years: the law's own bounds are 14 and 18. */
export const AGE_BANDS = ['0', '1-2', '3-5', '6-11', '12-13', '14-17', 'unknown'] as const;
export type AgeBand = (typeof AGE_BANDS)[number];
const BAND_BEGINS = [0, 1, 3, 6, 12, 14];

/** What a back-test counts a visit under. Nothing in it tells who the patient is. */
export interface Under {
  /** As the feed writes it; empty where it writes none. */
  readonly department: string;
  readonly class: string;
  readonly band: AgeBand;
  /** The hour in which three hours of the day begin, 0 to 21, in the facility's zone; undefined where the feed gives no time. */
  readonly hour: number | undefined;
  /** `2026-10-03` */
  readonly day: string | undefined;
}

/** A reason of one visit, without the words that are its evidence. */
export interface MarkReason {
  readonly ruleId: string;
  readonly level: Level;
  readonly silent: boolean;
  /** Somebody is interrupted for it, as the gateway decides. */
  readonly prompts: boolean;
  readonly statutory: boolean;
  readonly situation: number;
}

/** What is kept of a visit that shows a reason. */
export interface MarkedVisit {
  /** Where it stands in the input: number of the file and of the line in it. */
  readonly ref: string;
  readonly visit: number;
  readonly reasons: readonly MarkReason[];
  readonly under: Under;
  readonly ageUnknown: boolean;
}

const NAME_LENGTH_MAX = 60;

/** Where a visit is counted. */
export function underOf({ department, class: visitClass, period }: EncounterSnapshot, { age, minor }: Assessment): Under {
  const instant = period?.start === undefined ? undefined : parseInstant(period.start);
  return {
    department: (department?.name ?? department?.code ?? '').trim().slice(0, NAME_LENGTH_MAX),
    class: visitClass ?? '',
    band: bandOf(minor === 'unknown' ? undefined : age?.years),
    hour: instant === undefined ? undefined : bandHourOf(instant),
    day: instant === undefined ? undefined : formatPartialDate(localDate(instant)),
  };
}

function bandOf(years: number | undefined): AgeBand {
  if (years === undefined) return 'unknown';
  return AGE_BANDS[BAND_BEGINS.filter((begin) => years >= begin).length - 1] ?? 'unknown';
}

/** Three hours together: of one alone most counts would have to be withheld. */
export const HOURS_TOGETHER = 3;

function bandHourOf(instant: number): number {
  const hour = new Date(instant + zoneOffsetMs(instant)).getUTCHours();
  return hour - (hour % HOURS_TOGETHER);
}

/** Begin and end of a visit, as the gateway reckons them: one without a time is now. */
export function spanOf(snapshot: EncounterSnapshot, clock: Clock): { readonly start: number; readonly end: number } {
  const { period } = snapshot;
  const start = startOf(snapshot, clock);
  const end = (period?.end === undefined ? undefined : parseInstant(period.end)) ?? start;
  return { start, end: Math.max(start, end) };
}

/** A visit and its patient as numbers that are held while a back-test runs and written nowhere. */
export function keysOf({ id, facility, patient }: EncounterSnapshot): { readonly visit: number; readonly patient: number } {
  const visit = numberOf('visit', facility?.code, id);
  // A visit without a patient id stands for itself alone, as in the gateway.
  return { visit, patient: patient?.id === undefined ? visit : numberOf('patient', facility?.code, patient.id) };
}

/** 53 bits: among a million visits two are taken for one with a chance of one in 18 000. */
function numberOf(...parts: readonly (string | undefined)[]): number {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest();
  return digest.readUIntBE(0, 6) * 32 + (digest.readUInt8(6) >> 3);
}
