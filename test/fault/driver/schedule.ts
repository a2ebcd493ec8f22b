import { setTimeout as delay } from 'node:timers/promises';
import { pick } from '../../support/random.js';
import { MOODS } from './agency.js';
import { LEASE_MS, type Stack } from './stack.js';

export const FAULTS = ['relay killed', 'relay frozen', 'database crashed', 'queue flushed', 'queue stopped', 'mood changed'] as const;
export type Fault = (typeof FAULTS)[number];
export type FaultCounts = Record<Fault, number>;

const PAUSE_MS = { least: 300, most: 1_500 };
/** A crash recovery takes a second or two; more of them would leave no time to work in. */
const DATABASE_PAUSE_MS = 8_000;
const QUEUE_AWAY_MS = 1_500;

/** Answers between two faults at most: a slow machine must not be broken more for the same work, or it never gets done. */
const ANSWERS_PER_FAULT = 100;
const PAUSE_MS_MAX = 6_000;

export interface Breaking {
  readonly stack: Stack;
  /** How many presses were answered so far. */
  readonly answered: () => number;
  /** From 1: how many times longer than it could be the time between two faults is. */
  readonly calm: number;
}

/** Breaks one thing after another until it is told to stop; then everything is whole again. */
export async function breakThings(breaking: Breaking, random: () => number, signal: AbortSignal): Promise<FaultCounts> {
  const { stack, calm } = breaking;
  const counts = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as FaultCounts;
  const under: Promise<void>[] = [];
  // Not only well-known agencies misbehave: this one has stored nothing yet.
  for (const agency of stack.agencies) agency.mood = pick(random, MOODS);
  const first = FAULTS.map((fault) => ({ fault, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ fault }) => fault);
  let databaseRests = performance.now() + (DATABASE_PAUSE_MS * calm) / 2;
  for (;;) {
    await pause(breaking, random(), signal);
    // Each of them once, whatever chance says and however quick the machine is; then by chance.
    if (signal.aborted && first.length === 0) break;
    const fault = first.shift() ?? chooseFault(random, performance.now() >= databaseRests);
    if (fault === 'database crashed') databaseRests = performance.now() + DATABASE_PAUSE_MS * calm;
    counts[fault] += 1;
    under.push(commit(stack, fault, random).catch(() => undefined));
  }
  await Promise.all(under);
  for (const agency of stack.agencies) agency.mood = 'stores';
  return counts;
}

/** Some time and some answers, but never so long that a fault which stops all answers stays alone. */
async function pause({ answered, calm }: Breaking, chance: number, signal: AbortSignal): Promise<void> {
  const until = answered() + chance * ANSWERS_PER_FAULT * calm;
  const began = performance.now();
  const wait = (ms: number): Promise<void> => delay(ms, undefined, { signal }).catch(() => undefined);
  await wait((PAUSE_MS.least + chance * (PAUSE_MS.most - PAUSE_MS.least)) * calm);
  while (!signal.aborted && answered() < until && performance.now() - began < PAUSE_MS_MAX * calm) await wait(100);
}

function chooseFault(random: () => number, databaseMay: boolean): Fault {
  const chance = random();
  if (chance < 0.48) return 'mood changed';
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
