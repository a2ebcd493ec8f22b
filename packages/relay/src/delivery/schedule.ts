import { invariant } from '@zhida/core';
import type { DeliverySettings } from './settings.js';

type Ladder = Pick<DeliverySettings, 'ladderSeconds' | 'thenEverySeconds' | 'jitterRatio'>;

/** Seconds to wait on this rung, without chance: `rung` 0 follows the first attempt; past the ladder's end it never ends. */
export function rungSeconds(ladder: Ladder, rung: number): number {
  invariant(Number.isInteger(rung) && rung >= 0, 'a rung is a whole number from 0');
  return ladder.ladderSeconds[rung] ?? ladder.thenEverySeconds;
}

/**
 * Milliseconds from the end of an attempt to the next one.
 *
 * Chance is only added, never taken away. An agency's `Retry-After` may lengthen the wait up to the next rung, and never
 * shortens it: an agency cannot put a report off for ever by asking for it.
 */
export function waitMs(ladder: Ladder, rung: number, random: () => number, retryAfterSeconds?: number): number {
  const own = rungSeconds(ladder, rung);
  const longest = Math.max(own, rungSeconds(ladder, rung + 1));
  const asked = retryAfterSeconds !== undefined && retryAfterSeconds > own ? Math.min(retryAfterSeconds, longest) : own;
  const chance = random();
  invariant(chance >= 0 && chance <= 1, 'random() lies between 0 and 1');
  return Math.round(asked * (1 + ladder.jitterRatio * chance) * 1000);
}

/** Milliseconds that no wait of the ladder exceeds. */
export function longestWaitMs({ ladderSeconds, thenEverySeconds, jitterRatio }: Ladder): number {
  return Math.ceil(Math.max(...ladderSeconds, thenEverySeconds) * (1 + jitterRatio) * 1000);
}

/** IMF-fixdate, RFC 9110 §5.6.7; `Date.parse` alone would read a date into almost anything. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Seconds of a `Retry-After` header, as a delay or as an HTTP date (RFC 9110 §10.2.3); `undefined` if there is none to read. */
export function retryAfterSeconds(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim());
  const at = HTTP_DATE.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, (at - nowMs) / 1000);
}
