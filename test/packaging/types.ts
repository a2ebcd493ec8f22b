import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';

/** Node 20.19 requires ES modules, which the checker takes for an error; resolution before exports maps is not supported. */
const NOT_OURS = new Set(['CJSResolvesToESM']);
const NOT_SUPPORTED = new Set(['node10']);

/** Where the declarations of a tarball do not fit its JavaScript. */
export async function typeProblems(name: string, tarball: string): Promise<string[]> {
  const checked = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  if (checked.types === false) return [`${name}: the package has no types`];
  return checked.problems
    .filter((problem) => !NOT_OURS.has(problem.kind))
    .filter((problem) => !('resolutionKind' in problem) || !NOT_SUPPORTED.has(problem.resolutionKind))
    .map((problem) => `${name}: ${problem.kind}${'entrypoint' in problem ? ` at ${problem.entrypoint}` : ''}`);
}
