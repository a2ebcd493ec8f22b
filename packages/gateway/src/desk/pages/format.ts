import { DEFAULT_ZONE, parseInstant, type ScreenLocale } from '@zhida/core';
import type { DeskTexts } from '../locales/zh-cn.js';

/** What every page of the desk needs to say something. Times are shown in the law's zone. */
export interface DeskPage {
  readonly texts: DeskTexts;
  readonly locale: ScreenLocale;
  readonly nowMs: number;
}

const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;

/** Minutes since an instant, in words; never below zero, because two clocks are never the same. */
export function waitedText({ texts, nowMs }: DeskPage, sinceMs: number): string {
  const minutes = Math.max(0, Math.floor((nowMs - sinceMs) / 60_000));
  if (minutes < HOUR_MINUTES) return texts.list.minutes(minutes);
  if (minutes < DAY_MINUTES) return texts.list.hours(Math.floor(minutes / HOUR_MINUTES), minutes % HOUR_MINUTES);
  return texts.list.days(Math.floor(minutes / DAY_MINUTES), Math.floor((minutes % DAY_MINUTES) / HOUR_MINUTES));
}

/** `2月18日20:00`, `18 Feb 20:00`. */
export function momentText({ locale }: DeskPage, instant: string | number | Date): string {
  const parts = partsOf(instant, locale === 'en' ? 'short' : 'numeric');
  const clock = `${parts['hour']}:${parts['minute']}`;
  return locale === 'en' ? `${parts['day']} ${parts['month']} ${clock}` : `${parts['month']}月${parts['day']}日${clock}`;
}

/** `2026年11月22日20:00–22:00`, `22 Nov 2026 20:00–22:00`; the day is said again where it is another. */
export function windowText({ locale }: DeskPage, from: string, until: string): string {
  const [begins, ends] = [from, until].map((instant) => {
    const { year, month, day, hour, minute } = partsOf(instant, locale === 'en' ? 'short' : 'numeric');
    const date = locale === 'en' ? `${day} ${month} ${year} ` : `${year}年${Number(month)}月${day}日`;
    return { date, clock: `${hour}:${minute}` };
  });
  return `${begins?.date}${begins?.clock}–${begins?.date === ends?.date ? '' : ends?.date}${ends?.clock}`;
}

/** `21:03:10`. */
export function clockText(instant: number): string {
  const parts = partsOf(instant, 'numeric');
  return `${parts['hour']}:${parts['minute']}:${parts['second']}`;
}

/** As an `input` of kind `datetime-local` takes it. */
export function localInputText(instant: number): string {
  const { year, month, day, hour, minute } = partsOf(instant, '2-digit');
  return `${year}-${month}-${day}T${hour}:${minute}`;
}

type MonthStyle = 'short' | 'numeric' | '2-digit';

// One costs some 50 µs to build, and a roster says dozens of times every 15 s.
const FORMATS: Readonly<Record<MonthStyle, Intl.DateTimeFormat>> = {
  short: formatOf('short'),
  numeric: formatOf('numeric'),
  '2-digit': formatOf('2-digit'),
};

function formatOf(month: MonthStyle): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: DEFAULT_ZONE,
    year: 'numeric',
    month,
    day: month === '2-digit' ? '2-digit' : 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });
}

function partsOf(instant: string | number | Date, month: MonthStyle): Record<string, string> {
  const known = typeof instant === 'string' ? parseInstant(instant) : instant;
  return Object.fromEntries(
    FORMATS[month].formatToParts(known === undefined ? Number.NaN : new Date(known)).map(({ type, value }) => [type, value]),
  );
}

/** What a party is called on this page. */
export function nameIn({ locale }: DeskPage, name: { readonly zh: string; readonly en: string }): string {
  return locale === 'en' ? name.en : name.zh;
}
