import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE, BUNDLED_FILES, LAZY_PARTS, type WidgetFile } from './bundle-options.js';

export type { WidgetFile };

let bundled: Promise<readonly WidgetFile[]> | undefined;

/**
 * The files a page loads, bundled from this checkout; the published package brings them built. Once in a process: who changes a
 * source starts the gateway anew, as `pnpm dev` does.
 */
export function readWidgetFiles(): Promise<readonly WidgetFile[]> {
  bundled ??= bundle().catch((error: unknown) => {
    bundled = undefined;
    throw error;
  });
  return bundled;
}

function bundle(): Promise<readonly WidgetFile[]> {
  return Promise.all(
    BUNDLED_FILES.map(async ({ name, entry, banner, footer }) => {
      const { outputFiles } = await build({
        ...BUNDLE,
        entryPoints: [join(import.meta.dirname, '..', entry)],
        format: 'esm',
        banner: { js: banner },
        footer: { js: footer },
        bundle: true,
        write: false,
        charset: 'utf8',
        legalComments: 'none',
        conditions: ['@zhida/source'],
        external: LAZY_PARTS,
        logLevel: 'error',
      });
      return { name, bytes: outputFiles[0]?.contents ?? new Uint8Array() };
    }),
  );
}
