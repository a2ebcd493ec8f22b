import { DEFAULT_ZONE, localDate, zoneOffsetMs, type ScreenLocale } from '@zhida/core';
import { localeOf } from '../locales/locale.js';
import type { PartyName } from '../schema.js';

/** What an alarm is about, as its row keeps it. */
export interface AlarmAbout {
  readonly rung: string;
  readonly about: Readonly<Record<string, string>>;
}

export interface WordingOptions {
  readonly locale: ScreenLocale;
  readonly mode: string;
  readonly nowMs: number;
  readonly nameOf: (party: string) => PartyName;
}

/** One line for a person: the notice of a drill or test first, then number and what to do. It names no person (INV-11). */
export function alarmText({ rung, about }: AlarmAbout, { locale, mode, nowMs, nameOf }: WordingOptions): string {
  const { alarms, holds, modes } = localeOf(locale);
  const chase = rung.startsWith('chase-');
  const say = alarms[chase ? 'chase' : rung];
  // A rung of a newer version: its name is better than silence.
  if (say === undefined) return `${modes[mode] ?? ''}${rung} ${about['number'] ?? ''}`;
  const name = nameOf(about['party'] ?? '');
  const pressedMs = Date.parse(about['pressedAt'] ?? '');
  const text = say({
    number: about['number'] ?? '',
    party: locale === 'en' ? name.en : name.zh,
    minutes: Number.isNaN(pressedMs) ? 0 : Math.max(0, Math.floor((nowMs - pressedMs) / 60_000)),
    days: chase ? Number(rung.slice('chase-'.length)) : 0,
    from: wallClock(Date.parse(about['from'] ?? '')),
    why: holds[about['why'] ?? ''] ?? '',
  });
  return `${modes[mode] ?? ''}${text}`;
}

function wallClock(instantMs: number): { month: number; day: number; time: string } {
  if (Number.isNaN(instantMs)) return { month: 0, day: 0, time: '' };
  const { month, day } = localDate(instantMs, DEFAULT_ZONE);
  const time = new Date(instantMs + zoneOffsetMs(instantMs, DEFAULT_ZONE)).toISOString().slice(11, 16);
  return { month, day, time };
}
