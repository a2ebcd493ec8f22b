import { pnpm } from './published.js';

/** What may be shipped with a product under Apache-2.0 without asking anybody. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
  'Unlicense',
]);

/** Something that is installed with our packages. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/** Everything a consumer's project has installed, with its licence. */
export function dependenciesOf(project: string): Dependency[] {
  const listed = JSON.parse(pnpm(project, 'licenses', 'list', '--prod', '--json', '--ignore-workspace')) as Record<
    string,
    readonly { name: string; versions: readonly string[] }[]
  >;
  return Object.entries(listed)
    .flatMap(([licence, all]) => all.flatMap(({ name, versions }) => versions.map((version) => ({ name, version, licence }))))
    .toSorted((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

export function licenceProblems(dependencies: readonly Dependency[]): string[] {
  return dependencies
    .filter(
      ({ licence }) =>
        !licence
          .replace(/[()]/g, '')
          .split(' OR ')
          .some((one) => ALLOWED.has(one)),
    )
    .map(({ name, version, licence }) => `${name}@${version}: ${licence} is not among the licences that may be shipped`);
}
