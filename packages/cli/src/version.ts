import { readFileSync } from 'node:fs';

/** One folder above the sources, and above what is built from them. */
const { version: written } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

/** Version of this program. */
export const version: string = written;
