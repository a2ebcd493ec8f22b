import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUNDLED_FILES, type WidgetFile } from './bundle-options.js';

export type { WidgetFile };

/** The files a page loads, as this package was built. */
export function readWidgetFiles(): Promise<readonly WidgetFile[]> {
  return Promise.all(BUNDLED_FILES.map(async ({ name }) => ({ name, bytes: await readFile(join(import.meta.dirname, '..', name)) })));
}
