import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { billOfMaterials } from './bill-of-materials.js';
import { contentProblems } from './contents.js';
import { dependenciesOf, licenceProblems } from './licences.js';
import { consumerOf, pack, published, type PublishedPackage, ROOT } from './published.js';
import { surfaceProblems } from './surface.js';
import { typeProblems } from './types.js';

/**
 * The packages as a stranger gets them: packed, looked into, installed from the tarballs alone into an empty project, and every
 * published entry imported and required there by plain node, without the source condition of this repository.
 * `--update` takes changed names into `surface.json`; `--sbom FILE` writes the bill of materials.
 */
const update = process.argv.includes('--update');
const sbom = process.argv[process.argv.indexOf('--sbom') + 1];

async function lintProblems({ folder, name }: PublishedPackage): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: folder, strict: true, pack: 'pnpm' });
  return messages.map((message) => `${name}: ${formatMessage(message, pkg, { color: false })}`);
}

const work = mkdtempSync(join(tmpdir(), 'zhida-packaging-'));
try {
  const tarballs = new Map<string, string>();
  const problems: string[] = [];
  mkdirSync(join(work, 'tarballs'));
  for (const one of published) {
    const tarball = pack(one, join(work, 'tarballs'));
    tarballs.set(one.name, tarball);
    problems.push(...(await lintProblems(one)), ...contentProblems(one.name, tarball), ...(await typeProblems(one.name, tarball)));
    console.log(`${one.name.padEnd(20)} ${(statSync(tarball).size / 1024).toFixed(0).padStart(5)} kB packed`);
  }
  const project = join(work, 'project');
  consumerOf(tarballs, project);
  problems.push(...surfaceProblems(published, project, update));
  const dependencies = dependenciesOf(project);
  problems.push(...licenceProblems(dependencies));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const bill = billOfMaterials(version, dependencies);
  if (process.argv.includes('--sbom') && sbom !== undefined) writeFileSync(sbom, bill);
  for (const problem of problems) console.error(problem);
  const entries = published.reduce((count, one) => count + one.entries.length, 0);
  console.log(
    `${published.length} packages packed, ${entries} entries imported and required, ${dependencies.length} dependencies, ${problems.length} problems`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
