import { readFile, writeFile } from 'node:fs/promises';
import { packDigest } from '../src/digest.js';
import { nationalRulePack } from '../src/national/rule-pack.js';

/** Writes the digests that the packs of this package should carry. Run after every change of their data. */
const manifest = new URL('../src/national/manifest.data.json', import.meta.url);
const digest = await packDigest(nationalRulePack);
await writeFile(manifest, (await readFile(manifest, 'utf8')).replace(/"digest": "[0-9a-f]{64}"/, `"digest": "${digest}"`));
