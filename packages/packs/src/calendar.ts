import type { LegalCalendar } from '@zhida/core';
import calendar from './national/calendar.data.json' with { type: 'json' };

/** Holidays and worked weekends by the State Council's yearly notices; `verified: false` until compared with the notices themselves. */
export const nationalCalendar: LegalCalendar = calendar;
