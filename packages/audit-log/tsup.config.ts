import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { 'verify-bin': 'src/verify-bin.ts', index: 'src/index.ts', postgres: 'src/postgres.ts' },
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  dts: false,
  clean: false,
});
