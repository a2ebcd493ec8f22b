/** The one source of "now". Services take it as an option so that ladders and legal clocks can be tested without waiting. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** The clock's time as RFC 3339 in UTC with milliseconds, for example `2026-05-03T13:10:00.000Z`. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
