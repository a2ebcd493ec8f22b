import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Scanned } from './encounters.js';
import type { Paint } from './paint.js';
import { renderEncounter, renderTally } from './render.js';
import type { ScanOutput } from './run.js';
import type { Tally } from './tally.js';

/** JSON Lines: one Assessment a line and nothing else. */
export function jsonOutput(stream: Writable): ScanOutput {
  return {
    scanned: ({ encounters }) => write(stream, encounters.map(({ assessment }) => `${JSON.stringify(assessment)}\n`).join('')),
    finished: () => Promise.resolve(),
  };
}

/** For reading: every encounter with its reasons, the sum at the end. */
export function readableOutput(stream: Writable, paint: Paint): ScanOutput {
  return {
    scanned: ({ encounters, place }: Scanned) =>
      write(stream, encounters.map((encounter) => `${renderEncounter(encounter, place, paint)}\n`).join('')),
    finished: (tally: Tally, elapsedMs: number) => write(stream, `\n${renderTally(tally, elapsedMs, paint)}\n`),
  };
}

/** Waits while the reader is slower than the scan, so that memory stays flat. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain');
}
