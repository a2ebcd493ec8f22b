/** Loaded when they are first needed; every bundle finds them beside itself. */
export const LAZY_PARTS = ['./widget-more.js', './widget-en.js'];

/**
 * How the files a page loads are made, by tsup for the package and by esbuild where a checkout serves its own source: whole,
 * with the syntax of Chrome 69, which knows no `globalThis`.
 */
export const BUNDLE = {
  platform: 'browser',
  target: 'chrome69',
  define: { globalThis: 'window' },
  minify: true,
} as const;

/** Entry by name of the file, and its format. */
export const BUNDLED_FILES = [
  { name: 'widget.js', entry: 'define.ts', format: 'iife' },
  { name: 'widget.mjs', entry: 'define.ts', format: 'esm' },
  { name: 'widget-more.js', entry: 'widget-more.ts', format: 'esm' },
  { name: 'widget-en.js', entry: 'widget-en.ts', format: 'esm' },
] as const;

/** A file as it is served to a page. */
export interface WidgetFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}
