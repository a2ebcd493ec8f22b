import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

export type Manifest = Readonly<Record<string, unknown>>;

interface PackageFile {
  readonly file: string;
  readonly manifest: Manifest;
  /** From the root of the repository, which itself is an empty one. */
  readonly directory: string;
}

/** The package.json of the root, of every package and of the examples. */
export function packageFiles(): PackageFile[] {
  const folders = ['packages', 'examples'].flatMap((room) => readdirSync(join(ROOT, room)).map((name) => `${room}/${name}`));
  return ['', ...folders].map((directory) => {
    const file = join(ROOT, directory, 'package.json');
    return { file, directory, manifest: JSON.parse(readFileSync(file, 'utf8')) as Manifest };
  });
}

/**
 * A manifest that says where its package lies: npm takes provenance only of a package whose `repository` is the one it is built in.
 *
 * @param url `https://github.com/OWNER/NAME`
 * @throws TypeError when it is no such address
 */
export function nameRepository(manifest: Manifest, url: string, directory: string): Manifest {
  if (!/^https:\/\/[\w.-]+\/[\w.-]+\/[\w.-]+$/.test(url) || url.endsWith('.git')) throw new TypeError('not the address of a repository');
  const { homepage: _homepage, repository: _repository, bugs: _bugs, ...rest } = manifest;
  const named = {
    homepage: directory === '' ? `${url}#readme` : `${url}/tree/main/${directory}#readme`,
    repository: { type: 'git', url: `git+${url}.git`, ...(directory === '' ? {} : { directory }) },
    bugs: { url: `${url}/issues` },
  };
  // After the licence, where a reader looks for them.
  const entries = Object.entries(rest);
  const after = entries.findIndex(([name]) => name === 'license') + 1;
  return Object.fromEntries([...entries.slice(0, after), ...Object.entries(named), ...entries.slice(after)]);
}
