import type { Clock, Issue } from '@zhida/core';
import type { Detector } from '@zhida/detect';
import { EXIT_INPUT_SKIPPED } from '../exit-codes.js';
import { type ScanFormat, type Scanned, scanRecord } from './encounters.js';
import { createProgress } from './progress.js';
import { type InputRecord, recordsOf } from './records.js';
import { type Source, sourcesOf } from './sources.js';
import { type Tally, count, emptyTally } from './tally.js';

/** Where a scan writes what it found; each takes whole lines. */
export interface ScanOutput {
  /** Called once for each record, in input order. Resolves when more may be written. */
  scanned(scanned: Scanned): Promise<void>;
  finished(tally: Tally, elapsedMs: number): Promise<void>;
}

export interface ScanOptions {
  readonly files: readonly string[];
  readonly format: ScanFormat;
  readonly field: string | undefined;
  readonly detector: Detector;
  readonly output: ScanOutput;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stderr: { isTTY?: boolean; write(text: string): unknown };
  readonly clock: Clock;
}

/** Issues of one kind named by place in a message; the rest are counted. */
const PLACES_SHOWN = 3;

/** Scans every input in order and says the exit code: 0, or 2 where something could not be read. Red findings are no error. */
export async function runScan(options: ScanOptions): Promise<number> {
  const { output, stderr, clock } = options;
  const startMs = clock.now();
  const sources = await sourcesOf(options.files, options.stdin);
  const progress = createProgress(stderr, totalOf(sources), clock);
  const tally = emptyTally();
  for (const source of sources) {
    for await (const record of recordsOrRefusal(source, (bytes) => progress.bytes(bytes))) {
      const scanned = await scanRecord(record, options);
      count(tally, scanned);
      const messages = messagesOf(scanned);
      if (messages.length > 0) {
        progress.clear();
        stderr.write(messages.map((message) => `${message}\n`).join(''));
      }
      await output.scanned(scanned);
      progress.update(tally);
    }
  }
  progress.clear();
  await output.finished(tally, clock.now() - startMs);
  return tally.unreadable === 0 ? 0 : EXIT_INPUT_SKIPPED;
}

async function* recordsOrRefusal(source: Source, onBytes: (count: number) => void): AsyncGenerator<InputRecord> {
  try {
    yield* recordsOf(source.name, source.open(onBytes));
  } catch (error) {
    if (!isSystemError(error)) throw error;
    yield { place: source.name, unreadable: { code: 'ZD_ERR_INPUT_UNREADABLE', why: `the file cannot be read (${error.code})` } };
  }
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

function totalOf(sources: readonly Source[]): number | undefined {
  return sources.reduce<number | undefined>((sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

function messagesOf({ place, unreadable, issues }: Scanned): string[] {
  const placesByCode = new Map<Issue['code'], string[]>();
  // An empty place means the input as a whole, and that is said already.
  for (const { code, at } of issues) if (at !== '') placesByCode.set(code, [...(placesByCode.get(code) ?? []), at]);
  return [
    ...(unreadable === undefined ? [] : [`${place}: ${unreadable.code} ${unreadable.why}`]),
    ...Array.from(placesByCode, ([code, places]) => `${place}: ${code} at ${listOf(places)}`),
  ];
}

function listOf(places: readonly string[]): string {
  const more = places.length > PLACES_SHOWN ? ` and ${places.length - PLACES_SHOWN} more` : '';
  return `${places.slice(0, PLACES_SHOWN).join(', ')}${more}`;
}
