import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXAMPLE_ROOT } from './layout.js';

/** What the demo expects of one invented visit: no rule at all, or exactly these. */
export interface ExpectedEncounter {
  readonly file: string;
  readonly encounter: string;
  readonly rules: readonly string[];
  readonly trap: boolean;
  readonly why: string;
}

const FOLDER = join(EXAMPLE_ROOT, 'encounters');

export async function expectedEncounters(): Promise<readonly ExpectedEncounter[]> {
  return JSON.parse(await readFile(join(FOLDER, 'expected.json'), 'utf8')) as ExpectedEncounter[];
}

export interface EncounterFile {
  readonly text: string;
  readonly contentType: 'application/json' | 'application/fhir+json';
}

export async function readEncounterFile(file: string): Promise<EncounterFile> {
  return {
    text: await readFile(join(FOLDER, file), 'utf8'),
    contentType: file.endsWith('.fhir.json') ? 'application/fhir+json' : 'application/json',
  };
}
