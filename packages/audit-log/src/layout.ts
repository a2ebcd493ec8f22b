import { join } from 'node:path';

/** Entries in one file of `entries/`. */
export const ENTRIES_PER_TILE = 1000;
/** `aud_` and a ULID, then a newline. */
export const ID_LINE_BYTES = 31;

/** Where things lie in an audit directory. */
export interface AuditLayout {
  directory: string;
  /** Folder of tiles: `000000.jsonl` holds entries 0…999, one JCS line each. */
  entries: string;
  /** Leaf hashes, 32 bytes each, in order. */
  leaves: string;
  /** Entry ids, one line each, in order, so that an entry missing from its tile can still be named. */
  ids: string;
  /** Newest signed checkpoint. */
  checkpoint: string;
  /** Every checkpoint ever signed, oldest first, a blank line after each. May lack the newest for a moment. */
  history: string;
  /** `{ origin, vkey }`: which log this is and the key it says it signs with. A claim, not trust. */
  about: string;
  /** Files that were found altered, kept for whoever has to look into it. */
  setAside: string;
}

/** The layout of an audit directory. */
export function auditLayout(directory: string): AuditLayout {
  return {
    directory,
    entries: join(directory, 'entries'),
    leaves: join(directory, 'leaves'),
    ids: join(directory, 'ids'),
    checkpoint: join(directory, 'checkpoint'),
    history: join(directory, 'checkpoints.log'),
    about: join(directory, 'log.json'),
    setAside: join(directory, 'set-aside'),
  };
}

/** Path of the tile that holds entry `tile * 1000` and its followers. */
export function tilePath(layout: AuditLayout, tile: number): string {
  return join(layout.entries, `${String(tile).padStart(6, '0')}.jsonl`);
}

/** Checkpoints of a history file, oldest first. A torn last one is left out. */
export function splitHistory(text: string): string[] {
  // A note has one blank line inside (between text and signatures) and the history puts one after it.
  const parts = text.split('\n\n');
  const notes: string[] = [];
  for (let position = 0; position + 2 < parts.length; position += 2) notes.push(`${parts[position]}\n\n${parts[position + 1]}\n`);
  return notes;
}
