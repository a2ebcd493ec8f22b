import { performance } from 'node:perf_hooks';

/** Something to measure: one call does `units` units of work. */
export interface Subject {
  readonly name: string;
  readonly units: number;
  readonly run: () => void | Promise<void>;
}

/** Units a second of processor time by subject: other work on the machine slows the clock, not this count. */
export type Rates = Readonly<Record<string, number>>;

/**
 * Measures subjects side by side: in turns, each a slice of time in every round, so that a machine that slows down slows all of
 * them. The median of the rounds is what counts.
 */
export async function rates(subjects: readonly Subject[], { rounds, sliceMs }: { rounds: number; sliceMs: number }): Promise<Rates> {
  const slices = new Map(subjects.map(({ name }) => [name, [] as number[]]));
  for (const subject of subjects) await slice(subject, sliceMs);
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) slices.get(subject.name)?.push(await slice(subject, sliceMs));
  }
  return Object.fromEntries([...slices].map(([name, values]) => [name, median(values)]));
}

async function slice({ units, run }: Subject, sliceMs: number): Promise<number> {
  const until = performance.now() + sliceMs;
  const start = process.cpuUsage();
  let done = 0;
  do {
    // Most subjects are synchronous; waiting for them as well would be measured.
    const later = run();
    if (later !== undefined) await later;
    done += units;
  } while (performance.now() < until);
  const { user, system } = process.cpuUsage(start);
  return done / ((user + system) / 1e6);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** 99th percentile of the time of one call in milliseconds, of the least disturbed of several batches. */
export function p99Ms(run: () => void, { batches, calls }: { batches: number; calls: number }): number {
  return Math.min(
    ...Array.from({ length: batches }, () => {
      const times = Array.from({ length: calls }, () => {
        const start = performance.now();
        run();
        return performance.now() - start;
      }).sort((a, b) => a - b);
      return times[Math.floor(calls * 0.99)] ?? Number.NaN;
    }),
  );
}

/** Processor milliseconds of one call. */
export function cpuMs(run: () => void): number {
  const start = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Bytes one object keeps, of so many made; needs `--expose-gc`. */
export function bytesKept(make: () => unknown, count: number): number {
  if (globalThis.gc === undefined) return Number.NaN;
  const used = (): number => {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const kept = Array.from({ length: count }, make);
  const after = used();
  return (after - before) / kept.length;
}
