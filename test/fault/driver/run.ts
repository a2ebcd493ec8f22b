import { setTimeout as delay } from 'node:timers/promises';
import { createId, isoNow } from '@zhida/core';
import { waitUntil } from '@zhida/testkit';
import { mulberry32 } from '../../support/random.js';
import { logCall, press } from '../support/press.js';
import type { BoundaryCounts } from './boundaries.js';
import { breakThings, type FaultCounts } from './schedule.js';
import { openStack, type Stack } from './stack.js';
import { type Answered, judge, shownFalsely, type Verdict } from './verdict.js';

export interface FaultRun {
  readonly reports: number;
  readonly seed: number;
  /** A relay dies at every place between two statements as soon as it comes there; ends when no new place comes, at the latest after `reports`. */
  readonly everyBoundary?: boolean;
  /** Told now and then how far it is. */
  readonly progress?: (line: string) => void;
}

export interface FaultResult extends Verdict {
  readonly reports: number;
  readonly seed: number;
  readonly seconds: number;
  readonly faults: FaultCounts;
  /** The places between two statements of a transaction at which a relay killed itself, of those there are. */
  readonly boundaries: BoundaryCounts;
}

/** More than work: while a relay process is frozen its presses wait for their time-out. */
const PRESSERS = 64;
/** What one dies of is tried again: where they die all the time, the fewer the better. */
const PRESSERS_ONE_DIES = 8;
/** So many of the reports somebody also telephones about. */
const CALLED = 0.04;
/** Each try that meets a recovering database is another process its server must begin and end. */
const AGAIN_MS = 300;
const LOOK_MS = 1_000;
/** The larger the ledger, the rarer it is looked at whole: looking must not be what the machine does. */
const LOOK_SHARE = 0.02;
const HEAL_MS = 240_000;
const HEAL_MS_PER_REPORT = 40;
/** Presses run ahead of deliveries by so many at most, or nearly everything would be delivered after the last fault; but not for longer than this. */
const AHEAD = 400;
const AHEAD_MS = 2_000;
/** Up to this many reports faults come as fast as may be; a run of many more lets more work be done between two of them. */
const DENSE_REPORTS = 5_000;
const CALM_MAX = 5;
/** What is rare comes of faults, and each of them costs time. */
const CALM_EVERY_BOUNDARY = 2;
/** After so many more reports with no new place there is none that work like this leads to. */
const QUIET_REPORTS = 300;

function calmOf({ reports, everyBoundary = false }: FaultRun): number {
  return everyBoundary ? CALM_EVERY_BOUNDARY : Math.min(CALM_MAX, Math.max(1, reports / DENSE_REPORTS));
}

/** Presses while everything breaks, lets all of it heal, and says what was lost, shown falsely, or done twice. */
export async function runFaults(run: FaultRun): Promise<FaultResult> {
  const { reports, seed, everyBoundary = false, progress = () => undefined } = run;
  const began = performance.now();
  const calm = calmOf(run);
  const stack = await openStack({ seed, reports, everyBoundary, calm });
  try {
    const pressed = new AbortController();
    const answered = new Map<string, Answered>();
    const calls = new Set<string>();
    const breaking = breakThings({ stack, calm, answered: () => answered.size }, mulberry32(seed), pressed.signal);
    const looking = lookOn(stack, { reports, answered, progress, began }, pressed.signal);
    const isEnough = everyBoundary ? noNewPlace(stack, answered) : () => false;
    const pressing = { reports, pressers: everyBoundary ? PRESSERS_ONE_DIES : PRESSERS, isEnough, random: mulberry32(seed + 3) };
    await pressAll(stack, pressing, { answered, calls });
    pressed.abort();
    const [faults, falsehoods] = await Promise.all([breaking, looking]);
    await healed(stack, answered.size, progress);
    await stack.stopRelays();
    const verdict = await judge(stack, { answered, calls });
    return {
      ...verdict,
      false: [...falsehoods, ...verdict.false],
      reports: answered.size,
      seed,
      faults,
      boundaries: stack.boundaries.counts(),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await stack.close();
  }
}

interface Pressing {
  readonly reports: number;
  readonly pressers: number;
  readonly isEnough: () => boolean;
  readonly random: () => number;
}

/** What the hospital's side was answered for. */
interface Told {
  readonly answered: Map<string, Answered>;
  readonly calls: Set<string>;
}

/** Each press, and each call, is repeated with its own key until it is answered, as a gateway does. */
async function pressAll(stack: Stack, { reports, pressers, isEnough, random }: Pressing, { answered, calls }: Told): Promise<void> {
  let left = reports;
  async function presser(): Promise<void> {
    while (left > 0 && !isEnough()) {
      left -= 1;
      await keepPace(stack, answered.size);
      const pressId = `press-${createId('prs')}`;
      let answer: Answered | undefined;
      while (answer === undefined) {
        ({ answer } = await press(stack.gateway, stack.balancer.url, pressId));
        if (answer === undefined) await delay(AGAIN_MS);
      }
      answered.set(pressId, { reportId: answer.reportId, number: answer.number });
      if (random() < CALLED) calls.add(await callAbout(stack, answer.reportId));
    }
  }
  await Promise.all(Array.from({ length: pressers }, presser));
}

/** @returns its id, once it is taken, or refused for what no repeat mends: then it is missing in the end. */
async function callAbout(stack: Stack, reportId: string): Promise<string> {
  const call = { callId: createId('cal'), reportId, at: isoNow(stack.gateway.clock) };
  for (;;) {
    const status = await logCall(stack.gateway, stack.balancer.url, call);
    if (status !== undefined && status < 500) return call.callId;
    await delay(AGAIN_MS);
  }
}

/** Whether no new place has come up for a while; at each that did somebody died. */
function noNewPlace({ boundaries }: Stack, answered: ReadonlyMap<string, Answered>): () => boolean {
  let [known, since] = [0, 0];
  return () => {
    const counts = boundaries.counts();
    if (counts.known !== known) [known, since] = [counts.known, answered.size];
    return known > 0 && answered.size - since >= QUIET_REPORTS;
  };
}

async function keepPace({ agencies }: Stack, answered: number): Promise<void> {
  const until = performance.now() + AHEAD_MS;
  const ahead = (): number => answered * agencies.length - agencies.reduce((sum, { truth }) => sum + truth.stored.size, 0);
  while (ahead() > AHEAD && performance.now() < until) await delay(100);
}

interface Looking {
  readonly reports: number;
  readonly answered: ReadonlyMap<string, Answered>;
  readonly progress: (line: string) => void;
  readonly began: number;
}

/** Looks at what the ledger shows while it is being broken: a falsehood that mends itself was one all the same. */
async function lookOn(stack: Stack, { reports, answered, progress, began }: Looking, signal: AbortSignal): Promise<string[]> {
  const falsehoods = new Set<string>();
  let lookedMs = 0;
  while (!signal.aborted) {
    await delay(Math.max(LOOK_MS, lookedMs / LOOK_SHARE), undefined, { signal }).catch(() => undefined);
    const looks = performance.now();
    // A database that is recovering shows nothing at all.
    for (const falsehood of await shownFalsely(stack).catch(() => [])) falsehoods.add(falsehood);
    lookedMs = performance.now() - looks;
    const seconds = (performance.now() - began) / 1000;
    const rest = answered.size === 0 ? 0 : (seconds / answered.size) * (reports - answered.size);
    const { diedAt, known } = stack.boundaries.counts();
    progress(
      `${answered.size}/${reports} answered, ${seconds.toFixed(0)} s, about ${rest.toFixed(0)} s more at most; died at ${diedAt} of ${known} places`,
    );
  }
  return [...falsehoods];
}

async function healed(stack: Stack, reports: number, progress: (line: string) => void): Promise<void> {
  for (const relay of stack.relays.values()) relay.signal('SIGCONT');
  await waitUntil(
    async () => {
      const { rows } = await stack.ledger.pool.query<{ open: number }>(`select count(*) as open from deliveries where state = 'open'`);
      const waiting = await Promise.all(stack.agencies.map((agency) => agency.waiting()));
      const statements = waiting.reduce((sum, count) => sum + count);
      progress(`${reports} answered; healing: ${rows[0]?.open} deliveries open, ${statements} statements of agencies on their way`);
      if (rows[0]?.open === 0 && statements === 0) return true;
      // The ledger has something else to do than to be counted.
      await delay(LOOK_MS / 4);
      return false;
    },
    { what: 'everything is delivered and said', deadlineMs: HEAL_MS + reports * HEAL_MS_PER_REPORT },
  );
}

/** The one line a run ends with. */
export function lineOf(result: FaultResult): string {
  const faults = Object.entries(result.faults).map(([fault, count]) => `${fault} ${count}`);
  return [
    `seed ${result.seed}: ${result.reports} reports in ${result.seconds.toFixed(0)} s, ${result.attempts} attempts`,
    `${result.accepted} acceptances, ${result.feedback} feedbacks, ${result.calls} calls`,
    faults.join(', '),
    `died at ${result.boundaries.diedAt} of ${result.boundaries.known} statement boundaries`,
    `lost ${result.lost.length}, false ${result.false.length}, duplicate ${result.duplicate.length}`,
  ].join('; ');
}
