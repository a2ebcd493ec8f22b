import type { Clock, Issue } from '@zhida/core';
import type { Detector } from '@zhida/detect';
import { EXIT_INPUT_SKIPPED } from '../exit-codes.js';
import { type Scanned, assessRecord } from './encounters.js';
import { type Explanation, summaryLine } from './explain.js';
import { createProgress } from './progress.js';
import { type FormatReader, type ReadRecord, refused } from './reading.js';
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
  readonly reader: FormatReader;
  /** Told of everything that was not understood. */
  readonly explanation: Explanation | undefined;
  readonly detector: Detector;
  readonly output: ScanOutput;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stderr: { isTTY?: boolean; write(text: string): unknown };
  readonly clock: Clock;
}

/** Issues of one kind named by place in a message; the rest are counted. */
const PLACES_SHOWN = 3;
/** Records whose issues are told one by one; a feed with a fault has it in every message. */
const RECORDS_TOLD = 20;

/** Scans every input in order and says the exit code: 0, or 2 where something could not be read. Red indications are no error. */
export async function runScan(options: ScanOptions): Promise<number> {
  const { output, stderr, clock, reader, explanation } = options;
  const startMs = clock.now();
  const sources = await sourcesOf(options.files, options.stdin);
  const progress = createProgress(stderr, totalOf(sources), clock);
  const tally = emptyTally();
  let withIssues = 0;
  for await (const record of recordsIn(sources, reader, (bytes) => progress.bytes(bytes))) {
    const scanned = await assessRecord(record, options);
    count(tally, scanned);
    explanation?.add(scanned);
    const told = messagesOf(scanned);
    if (told.length > 0 && scanned.unreadable === undefined) withIssues += 1;
    if (told.length > 0 && (scanned.unreadable !== undefined || withIssues <= RECORDS_TOLD)) {
      progress.clear();
      stderr.write(told.map((message) => `${message}\n`).join(''));
    }
    await output.scanned(scanned);
    progress.update(tally);
  }
  progress.clear();
  if (withIssues > RECORDS_TOLD) stderr.write(summaryLine(withIssues - RECORDS_TOLD));
  await output.finished(tally, clock.now() - startMs);
  for (const line of explanation?.lines() ?? []) stderr.write(`${line}\n`);
  return tally.unreadable === 0 ? 0 : EXIT_INPUT_SKIPPED;
}

/** Every record of every input in order, then what only all of them together give. An input that cannot be read is a refused record. */
export async function* recordsIn(
  sources: readonly Source[],
  reader: FormatReader,
  onBytes: (count: number) => void,
): AsyncGenerator<ReadRecord> {
  for (const source of sources) {
    try {
      yield* reader.read(source, onBytes);
    } catch (error) {
      if (!isSystemError(error)) throw error;
      yield refused(source.name, `the file cannot be read (${error.code})`);
    }
  }
  yield* reader.finish();
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** Bytes of all inputs; `undefined` where one does not say. */
export function totalOf(sources: readonly Source[]): number | undefined {
  return sources.reduce<number | undefined>((sum, { size }) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
}

/** What a person is told of one record: where and by code, never a value. */
export function messagesOf({ place, unreadable, issues }: Pick<ReadRecord, 'place' | 'unreadable' | 'issues'>): string[] {
  const placesByCode = new Map<Issue['code'], string[]>();
  // An empty place means the input as a whole, and that is said already.
  for (const { code, at, severity } of issues)
    if (at !== '' && severity !== 'information') placesByCode.set(code, [...(placesByCode.get(code) ?? []), at]);
  return [
    ...(unreadable === undefined ? [] : [`${place}: ${unreadable.code} ${unreadable.why}`]),
    ...Array.from(placesByCode, ([code, places]) => `${place}: ${code} at ${listOf(places)}`),
  ];
}

function listOf(places: readonly string[]): string {
  const more = places.length > PLACES_SHOWN ? ` and ${places.length - PLACES_SHOWN} more` : '';
  return `${places.slice(0, PLACES_SHOWN).join(', ')}${more}`;
}
