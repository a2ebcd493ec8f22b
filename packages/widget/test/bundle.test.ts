import { gzipSync } from 'node:zlib';
import { parse } from 'acorn';
import { beforeAll, describe, expect, test } from 'vitest';
import { readWidgetFiles } from '../src/files/from-source.js';

const KB = 1_000;
/** Optional catch binding came with Chrome 66; optional chaining, `??`, class fields and BigInt literals are later than 69. */
const CHROME_69 = 2019;
/** What Chrome 69 does not have, and hospitals' http pages do not. */
const ABSENT = [
  'globalThis',
  'structuredClone',
  'queueMicrotask',
  'TextDecoderStream',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'document.cookie',
  'crypto.subtle',
  'randomUUID',
  'navigator.locks',
  'serviceWorker',
  'eval(',
  'new Function',
];
const ABSENT_METHODS = [
  'fromEntries',
  'replaceAll',
  'replaceChildren',
  'matchAll',
  'allSettled',
  'hasOwn',
  'toSorted',
  'toReversed',
  'toSpliced',
  'findLast',
  'at',
  'flatMap',
];

let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  files = new Map((await readWidgetFiles()).map(({ name, bytes }) => [name, new TextDecoder().decode(bytes)]));
});

const text = (name: string): string => files.get(name) ?? '';
const gzipped = (name: string): number => gzipSync(text(name), { level: 9 }).length;

describe('the files a page loads', () => {
  test('the first load is at most 20 kB gzip, and what comes later is apart', () => {
    expect(gzipped('widget.js')).toBeLessThanOrEqual(20 * KB);
    expect(gzipped('widget.mjs')).toBeLessThanOrEqual(20 * KB);
    expect(text('widget.js')).not.toContain('说不清，就是不放心');
    expect(text('widget.js')).not.toContain('Care check');
    expect(text('widget-more.js')).toContain('说不清，就是不放心');
    expect(text('widget-en.js')).toContain('Care check');
  });

  test.each(['widget.js', 'widget.mjs', 'widget-more.js', 'widget-en.js'])('%s has the syntax of Chrome 69', (name) => {
    const sourceType = name === 'widget.js' ? 'script' : 'module';
    // `import()` is of ES2020 and of Chrome 63, so it stands in for a call here.
    const source = text(name).replaceAll('import(', 'load(');
    expect(() => parse(source, { ecmaVersion: CHROME_69, sourceType })).not.toThrow();
    expect(() => parse('a?.b ?? c', { ecmaVersion: CHROME_69 })).toThrow();
  });

  test.each(['widget.js', 'widget.mjs', 'widget-more.js', 'widget-en.js'])(
    '%s asks for nothing that an old engine or a plain page lacks',
    (name) => {
      expect(ABSENT.filter((word) => text(name).includes(word))).toEqual([]);
      expect(ABSENT_METHODS.filter((method) => new RegExp(`[^.]\\.${method}\\(`).test(text(name)))).toEqual([]);
    },
  );

  test('the script is one statement that leaves no name behind, and the module finds its later parts beside itself', () => {
    const program = parse(text('widget.js').replaceAll('import(', 'load('), { ecmaVersion: CHROME_69, sourceType: 'script' });
    expect(program.body.map(({ type }) => type)).toEqual(['ExpressionStatement', 'ExpressionStatement']);
    const parts = [...text('widget.mjs').matchAll(/import\("([^"]+)"\)/g)].map((match) => match[1] ?? '');
    expect(new Set(parts)).toEqual(new Set(['./widget-en.js', './widget-more.js']));
    for (const part of parts) expect(files.has(part.slice(2))).toBe(true);
  });

  test('lit is in the first file alone', () => {
    expect(text('widget.js')).toContain('_$litType$');
    expect(text('widget-more.js')).not.toContain('_$litType$');
  });
});
