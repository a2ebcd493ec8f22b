import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isId } from '@zhida/core';
import { type AuditEntry, readAuditEntry } from '../entry.js';
import { type AuditLayout, ENTRIES_PER_TILE } from '../layout.js';
import { leafHash } from '../tree-hash.js';

/** One line of the entry files, as found. */
export interface ScannedLine {
  leafHash: Uint8Array;
  /** The id in the line, also when the line is damaged elsewhere; undefined when no well-formed id is left in it. */
  id: string | undefined;
  /** Undefined when the line cannot be read as an entry. */
  origin: string | undefined;
  at: string | undefined;
}

/** All lines in order, and what is wrong with the way they lie in files. */
export interface ScannedEntries {
  lines: ScannedLine[];
  /** False when the last line has no newline: cut short in the middle. */
  terminated: boolean;
  /** Index of the first entry of a tile that is missing, or follows a tile that is too long or too short. */
  brokenTileAt: number | undefined;
}

/** Reads every tile in order. Lines are hashed as bytes; nothing is re-serialised. */
export async function scanEntries(layout: AuditLayout): Promise<ScannedEntries> {
  const lines: ScannedLine[] = [];
  let terminated = true;
  let brokenTileAt: number | undefined;
  for (const [position, tile] of (await tileNumbers(layout)).entries()) {
    if (brokenTileAt === undefined && (tile !== position || lines.length !== tile * ENTRIES_PER_TILE)) brokenTileAt = lines.length;
    const bytes = await readFile(join(layout.entries, `${String(tile).padStart(6, '0')}.jsonl`));
    for (let start = 0; start < bytes.length; ) {
      const newline = bytes.indexOf(0x0a, start);
      const end = newline < 0 ? bytes.length : newline;
      lines.push(scanLine(bytes.subarray(start, end)));
      terminated = newline >= 0;
      start = end + 1;
    }
  }
  return { lines, terminated, brokenTileAt };
}

async function tileNumbers(layout: AuditLayout): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(layout.entries);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => /^\d{6,}\.jsonl$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((one, other) => one - other);
}

function scanLine(bytes: Uint8Array): ScannedLine {
  const entry = tryRead(bytes);
  return { leafHash: leafHash(bytes), id: entry?.id ?? idIn(bytes), origin: entry?.origin, at: entry?.at };
}

function tryRead(bytes: Uint8Array): AuditEntry | undefined {
  try {
    return readAuditEntry(bytes);
  } catch {
    return undefined;
  }
}

function idIn(bytes: Uint8Array): string | undefined {
  const id = /"id":"(aud_[0-9a-z]{26})"/.exec(Buffer.from(bytes).toString('latin1'))?.[1];
  return isId('aud', id) ? id : undefined;
}
