import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { billOfMaterials } from './bill-of-materials.js';
import { blocksOf, documents } from '../support/documents.js';
import { blockProblems } from './blocks.js';
import { browserProblems } from './browser.js';
import { contentProblems, privateTypeProblems } from './contents.js';
import { declaredBy } from './declared.js';
import { WALKED, walkGuide } from './guides.js';
import { dependenciesOf, licenceProblems } from './licences.js';
import { consumerOf, newcomerOf, packAsTyped, published, type PublishedPackage, ROOT, unbuilt } from './published.js';
import { sizeProblems, sizesOf } from './sizes.js';
import { suiteProblems } from './suite.js';
import { loadProblems, surfaceProblems } from './surface.js';
import { typeProblems } from './types.js';

/**
 * The packages as a stranger gets them: packed, looked into, installed from the tarballs alone into an empty project, and every
 * published entry loaded there without the source condition of this repository: imported and required by plain node, one by a test
 * runner and one in a browser, where it belongs. Then the TypeScript of the documents is compiled in that project, and the newcomers'
 * guides are walked in another, which npm has installed as they say.
 */
const {
  values: { update, sbom, tarballs: keptIn },
} = parseArgs({
  options: {
    // Takes changed names into `surface.json` and changed sizes into `sizes.json`.
    update: { type: 'boolean', default: false },
    // Writes the bill of materials into this file.
    sbom: { type: 'string' },
    // Keeps the tarballs in this folder.
    tarballs: { type: 'string' },
  },
});

async function lintProblems({ folder, name }: PublishedPackage): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: 'pnpm' });
  return messages.map((message) => `${name}: ${formatMessage(message, pkg, { color: false })}`);
}

const missing = unbuilt(published);
if (missing.length > 0) {
  console.error(`not built: ${missing.join(', ')}; run pnpm build first`);
  process.exit(1);
}
const work = mkdtempSync(join(tmpdir(), 'zhida-packaging-'));
try {
  const problems: string[] = [];
  const folder = keptIn === undefined ? join(work, 'tarballs') : resolve(keptIn);
  const tarballs = packAsTyped(folder);
  for (const one of published) {
    const tarball = tarballs.get(one.name) ?? '';
    problems.push(...(await lintProblems(one)), ...contentProblems(one.name, tarball), ...(await typeProblems(one.name, tarball)));
    console.log(`${one.name.padEnd(20)} ${(statSync(tarball).size / 1024).toFixed(0).padStart(5)} kB packed`);
  }
  const project = join(work, 'project');
  // The guide for agencies registers the receiver in an application of the reader's own.
  consumerOf(tarballs, 'fastify', project);
  const declared = declaredBy(published, project);
  problems.push(...privateTypeProblems(published, project, declared), ...surfaceProblems(declared, update));
  problems.push(...loadProblems(declared, project), ...(await browserProblems(declared, project)));
  // A project of its own: with a test runner beside them the packages depend on more than what is shipped.
  const tested = join(work, 'tested');
  consumerOf(tarballs, 'vitest', tested);
  problems.push(...suiteProblems(declared, tested));
  const dependencies = dependenciesOf(project);
  problems.push(...licenceProblems(dependencies));
  // All published packages have one version (`fixed` in `.changeset/config.json`), and the root of the repository none of its own.
  const { version } = JSON.parse(readFileSync(join(ROOT, 'packages/core/package.json'), 'utf8')) as { version: string };
  const bill = billOfMaterials(version, dependencies);
  if (sbom !== undefined) {
    mkdirSync(dirname(resolve(sbom)), { recursive: true });
    writeFileSync(sbom, bill);
  }
  problems.push(...sizeProblems(await sizesOf(tarballs, project), update));
  problems.push(...blockProblems(documents, project));
  const newcomer = join(work, 'newcomer');
  newcomerOf(tarballs, newcomer);
  for (const guide of WALKED) problems.push(...(await walkGuide(guide, newcomer)));
  for (const problem of problems) console.error(problem);
  const entries = published.reduce((count, one) => count + one.entries.length, 0);
  const blocks = documents.reduce((count, document) => count + blocksOf(document, 'ts').length, 0);
  console.log(
    `${published.length} packages packed, ${entries} entries imported and required, ${dependencies.length} dependencies, ` +
      `${blocks} blocks compiled, ${WALKED.length} guides walked, ${problems.length} problems`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
