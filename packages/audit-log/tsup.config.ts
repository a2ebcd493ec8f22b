import { defineConfig } from 'tsup';

export default defineConfig([
  {
    entry: { index: 'src/index.ts', postgres: 'src/postgres.ts' },
    format: ['esm'],
    target: 'node20',
    sourcemap: true,
    dts: false,
    clean: false,
  },
  {
    // One file with nothing beside it: an auditor copies it to a machine without network and runs it with Node.
    entry: { 'verify-bin': 'src/verify-bin.ts' },
    format: ['esm'],
    target: 'node20',
    splitting: false,
    noExternal: [/^@zhida\//],
    esbuildOptions: (options) => {
      options.conditions = ['@zhida/source'];
    },
    sourcemap: false,
    dts: false,
    clean: false,
  },
]);
