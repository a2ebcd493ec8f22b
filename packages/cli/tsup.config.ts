import { defineConfig } from 'tsup';

export default defineConfig({
  entry: { zhida: 'src/zhida.ts', index: 'src/index.ts' },
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  dts: false,
  clean: false,
});
