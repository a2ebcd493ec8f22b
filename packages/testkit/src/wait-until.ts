import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 15;
/** Short of the time a service test has, and long enough for a busy machine. */
const DEADLINE_MS = 30_000;

/**
 * Waits until the condition gives a value that is neither false nor undefined nor null, and returns it. A condition that
 * throws counts as not met yet; after the deadline its last error is the cause.
 */
export async function waitUntil<Value>(
  condition: () => Value | Promise<Value>,
  options: { what: string; deadlineMs?: number },
): Promise<Exclude<Value, false | undefined | null>> {
  const deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  const end = performance.now() + deadlineMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== false && value !== undefined && value !== null) return value as Exclude<Value, false | undefined | null>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) throw new Error(`not within ${deadlineMs} ms: ${options.what}`, { cause });
    await delay(POLL_MS);
  }
}
