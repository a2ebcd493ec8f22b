import { pick } from '../../support/random.js';
import type { Child } from '../support/child.js';
import type { RestartableRedis } from '../support/redis-on-port.js';
import { MOODS, type MoodyAgency } from './agency.js';
import type { Pace } from './pace.js';
import { LEASE_MS, type Stack } from './stack.js';

export const FAULTS = ['relay killed', 'relay frozen', 'database crashed', 'queue flushed', 'queue stopped', 'mood changed'] as const;
export type Fault = (typeof FAULTS)[number];
/** What was done, how often: what there was nothing to do it to is not counted, and a queue that is not Redis has no faults of its own. */
export type FaultCounts = Partial<Record<Fault, number>>;

/** What there is to be broken: of Redis only where it is the queue. */
function faultsOf({ redis }: Pick<Stack, 'redis'>): Fault[] {
  return FAULTS.filter((fault) => redis !== undefined || !QUEUE_FAULTS.includes(fault));
}
const QUEUE_FAULTS: readonly Fault[] = ['queue flushed', 'queue stopped'];

const PAUSE_MS = { least: 300, most: 1_500 };
/** A crash recovery takes a second or two; more of them would leave no time to work in. */
const DATABASE_PAUSE_MS = 8_000;
const QUEUE_AWAY_MS = 1_500;

/** Answers between two faults at most: a slow machine must not be broken more for the same work, or it never gets done. */
const ANSWERS_PER_FAULT = 100;
const PAUSE_MS_MAX = 6_000;

/** What of the stack is broken. */
export type Breakable = Pick<Stack, 'redis' | 'relays' | 'crashDatabase'> & { readonly agencies: readonly Pick<MoodyAgency, 'mood'>[] };

export interface Breaking {
  readonly stack: Breakable;
  /** How many presses were answered so far. */
  readonly answered: () => number;
  /** From 1: how many times longer than it could be the time between two faults is. */
  readonly calm: number;
  readonly pace: Pace;
}

/** A fault that could not be done is chosen anew after a moment: a relay is about to be born, a database to recover. */
const AGAIN_MS = 100;
/** What has not been done once when the presses are over is tried so often. */
const TRIES_MAX = 50;

/** Breaks one thing after another until it is told to stop; then everything is whole again. @returns what was done. @throws where Redis does not come back. */
export async function breakThings(breaking: Breaking, random: () => number, signal: AbortSignal): Promise<FaultCounts> {
  const { stack, calm, pace } = breaking;
  const faults = faultsOf(stack);
  const counts: FaultCounts = Object.fromEntries(faults.map((fault) => [fault, 0]));
  const under: Promise<void>[] = [];
  const striking: Striking = { stack, random, pace, down: new Set() };
  // Not only well-known agencies misbehave: this one has stored nothing yet.
  for (const agency of stack.agencies) agency.mood = pick(random, MOODS);
  // Each of them once, whatever chance says and however quick the machine is; then by chance.
  const first = faults
    .map((fault) => ({ fault, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ fault }) => fault);
  let databaseRests = pace.now() + (DATABASE_PAUSE_MS * calm) / 2;
  for (let tries = 0; tries < TRIES_MAX; ) {
    await pause(breaking, random(), signal);
    if (signal.aborted && first.length === 0) break;
    const fault = first[0] ?? chooseFault(random, faults, pace.now() >= databaseRests);
    const healing = await strike(striking, fault).catch(() => undefined);
    if (healing === undefined) {
      if (signal.aborted) tries += 1;
      await pace.delay(AGAIN_MS);
      continue;
    }
    if (fault === first[0]) first.shift();
    if (fault === 'database crashed') databaseRests = pace.now() + DATABASE_PAUSE_MS * calm;
    counts[fault] = (counts[fault] ?? 0) + 1;
    under.push(healing().catch(() => undefined));
  }
  await Promise.all(under);
  // Where it could not be stopped or started before: a run without its queue would not be the run that was asked for.
  if (stack.redis !== undefined && striking.down.has(stack.redis)) await restart(stack.redis);
  for (const agency of stack.agencies) agency.mood = 'stores';
  return counts;
}

/** Some time and some answers, but never so long that a fault which stops all answers stays alone. */
async function pause({ answered, calm, pace }: Breaking, chance: number, signal: AbortSignal): Promise<void> {
  const until = answered() + chance * ANSWERS_PER_FAULT * calm;
  const began = pace.now();
  await pace.delay((PAUSE_MS.least + chance * (PAUSE_MS.most - PAUSE_MS.least)) * calm, signal);
  while (!signal.aborted && answered() < until && pace.now() - began < PAUSE_MS_MAX * calm) await pace.delay(100, signal);
}

function chooseFault(random: () => number, faults: readonly Fault[], databaseMay: boolean): Fault {
  const chance = random();
  if (chance < 0.48) return 'mood changed';
  if (chance < 0.62) return 'relay killed';
  if (chance < 0.72) return 'relay frozen';
  if (chance < 0.82) return databaseMay ? 'database crashed' : 'mood changed';
  const fault = chance < 0.92 ? 'queue flushed' : 'queue stopped';
  return faults.includes(fault) ? fault : 'mood changed';
}

/** Ends with what was broken whole again. */
type Healing = () => Promise<void>;
const AT_ONCE: Healing = async () => undefined;

interface Striking {
  readonly stack: Breakable;
  readonly random: () => number;
  readonly pace: Pace;
  /** What is frozen or stopped now. */
  readonly down: Set<unknown>;
}

/** Does one of them. @returns `undefined` where there was nothing to do it to. */
async function strike(striking: Striking, fault: Fault): Promise<Healing | undefined> {
  const { stack, random } = striking;
  const { relays, redis } = stack;
  const relay = [...relays.values()][Math.floor(random() * relays.size)];
  switch (fault) {
    case 'mood changed':
      return changeMood(striking);
    case 'relay killed':
      relay?.signal('SIGKILL');
      return relay === undefined ? undefined : AT_ONCE;
    case 'relay frozen':
      return relay === undefined ? undefined : freeze(striking, relay);
    case 'database crashed':
      return (await stack.crashDatabase()) ? AT_ONCE : undefined;
    case 'queue flushed':
      return (await redis?.command('FLUSHALL')) === '+OK' ? AT_ONCE : undefined;
    case 'queue stopped':
      return redis === undefined ? undefined : stopQueue(striking, redis);
  }
}

function changeMood({ stack: { agencies }, random }: Striking): Healing | undefined {
  const agency = agencies[Math.floor(random() * agencies.length)];
  const mood = random() < 0.35 ? 'stores' : pick(random, MOODS);
  if (agency === undefined || agency.mood === mood) return undefined;
  agency.mood = mood;
  return AT_ONCE;
}

function freeze({ down, random, pace }: Striking, relay: Child): Healing | undefined {
  if (down.has(relay)) return undefined;
  down.add(relay);
  relay.signal('SIGSTOP');
  return async () => {
    await pace.delay(LEASE_MS * (0.5 + random()));
    relay.signal('SIGCONT');
    down.delete(relay);
  };
}

async function stopQueue({ down, random, pace }: Striking, redis: RestartableRedis): Promise<Healing | undefined> {
  if (down.has(redis)) return undefined;
  down.add(redis);
  await redis.stop();
  return async () => {
    await pace.delay(QUEUE_AWAY_MS * random());
    await redis.start();
    down.delete(redis);
  };
}

async function restart(redis: RestartableRedis): Promise<void> {
  await redis.stop();
  await redis.start();
}
