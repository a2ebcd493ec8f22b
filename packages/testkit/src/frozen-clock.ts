import type { Clock } from '@zhida/core';

/** A clock that stands still until a test moves it. */
export interface FrozenClock extends Clock {
  advance(milliseconds: number): void;
  set(iso: string): void;
  /** Tells every move, for a process elsewhere that is to follow. */
  follow(listener: (nowMs: number) => void): void;
}

/** Makes a clock that stands at this instant (RFC 3339 with offset). */
export function frozenClock(iso: string): FrozenClock {
  let now = instant(iso);
  const followers: ((nowMs: number) => void)[] = [];
  const move = (to: number): void => {
    now = to;
    for (const follower of followers) follower(now);
  };
  return {
    now: () => now,
    advance: (milliseconds) => move(now + milliseconds),
    set: (next) => move(instant(next)),
    follow: (listener) => void followers.push(listener),
  };
}

function instant(iso: string): number {
  const milliseconds = Date.parse(iso);
  // Without an offset the instant would depend on the zone of the machine that runs the test.
  if (Number.isNaN(milliseconds) || !/(?:Z|[+-]\d\d:\d\d)$/.test(iso)) throw new TypeError('a frozen clock needs RFC 3339 with an offset');
  return milliseconds;
}
