/** How far two honest clocks may be apart, in seconds. */
export const SKEW_SECONDS = 300;

/** A signed time is kept and compared by databases too: like PostgreSQL it has no year 0, and no offset of sixteen hours or more. */
const RFC_3339 = /^((?!0000)\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-5]):[0-5]\d)$/;

/** Milliseconds of an RFC 3339 instant with offset, or `undefined` for anything else. */
export function instantMs(value: unknown): number | undefined {
  const date = typeof value === 'string' ? RFC_3339.exec(value)?.[1] : undefined;
  if (typeof value !== 'string' || date === undefined || !isCalendarDate(date)) return undefined;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}

/** `Date.parse` takes 31 February for a day in March; a signed time must be the time it says. */
function isCalendarDate(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date);
}

/** A span of time; `null` on either side is open. RFC 3339 with offset. */
export interface Window {
  readonly notBefore: string | null;
  readonly notAfter: string | null;
}

/** True from `notBefore` (less the skew two clocks may have) until just before `notAfter`. */
export function inWindow({ notBefore, notAfter }: Window, atMs: number): boolean {
  return startsBy(notBefore, atMs + SKEW_SECONDS * 1000) && (notAfter === null || atMs < Date.parse(notAfter));
}

function startsBy(notBefore: string | null, atMs: number): boolean {
  return notBefore === null || Date.parse(notBefore) <= atMs;
}

/**
 * Of keys listed oldest first, the one to use at an instant: the newest that has begun and not ended.
 * Begun is judged without skew, so that a new key is not used before its time.
 */
export function currentOf<Key extends Window>(keys: readonly Key[], atMs: number): Key | undefined {
  return keys.filter((key) => inWindow(key, atMs) && startsBy(key.notBefore, atMs)).at(-1);
}
