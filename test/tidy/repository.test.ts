import { expect, test } from 'vitest';
import { nameRepository, packageFiles } from '../../scripts/repository.js';

const URL = 'https://github.com/owner/zhida';
const NAMES = ['homepage', 'repository', 'bugs'];

test('a package says in which repository and folder it lies, once', () => {
  const named = nameRepository({ name: '@zhida/core', license: 'Apache-2.0', type: 'module', bugs: 'old' }, URL, 'packages/core');
  expect(named).toEqual({
    name: '@zhida/core',
    license: 'Apache-2.0',
    homepage: 'https://github.com/owner/zhida/tree/main/packages/core#readme',
    repository: { type: 'git', url: 'git+https://github.com/owner/zhida.git', directory: 'packages/core' },
    bugs: { url: 'https://github.com/owner/zhida/issues' },
    type: 'module',
  });
  expect(Object.keys(named).slice(1, 5)).toEqual(['license', ...NAMES]);
  expect(nameRepository(named, URL, 'packages/core')).toEqual(named);
  expect(() => nameRepository({}, 'owner/zhida', '')).toThrow(TypeError);
});

/** The root's is the one there is; until there is one, nobody names another. */
test('all packages name the same repository, each its own folder, or none does', () => {
  const [root, ...packages] = packageFiles();
  const url = /^git\+(.*)\.git$/.exec((root?.manifest['repository'] as { url: string } | undefined)?.url ?? '')?.[1];
  expect(packages.length).toBeGreaterThan(15);
  for (const { manifest, directory } of packages) {
    const expected = url === undefined ? {} : nameRepository({}, url, directory);
    expect(Object.fromEntries(Object.entries(manifest).filter(([name]) => NAMES.includes(name))), directory).toEqual(expected);
  }
});
