import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { pack, published, unbuilt } from './published.js';

/** `pnpm tarballs FOLDER [--json]` packs every published package into a folder and looks into none: that is what `pnpm packaging` does. */
const [folder, json] = process.argv.slice(2);
const missing = unbuilt(published);
if (folder === undefined || missing.length > 0) {
  console.error(folder === undefined ? 'name the folder for the tarballs' : `not built: ${missing.join(', ')}; run pnpm build first`);
  process.exit(1);
}
mkdirSync(resolve(folder), { recursive: true });
const tarballs = pack(resolve(folder));
console.log(json === '--json' ? JSON.stringify([...tarballs]) : [...tarballs.values()].join('\n'));
