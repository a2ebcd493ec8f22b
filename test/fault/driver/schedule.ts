import { setTimeout as delay } from 'node:timers/promises';
import { pick } from '../../support/random.js';
import { MOODS } from './agency.js';
import { LEASE_MS, type Stack } from './stack.js';

export const FAULTS = ['relay killed', 'relay frozen', 'database crashed', 'queue flushed', 'queue stopped', 'mood changed'] as const;
export type Fault = (typeof FAULTS)[number];
export type FaultCounts = Record<Fault, number>;

const PAUSE_MS = { least: 300, most: 1_700 };
/** A crash recovery takes a second or two; more of them would leave no time to work in. */
const DATABASE_PAUSE_MS = 8_000;
const QUEUE_AWAY_MS = 1_500;

/** Breaks one thing after another until it is told to stop; then everything is whole again. */
export async function breakThings(stack: Stack, random: () => number, signal: AbortSignal): Promise<FaultCounts> {
  const counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as FaultCounts;
  const under: Promise<void>[] = [];
  // Not only well-known agencies misbehave: this one has stored nothing yet.
  for (const agency of stack.agencies) agency.mood = pick(random, MOODS);
  let databaseRests = performance.now() + DATABASE_PAUSE_MS / 2;
  while (!signal.aborted) {
    await delay(PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const fault = chooseFault(random, performance.now() >= databaseRests);
    if (fault === 'database crashed') databaseRests = performance.now() + DATABASE_PAUSE_MS;
    counts[fault] += 1;
    under.push(commit(stack, fault, random).catch(() => undefined));
  }
  await Promise.all(under);
  for (const agency of stack.agencies) agency.mood = 'stores';
  return counts;
}

function chooseFault(random: () => number, databaseMay: boolean): Fault {
  const chance = random();
  if (chance < 0.5) return 'mood changed';
  if (chance < 0.62) return 'relay killed';
  if (chance < 0.72) return 'relay frozen';
  if (chance < 0.82) return databaseMay ? 'database crashed' : 'mood changed';
  return chance < 0.92 ? 'queue flushed' : 'queue stopped';
}

async function commit(stack: Stack, fault: Fault, random: () => number): Promise<void> {
  const { redis, agencies, relays } = stack;
  const relay = [...relays.values()][Math.floor(random() * relays.size)];
  switch (fault) {
    case 'mood changed': {
      const agency = agencies[Math.floor(random() * agencies.length)];
      if (agency !== undefined) agency.mood = random() < 0.35 ? 'stores' : pick(random, MOODS);
      return;
    }
    case 'relay killed':
      return relay?.signal('SIGKILL');
    case 'relay frozen':
      relay?.signal('SIGSTOP');
      await delay(LEASE_MS * (0.5 + random()));
      return relay?.signal('SIGCONT');
    case 'database crashed':
      return stack.crashDatabase();
    case 'queue flushed':
      await redis?.command('FLUSHALL');
      return;
    case 'queue stopped':
      await redis?.stop();
      await delay(QUEUE_AWAY_MS * random());
      return redis?.start();
  }
}
