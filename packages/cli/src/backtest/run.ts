import type { Clock } from '@zhida/core';
import type { Detector } from '@zhida/detect';
import { startOf } from '../scan/encounters.js';
import { createProgress } from '../scan/progress.js';
import type { FormatReader } from '../scan/reading.js';
import { messagesOf, recordsIn, totalOf } from '../scan/run.js';
import { sourcesOf } from '../scan/sources.js';
import { createCollector } from './collect.js';
import type { Label } from './labels.js';
import { createRefs } from './refs.js';
import { type BacktestSummary, summaryOf } from './summary.js';

export interface BacktestOptions {
  readonly files: readonly string[];
  readonly reader: FormatReader;
  readonly detector: Detector;
  /** By visit id; undefined where none were given. */
  readonly labels: ReadonlyMap<string, Label> | undefined;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stderr: { isTTY?: boolean; write(text: string): unknown };
  readonly clock: Clock;
}

/** Records named one by one on standard error; the report counts all of them. */
const RECORDS_TOLD = 20;
/** A record of more encounters than this was read as a whole before the first of them is assessed. */
const MANY = 1_000;
/** Encounters between two looks at whatever else the process has to do, for a terminal to stay alive. */
const BREATH = 500;

/** Assesses every encounter as of its own time and keeps counts alone. Nobody is prompted, nothing of a record is written. */
export async function runBacktest(options: BacktestOptions): Promise<BacktestSummary> {
  const { files, reader, stderr, clock, detector, labels } = options;
  const startMs = clock.now();
  const sources = await sourcesOf(files, options.stdin);
  const progress = createProgress(stderr, totalOf(sources), clock);
  const refs = createRefs(files);
  const collector = createCollector(clock, labels ?? new Map());
  let told = 0;
  for await (const record of recordsIn(sources, reader, (bytes) => progress.bytes(bytes))) {
    const lines = messagesOf(record);
    told += lines.length > 0 ? 1 : 0;
    if (lines.length > 0 && told <= RECORDS_TOLD) {
      progress.clear();
      stderr.write(lines.map((line) => `${line}\n`).join(''));
    }
    collector.record(record);
    if (record.encounters.length > MANY) progress.expect(record.encounters.length);
    for (const [index, encounter] of record.encounters.entries()) {
      const now = startOf(encounter.snapshot, clock);
      collector.visit(encounter, detector.assess(encounter.input, { now }), refs(record.place, index, record.encounters.length));
      progress.update(collector.collected);
      if (index % BREATH === BREATH - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    progress.update(collector.collected);
  }
  progress.clear();
  if (told > RECORDS_TOLD) stderr.write(`${told - RECORDS_TOLD} more records with something that could not be read; all are counted\n`);
  return summaryOf({
    collected: collector.collected,
    rulePack: detector.rulePack,
    files: files.length,
    seconds: Math.round((clock.now() - startMs) / 100) / 10,
    labels: labels?.size,
  });
}
