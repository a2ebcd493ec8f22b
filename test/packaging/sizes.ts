import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundled } from './bundle.js';
import { run } from './published.js';

/** Bytes by package and by what a page loads, checked in: a package that grows is a diff that a reviewer reads. */
const SIZES_FILE = join(import.meta.dirname, 'sizes.json');
/** Another zlib or another version of a dependency moves a size by less. */
const GROWTH_MAX = 1.05;

/** What pages of others load: as they bundle it, or as the gateway serves it. */
const BROWSER: Readonly<Record<string, string>> = {
  '@zhida/detect': "export { createDetector } from '@zhida/detect';",
  '@zhida/detect and its pack': "export { createDetector } from '@zhida/detect'; export { nationalRulePack } from '@zhida/packs';",
  '@zhida/widget/define': "import '@zhida/widget/define';",
};

type Sizes = Readonly<Record<string, number>>;

/** Packed and unpacked bytes of the tarballs, and gzip bytes of what a browser loads, measured in a consumer's project. */
export async function sizesOf(tarballs: ReadonlyMap<string, string>, project: string): Promise<Sizes> {
  const sizes: Record<string, number> = {};
  for (const [name, tarball] of tarballs) {
    sizes[`${name} packed`] = statSync(tarball).size;
    sizes[`${name} unpacked`] = Buffer.byteLength(run('.', 'tar', ['--extract', '--to-stdout', '--gzip', '--file', tarball]));
  }
  for (const [name, contents] of Object.entries(BROWSER)) {
    sizes[`${name} bundled, gzip`] = gzipped(await bundled(contents, project));
  }
  sizes['widget.js served, gzip'] = gzipped(readFileSync(join(project, 'node_modules/@zhida/widget/dist/widget.js')));
  return sizes;
}

function gzipped(bytes: Uint8Array): number {
  return gzipSync(bytes, { level: 9 }).length;
}

/** Compares with what is checked in. @returns what has grown by more than a twentieth, and what is measured but not recorded */
export function sizeProblems(sizes: Sizes, update: boolean): string[] {
  if (update) writeFileSync(SIZES_FILE, `${JSON.stringify(sizes, null, 2)}\n`);
  const recorded = JSON.parse(readFileSync(SIZES_FILE, 'utf8')) as Sizes;
  return [...new Set([...Object.keys(recorded), ...Object.keys(sizes)])].flatMap((what) => {
    const [before = 0, now = 0] = [recorded[what], sizes[what]];
    if (before > 0 && now > 0 && now <= before * GROWTH_MAX) return [];
    return [`${what}: ${before} bytes are recorded and ${now} measured; pnpm packaging --update takes it in`];
  });
}
