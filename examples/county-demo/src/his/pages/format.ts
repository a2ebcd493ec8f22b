import { completedDays, completedMonths, completedYears, isCompleteDate, localDate, parsePartialDate } from '@zhida/core';
import type { Chart } from '../chart.js';
import { texts } from '../locales/zh-cn.js';

const TODDLER_MONTHS = 24;

/** 周岁, in months below two years and in days below one month. */
export function ageText({ patient }: Pick<Chart, 'patient'>, nowMs: number): string {
  const birth = parsePartialDate(patient.birthDate);
  if (birth === undefined || !isCompleteDate(birth)) return '';
  const today = localDate(nowMs);
  const months = completedMonths(birth, today);
  if (months >= TODDLER_MONTHS) return texts.age.years(completedYears(birth, today));
  return months === 0 ? texts.age.days(completedDays(birth, today)) : texts.age.months(months);
}

/** `21:04` of an RFC 3339 time of the hospital's own zone. */
export function clockText(time: string): string {
  return time.slice(11, 16);
}

/** `05-08 21:04`. */
export function dayClockText(time: string): string {
  return `${time.slice(5, 10)} ${time.slice(11, 16)}`;
}
