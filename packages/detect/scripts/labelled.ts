import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';

/** A record with what a careful clinician would have it prompt; `voice` says who wrote it. */
export interface Labelled {
  readonly id: string;
  readonly voice?: string;
  readonly gold: { readonly level: string; readonly situations?: readonly number[]; readonly why?: string };
  readonly encounter: unknown;
  /** The file it was read from with others of its folder; a file is one writer's, or one voice. */
  readonly file?: string;
}

const RECORDS = new URL('../../packs/cases/records/', import.meta.url);
const EARLIER = new URL('../../packs/cases/held-back/', import.meta.url);

/** The tenth that nobody looks at while rules and words are tuned: the first byte of the SHA-256 of the id, modulo 10, is 0. */
export function isHeldBack(id: string): boolean {
  return (createHash('sha256').update(id).digest()[0] ?? 0) % 10 === 0;
}

export function readLabelled(file: string | URL): Labelled[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Labelled);
}

/** The project's own records: those the rules may be tuned on, or the held-back tenth. */
export function projectRecords({ heldBack = false }: { readonly heldBack?: boolean } = {}): Labelled[] {
  const blind = readFolder(RECORDS);
  if (heldBack) return blind.filter(({ id }) => isHeldBack(id));
  return [...readFolder(EARLIER), ...blind.filter(({ id }) => !isHeldBack(id))];
}

/** The records of every file in a folder, in the order of their names. */
export function readFolder(folder: URL): Labelled[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readLabelled(new URL(name, folder)).map((record) => ({ ...record, file: name })));
}

export function isPrompt(level: string | undefined): boolean {
  return level === 'red' || level === 'orange';
}
