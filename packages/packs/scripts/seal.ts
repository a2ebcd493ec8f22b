import { readFile, writeFile } from 'node:fs/promises';
import { packDigest } from '../src/digest.js';
import { legalPack, nationalRulePack } from '../src/index.js';

/** Writes the digests that the packs of this package should carry. Run after every change of their data. */
const seals = [
  { file: 'manifest', digest: await packDigest(nationalRulePack) },
  { file: 'legal', digest: await packDigest(legalPack) },
];
for (const { file, digest } of seals) {
  const path = new URL(`../src/national/${file}.data.json`, import.meta.url);
  await writeFile(path, (await readFile(path, 'utf8')).replace(/"digest": "[0-9a-f]{64}"/, `"digest": "${digest}"`));
}
