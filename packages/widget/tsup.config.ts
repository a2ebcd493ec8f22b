import { defineConfig, type Options } from 'tsup';
import { BUNDLE, BUNDLED_FILES, LAZY_PARTS } from './src/files/bundle-options.js';

/** For a page that loads a file: everything inside, but the part that is loaded later. */
const bundles: Options[] = BUNDLED_FILES.map(({ name, entry, banner, footer }) => ({
  entry: { [name.replace(/\.m?js$/, '')]: `src/${entry}` },
  format: ['esm'],
  banner: { js: banner },
  footer: { js: footer },
  ...BUNDLE,
  outExtension: () => ({ js: name.endsWith('.mjs') ? '.mjs' : '.js' }),
  splitting: false,
  // Everything but the later parts, which stay files of their own.
  noExternal: [/^(?!\.\/widget-)/],
  external: LAZY_PARTS,
  dts: false,
  clean: false,
  esbuildOptions(options) {
    options.charset = 'utf8';
    options.legalComments = 'none';
    options.conditions = ['@zhida/source'];
  },
}));

export default defineConfig([
  ...bundles,
  // For whoever bundles the widget into a page of their own.
  {
    entry: { index: 'src/index.ts', define: 'src/define.ts' },
    format: ['esm'],
    ...BUNDLE,
    minify: false,
    external: LAZY_PARTS,
    sourcemap: true,
    dts: false,
    clean: false,
  },
  // For the gateway that serves the files.
  { entry: { 'files/from-dist': 'src/files/from-dist.ts' }, format: ['esm'], target: 'node20', sourcemap: true, dts: false, clean: false },
]);
