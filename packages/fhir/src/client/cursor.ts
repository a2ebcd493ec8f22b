import { createHash } from 'node:crypto';
import { ZhidaError, parseInstant } from '@zhida/core';

/** How far a source has been read. Plain JSON, to be kept by the caller in the transaction that keeps what was read. */
export interface FhirCursor {
  readonly v: 1;
  /** The latest `meta.lastUpdated` seen, by the server's clock and as the server wrote it. */
  readonly since: string;
  /** Digests of the versions already read that the next pull will be told again. */
  readonly seen: readonly string[];
}

/** A version of a resource, told by a search for changes. */
export interface Version {
  readonly type: string;
  readonly id: string;
  /** `meta.versionId`, else `meta.lastUpdated`. */
  readonly version: string;
  readonly lastUpdated: string;
  readonly lastUpdatedMs: number;
}

/** Versions remembered. Beyond it the oldest are read once more, which costs requests and changes nothing. */
const SEEN_MAX = 100_000;

/** Where a new feed begins: changes from this time on. @throws ZhidaError `ZD_ERR_OPTION_INVALID` for a text that is no time. */
export function cursorFrom(time: string): FhirCursor {
  if (parseInstant(time) === undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'not a time', { at: 'cursor.since' });
  return { v: 1, since: time, seen: [] };
}

/** The cursor after everything told up to `untilMs`: the server's latest time, and what the overlap of the next pull will show again. */
export function cursorAfter(cursor: FhirCursor, told: readonly Version[], untilMs: number, overlapMs: number): FhirCursor {
  const taken = told.filter(({ lastUpdatedMs }) => lastUpdatedMs <= untilMs);
  const latest = taken.reduce<{ text: string; ms: number }>(
    (newest, { lastUpdated, lastUpdatedMs }) => (lastUpdatedMs > newest.ms ? { text: lastUpdated, ms: lastUpdatedMs } : newest),
    { text: cursor.since, ms: parseInstant(cursor.since) ?? 0 },
  );
  const again = taken.filter(({ lastUpdatedMs }) => lastUpdatedMs >= latest.ms - overlapMs).map(versionDigest);
  return { v: 1, since: latest.text, seen: [...new Set(again)].slice(-SEEN_MAX) };
}

/** Ids of resources may be made of a patient's number, so a cursor holds only digests of them. */
export function versionDigest({ type, id, version }: Version): string {
  return createHash('sha256').update(`${type}/${id}/${version}`).digest('base64url').slice(0, 16);
}
