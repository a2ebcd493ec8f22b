import {
  type ScreenLocale,
  completedMonths,
  completedYears,
  type Json,
  localDate,
  parseInstant,
  parsePartialDate,
  isCompleteDate,
} from '@zhida/core';
import { CODE_SYSTEMS, type CodeSystemName, displayOf } from '@zhida/report';
import type { Texts } from '../locales/zh-cn.js';
import type { Summary } from '../summary.js';

/** What every page needs to say something. Times are shown in the law's zone, Asia/Shanghai. */
export interface PageContext {
  readonly texts: Texts;
  readonly locale: ScreenLocale;
  readonly nowMs: number;
}

const INFANT_MONTHS = 24;

const CLOCK_TIME = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

/** `21:09` for today, `05-03 21:09` for this year, else with the year; a text that is no time is shown as it came. */
export function timeText({ nowMs }: PageContext, value: string): string {
  const instant = value === '' ? undefined : parseInstant(value);
  // A date without a time has no hour to show.
  if (instant === undefined || !value.includes(':')) return value;
  const then = partsOf(instant);
  const today = partsOf(nowMs);
  const clock = `${then['hour']}:${then['minute']}`;
  if (then['year'] !== today['year']) return `${then['year']}-${then['month']}-${then['day']} ${clock}`;
  return then['month'] === today['month'] && then['day'] === today['day'] ? clock : `${then['month']}-${then['day']} ${clock}`;
}

function partsOf(instantMs: number): Record<string, string> {
  return Object.fromEntries(CLOCK_TIME.formatToParts(instantMs).map(({ type, value }) => [type, value]));
}

/** Minutes since an instant, in words; never below zero, because two clocks are never the same. */
export function sinceText({ texts, nowMs }: PageContext, value: string): string {
  const instant = parseInstant(value) ?? nowMs;
  return texts.row.minutes(Math.max(0, Math.floor((nowMs - instant) / 60_000)));
}

/** 周岁 on the day of the page; months below two years; else what was stated, else the band. `''` when nothing is known. */
export function ageText(
  context: PageContext,
  { birthDate, statedAge, ageBand }: Pick<Summary, 'birthDate' | 'statedAge' | 'ageBand'>,
): string {
  const { texts, nowMs } = context;
  const birth = parsePartialDate(birthDate);
  if (birth !== undefined && isCompleteDate(birth)) {
    const today = localDate(nowMs);
    const months = completedMonths(birth, today);
    return months < INFANT_MONTHS ? texts.age.months(months) : texts.age.years(completedYears(birth, today));
  }
  if (statedAge !== '') return statedAge;
  return ageBand === '' ? '' : texts.age.band(ageBand);
}

/** `女13岁`. */
export function childText(context: PageContext, summary: Summary): string {
  const age = ageText(context, summary) || context.texts.row.noAge;
  const { noSex } = context.texts.row;
  const isKnown = summary.sex !== '' && summary.sex !== 'unknown';
  return context.texts.row.child(isKnown ? codeText(context, 'sex', summary.sex) : noSex, age);
}

/** The words of a code; a text that is no code is shown as it came. */
export function codeText({ locale }: PageContext, system: CodeSystemName, code: string): string {
  return code === '' ? '' : displayOf(CODE_SYSTEMS[system], code, locale);
}

/** Every value of a tree with its path, in order: what was sent, with nothing left out. */
export function flatten(value: Json, path = ''): readonly (readonly [path: string, text: string])[] {
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => flatten(item, `${path}[${index}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, member]) => flatten(member, path === '' ? key : `${path}.${key}`));
  }
  return [[path, value === null ? '—' : String(value)]];
}
