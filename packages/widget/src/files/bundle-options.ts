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

/** Around a module without imports and exports it makes a plain script; esbuild's own `iife` carries a dead `require` of 300 bytes. */
const SCRIPT = { banner: '"use strict";(()=>{', footer: '})();' };

/** The files by name: the module each is made of, and what goes around it. */
export const BUNDLED_FILES = [
  { name: 'widget.js', entry: 'script.ts', ...SCRIPT },
  { name: 'widget.mjs', entry: 'define.ts', banner: '', footer: '' },
  { name: 'widget-more.js', entry: 'widget-more.ts', banner: '', footer: '' },
  { name: 'widget-en.js', entry: 'widget-en.ts', banner: '', footer: '' },
] as const;

/** A file as it is served to a page. */
export interface WidgetFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}
