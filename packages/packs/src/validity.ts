import { localDate } from '@zhida/core';

/** The days a pack is meant for. */
export interface PackDates {
  /** First day, `YYYY-MM-DD`. */
  readonly effectiveFrom: string;
  /** Last day, itself included; a pack without one is meant for good. */
  readonly effectiveTo?: string;
}

export type PackValidity = 'in-force' | 'not-yet' | 'over';

const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;

/**
 * Whether today is one of the days a pack is meant for, counted in China. Nothing may stop detecting because of it: a child is no less
 * harmed the day after a pack ends. Whoever runs a service is told.
 *
 * @param now milliseconds since 1970
 */
export function packValidity({ effectiveFrom, effectiveTo }: PackDates, now: number): PackValidity {
  const { year, month, day } = localDate(now);
  const today = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  if (today < effectiveFrom) return 'not-yet';
  return effectiveTo !== undefined && today > effectiveTo ? 'over' : 'in-force';
}

/** The member that names no day, or an end before its beginning; `undefined` where both are right. */
export function wrongDate({ effectiveFrom, effectiveTo }: Partial<Record<keyof PackDates, unknown>>): keyof PackDates | undefined {
  if (typeof effectiveFrom !== 'string' || !DAY.test(effectiveFrom)) return 'effectiveFrom';
  if (effectiveTo === undefined) return undefined;
  return typeof effectiveTo !== 'string' || !DAY.test(effectiveTo) || effectiveTo < effectiveFrom ? 'effectiveTo' : undefined;
}
