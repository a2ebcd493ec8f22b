import { writeFileSync } from 'node:fs';
import { nameRepository, packageFiles } from './repository.js';

/** `node --import tsx scripts/name-repository.ts URL`: writes into every package in which repository it lies. */
const [url = ''] = process.argv.slice(2);
for (const { file, manifest, directory } of packageFiles()) {
  writeFileSync(file, `${JSON.stringify(nameRepository(manifest, url, directory), null, 2)}\n`);
}
