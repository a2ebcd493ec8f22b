import {
  type CalendarDate,
  type PartialDate,
  completedYears,
  earliestBirth,
  isCompleteDate,
  latestBirth,
  localDate,
  parseInstant,
  parsePartialDate,
  parseStatedAge,
} from '@zhida/core';
import type { AgeBand, Report } from './report.js';

const BANDS: readonly { readonly upTo: number; readonly band: AgeBand }[] = [
  { upTo: 0, band: '<1' },
  { upTo: 3, band: '1-3' },
  { upTo: 6, band: '4-6' },
  { upTo: 13, band: '7-13' },
  { upTo: 15, band: '14-15' },
  { upTo: 17, band: '16-17' },
];

/** The band of an age in completed years (周岁); `undefined` from 18 on. */
export function ageBand(years: number): AgeBand | undefined {
  return BANDS.find(({ upTo }) => years <= upTo)?.band;
}

/**
 * The child's age in 周岁 on the day of the report: from the birth date, else from the age that was stated; `undefined` when
 * neither can be read or a partial birth date leaves the year open.
 */
export function ageInYears(report: Report): number | undefined {
  const patient = report.patient ?? {};
  const birth = patient.birthDate === undefined ? undefined : parsePartialDate(patient.birthDate);
  const on = dayOf(report.createdAt);
  const years = birth === undefined || on === undefined ? undefined : yearsOn(birth, on);
  return years ?? (patient.statedAge === undefined ? undefined : parseStatedAge(patient.statedAge)?.years);
}

/** The band written in the report, else the one that follows from birth date or stated age. */
export function ageBandOf(report: Report): AgeBand | undefined {
  const given = report.patient?.ageBand;
  if (given !== undefined) return given;
  const years = ageInYears(report);
  return years === undefined ? undefined : ageBand(years);
}

/** The calendar day of a written time in a zone (default Asia/Shanghai); `undefined` when it is no time. */
export function dayOf(text: string, zone?: string): CalendarDate | undefined {
  const instant = parseInstant(text, zone);
  return instant === undefined ? undefined : localDate(instant, zone);
}

function yearsOn(birth: PartialDate, on: CalendarDate): number | undefined {
  if (isCompleteDate(birth)) return completedYears(birth, on);
  const youngest = completedYears(latestBirth(birth), on);
  return youngest === completedYears(earliestBirth(birth), on) ? youngest : undefined;
}
