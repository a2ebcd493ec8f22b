import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { explainEncounter } from '../explanation/encounter.js';
import { type Screen, encounterLines, tallyLine } from '../explanation/terminal.js';
import type { Scanned } from './encounters.js';
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
export function readableOutput(stream: Writable, screen: Screen): ScanOutput {
  return {
    scanned: ({ encounters, place }: Scanned) =>
      write(
        stream,
        encounters.map((encounter) => linesText(encounterLines(explainEncounter(encounter, place, screen.texts), screen))).join(''),
      ),
    finished: (tally: Tally, elapsedMs: number) => write(stream, `\n${tallyLine(tally, elapsedMs, screen)}\n`),
  };
}

export function linesText(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

/** Waits while the reader is slower than the scan, so that memory stays flat. */
export async function write(stream: Writable, text: string): Promise<void> {
  if (text !== '' && !stream.write(text)) await once(stream, 'drain');
}
