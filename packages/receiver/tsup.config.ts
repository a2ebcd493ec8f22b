import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { index: 'src/index.ts', postgres: 'src/postgres.ts', file: 'src/file.ts', testing: 'src/testing.ts' },
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  dts: false,
  clean: false,
});
