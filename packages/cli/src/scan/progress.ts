import type { Clock } from '@zhida/core';

/** Shows how far a long scan is. */
export interface Progress {
  bytes(count: number): void;
  /** So many encounters there will be: for inputs that are read as a whole before the first is assessed. */
  expect(encounters: number): void;
  update(tally: { readonly encounters: number }): void;
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
  if (stream.isTTY !== true) return { bytes() {}, expect() {}, update() {}, clear() {} };
  const startMs = clock.now();
  let bytesRead = 0;
  let encounters = 0;
  let expected: { readonly all: number; readonly sinceMs: number; readonly before: number } | undefined;
  let shownMs = startMs + SILENT_MS - INTERVAL_MS;
  let visible = false;

  const left = (nowMs: number): Left | undefined => {
    if (expected !== undefined) {
      const { all, sinceMs, before } = expected;
      return { fraction: (encounters - before) / Math.max(1, all - before), sinceMs: nowMs - sinceMs };
    }
    // Whoever has read everything and still works has more to do than the bytes tell.
    return bytesTotal === undefined || bytesRead >= bytesTotal ? undefined : { fraction: bytesRead / bytesTotal, sinceMs: nowMs - startMs };
  };
  const show = (): void => {
    const nowMs = clock.now();
    if (nowMs - shownMs < INTERVAL_MS) return;
    shownMs = nowMs;
    visible = true;
    stream.write(`${CLEAR_LINE}${progressLine(encounters, nowMs - startMs, left(nowMs))}`);
  };
  return {
    bytes(count) {
      bytesRead += count;
      show();
    },
    expect(all) {
      expected = { all: encounters + all, sinceMs: clock.now(), before: encounters };
    },
    update(tally) {
      encounters = tally.encounters;
      show();
    },
    clear() {
      if (visible) stream.write(CLEAR_LINE);
      visible = false;
    },
  };
}

/** Which part is done, and how long that took. */
interface Left {
  readonly fraction: number;
  readonly sinceMs: number;
}

function progressLine(encounters: number, elapsedMs: number, left: Left | undefined): string {
  const parts = [`${encounters} encounters`, `${Math.round((encounters / Math.max(1, elapsedMs)) * 1000)}/s`];
  if (left !== undefined && left.fraction > 0) {
    parts.push(`${Math.floor(Math.min(1, left.fraction) * 100)} %`, `${Math.ceil((left.sinceMs * (1 / left.fraction - 1)) / 1000)} s left`);
  }
  return `  ${parts.join(' · ')}`;
}
