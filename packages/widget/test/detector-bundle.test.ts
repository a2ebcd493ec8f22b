import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { nationalRulePack } from '@zhida/packs';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

/** The budgets of docs/adr/0021: the words of the pack are what a page loads, so what is held down is what each of them costs. */
const CODE_MAX = 53_500;
const BYTES_OF_A_TERM_MAX = 9;
const BYTES_OF_A_WEIGHT_MAX = 4;

/** Bytes a page loads of these lines, minified and compressed as a server does. */
async function gzipped(lines: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: lines, loader: 'ts', resolveDir: join(import.meta.dirname, '../..') },
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'browser',
    charset: 'utf8',
    legalComments: 'none',
    conditions: ['@zhida/source'],
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length;
}

describe('the detector in a page', () => {
  test('is small beside the words it looks for, and a word costs no more than its letters', async () => {
    const code = await gzipped("export { createDetector } from './detect/src/index.ts';");
    const all = await gzipped(
      "export { createDetector } from './detect/src/index.ts'; export { nationalRulePack } from './packs/src/index.ts';",
    );
    const { concepts, guards, cues } = nationalRulePack;
    const words = [...concepts, ...guards].flatMap(({ terms }) => terms).concat(...Object.values(cues));
    const { terms, denied, red, ...others } = nationalRulePack.weighing;
    const weights =
      terms.low.length +
      (denied?.low.length ?? 0) +
      (red?.terms.replaceAll('0', '').length ?? 0) +
      Object.keys(red?.concepts ?? {}).length +
      Object.values(others).flatMap((weighed) => (typeof weighed === 'number' ? [] : Object.keys(weighed))).length;
    expect(code).toBeLessThanOrEqual(CODE_MAX);
    expect(all - code).toBeLessThanOrEqual(BYTES_OF_A_WEIGHT_MAX * weights + BYTES_OF_A_TERM_MAX * words.length);
  });
});
