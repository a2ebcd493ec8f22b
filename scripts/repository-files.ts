import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/**
 * The files of this repository that match some of the patterns of `git ls-files`, from its root, with slashes, in the order of their names. New ones count before
 * they are committed. A walk over folders would follow the links of `node_modules`, in circles from Node 22 on.
 */
export function repositoryFiles(...patterns: readonly string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return listed.split('\0').filter(Boolean).toSorted();
}
