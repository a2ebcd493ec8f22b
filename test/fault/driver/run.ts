import { setTimeout as delay } from 'node:timers/promises';
import { hasRedis } from '@zhida/testkit';
import { mulberry32 } from '../../support/random.js';
import type { BoundaryCounts } from './boundaries.js';
import { emptyHospital, type Hospital, pressAll } from './pressing.js';
import { REAL_PACE as pace } from './pace.js';
import { breakThings, type FaultCounts } from './schedule.js';
import { settle } from './settle.js';
import { openStack, type QueueBackend, type Stack } from './stack.js';
import { judge, type Verdict } from './verdict.js';

export interface FaultRun {
  readonly reports: number;
  readonly seed: number;
  /** A relay dies at every place before and after a statement as soon as it comes there; ends when no new place comes, at the latest after `reports`. */
  readonly everyBoundary?: boolean;
  /** What wakes the relays. @defaultValue Redis where it is installed, else PostgreSQL */
  readonly queue?: QueueBackend;
  /** How long everything may take to be delivered once nothing is broken any more; what takes longer is lost. @defaultValue 240 s and 40 ms for each report */
  readonly healMs?: number;
  /** Told now and then how far it is. */
  readonly progress?: (line: string) => void;
}

export interface FaultResult extends Verdict {
  readonly reports: number;
  readonly seed: number;
  readonly seconds: number;
  readonly queue: QueueBackend;
  readonly faults: FaultCounts;
  /** The places before and after a statement at which a relay killed itself, of those there are. */
  readonly boundaries: BoundaryCounts;
}

/** More than work: while a relay process is frozen its presses wait for their time-out. */
const PRESSERS = 64;
/** What one dies of is tried again: where they die all the time, the fewer the better. */
const PRESSERS_ONE_DIES = 8;
const LOOK_MS = 1_000;
const HEAL_MS = 240_000;
const HEAL_MS_PER_REPORT = 40;
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
  const { reports, seed, everyBoundary = false, queue = hasRedis() ? 'redis' : 'postgres', progress = () => undefined } = run;
  const began = performance.now();
  const calm = calmOf(run);
  const stack = await openStack({ seed, reports, everyBoundary, queue, calm });
  try {
    const pressed = new AbortController();
    const hospital = emptyHospital();
    const { answered, wrong } = hospital;
    const breaking = breakThings({ stack, calm, pace, answered: () => answered.size }, mulberry32(seed), pressed.signal);
    const telling = tellOn(stack, { reports, hospital, progress, began }, pressed.signal);
    const isEnough = everyBoundary ? noNewPlace(stack, answered) : () => false;
    const pressing = { reports, pressers: everyBoundary ? PRESSERS_ONE_DIES : PRESSERS, isEnough, random: mulberry32(seed + 3), pace };
    await pressAll(stack, pressing, hospital);
    pressed.abort();
    const [faults] = await Promise.all([breaking, telling]);
    for (const relay of stack.relays.values()) relay.signal('SIGCONT');
    const healMs = run.healMs ?? HEAL_MS + answered.size * HEAL_MS_PER_REPORT;
    await settle(stack, healMs, ({ deliveries, attachments, statements }) =>
      progress(
        `${answered.size} answered; healing: ${deliveries} deliveries and ${attachments} attachments open, ${statements} statements of agencies on their way`,
      ),
    );
    await stack.stopRelays();
    const verdict = await judge(stack, hospital);
    return {
      ...verdict,
      lost: [...wrong.lost, ...verdict.lost],
      false: [...wrong.false, ...verdict.false],
      reports: answered.size,
      seed,
      queue,
      faults,
      boundaries: stack.boundaries.counts(),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    await stack.close();
  }
}

/** Whether no new place has come up for a while; at each that did somebody died. */
function noNewPlace({ boundaries }: Stack, answered: ReadonlyMap<string, unknown>): () => boolean {
  let [known, since] = [0, 0];
  return () => {
    const counts = boundaries.counts();
    if (counts.known !== known) [known, since] = [counts.known, answered.size];
    return known > 0 && answered.size - since >= QUIET_REPORTS;
  };
}

interface Telling {
  readonly reports: number;
  readonly hospital: Hospital;
  readonly progress: (line: string) => void;
  readonly began: number;
}

async function tellOn(stack: Stack, { reports, hospital: { answered }, progress, began }: Telling, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    const seconds = (performance.now() - began) / 1000;
    const rest = answered.size === 0 ? 0 : (seconds / answered.size) * (reports - answered.size);
    const { diedAt, known } = stack.boundaries.counts();
    progress(
      `${answered.size}/${reports} answered, ${seconds.toFixed(0)} s, about ${rest.toFixed(0)} s more at most; died at ${diedAt} of ${known} places`,
    );
  }
}

/** The one line a run ends with. */
export function lineOf(result: FaultResult): string {
  const { counts } = result;
  const faults = Object.entries(result.faults).map(([fault, count]) => `${fault} ${count}`);
  return [
    `seed ${result.seed}: ${result.reports} reports (${counts.later} of them later ones of a case) in ${result.seconds.toFixed(0)} s over a queue in ${result.queue}, ${counts.attempts} attempts`,
    `${counts.accepted} acceptances, ${counts.stopped} error notices obeyed, ${counts.feedback} feedbacks, ${counts.saidTwice} statements said twice, ${counts.outOfOrder} out of order`,
    `${counts.calls} calls, ${counts.attachments} attachments, ${counts.attestations} attestations; ${counts.shown} states shown, ${counts.seen} of them to one who asked`,
    faults.join(', '),
    `died at ${result.boundaries.diedAt} of ${result.boundaries.known} statement boundaries`,
    `lost ${result.lost.length}, false ${result.false.length}, duplicate ${result.duplicate.length}`,
  ].join('; ');
}
