import type { EncounterSnapshot, Issue, ZhidaErrorCode } from '@zhida/core';
import type { Source } from './sources.js';

/** An encounter and what the detector is to be given of it. */
export interface ReadEncounter {
  readonly snapshot: EncounterSnapshot;
  readonly input: unknown;
}

/** What one record of an input gave. */
export interface ReadRecord {
  /** Like `FILE:12`, `FILE[3]` or `FILE`. */
  readonly place: string;
  readonly encounters: readonly ReadEncounter[];
  /** What of the record could not be used; issues of a snapshot given as such are inside its assessment. */
  readonly issues: readonly Issue[];
  readonly unreadable: { readonly code: ZhidaErrorCode; readonly why: string } | undefined;
  /** What was passed over as a whole, by kind and name: `segment AL1`, `resource CarePlan`, `visits column 8`. */
  readonly skipped: readonly string[];
  /** Put together from records that were told before; none of its own. */
  readonly isSum?: true;
  /** The kind of a place of its issues, where the place alone does not say it: `Condition.code` for `entry[12].resource.code`. */
  readonly kindAt?: (at: string) => string;
}

/** How inputs of one format are read. One for each scan. */
export interface FormatReader {
  /** What an input gives by itself. Rejects where it cannot be opened. */
  read(source: Source, onBytes: (count: number) => void): AsyncIterable<ReadRecord>;
  /** What only all inputs together give: a visit may be told in several. */
  finish(): Iterable<ReadRecord>;
}

/** A record of which nothing could be used. */
export function refused(place: string, why: string, code: ZhidaErrorCode = 'ZD_ERR_INPUT_UNREADABLE'): ReadRecord {
  return { place, encounters: [], issues: [], unreadable: { code, why }, skipped: [] };
}

/** The member of a record at a path like `a.b`; `undefined` where there is none. */
export function memberAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((found, key) => {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, key)) return undefined;
    return (found as Record<string, unknown>)[key];
  }, value);
}

/** The whole of an input; `undefined` where it is longer than the limit. */
export async function bytesOf(source: Source, onBytes: (count: number) => void, bytesMax: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source.open(onBytes)) {
    length += chunk.length;
    // Beyond the limit the bytes are dropped; the input is read to its end all the same.
    if (length <= bytesMax) chunks.push(chunk);
  }
  return length > bytesMax ? undefined : Buffer.concat(chunks);
}
