import type { Clock } from '@zhida/core';
import type { Tally } from './tally.js';

/** Shows how far a long scan is. */
export interface Progress {
  bytes(count: number): void;
  update(tally: Tally): void;
  /** Removes the line, so that a message can take its place. */
  clear(): void;
}

/** A scan shorter than this shows no progress. */
const SILENT_MS = 500;
const INTERVAL_MS = 100;
const CLEAR_LINE = '\r\u001B[2K';

/** One line on a terminal, renewed ten times a second, with the time left where the size is known. On anything else: nothing. */
export function createProgress(
  stream: { isTTY?: boolean; write(text: string): unknown },
  bytesTotal: number | undefined,
  clock: Clock,
): Progress {
  if (stream.isTTY !== true) return { bytes() {}, update() {}, clear() {} };
  const startMs = clock.now();
  let bytesRead = 0;
  let shownMs = startMs + SILENT_MS - INTERVAL_MS;
  let visible = false;
  return {
    bytes(count) {
      bytesRead += count;
    },
    update(tally) {
      const nowMs = clock.now();
      if (nowMs - shownMs < INTERVAL_MS) return;
      shownMs = nowMs;
      visible = true;
      stream.write(`${CLEAR_LINE}${progressLine(tally, bytesTotal === undefined ? undefined : bytesRead / bytesTotal, nowMs - startMs)}`);
    },
    clear() {
      if (visible) stream.write(CLEAR_LINE);
      visible = false;
    },
  };
}

function progressLine(tally: Tally, fraction: number | undefined, elapsedMs: number): string {
  const parts = [`${tally.encounters} encounters`, `${Math.round((tally.encounters / Math.max(1, elapsedMs)) * 1000)}/s`];
  if (fraction !== undefined && fraction > 0) {
    parts.push(`${Math.floor(Math.min(1, fraction) * 100)} %`, `${Math.ceil((elapsedMs * (1 / fraction - 1)) / 1000)} s left`);
  }
  return `  ${parts.join(' · ')}`;
}
