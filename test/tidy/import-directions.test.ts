import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/**
 * Who may import whom (docs/ARCHITECTURE.md). `detect` knows no message format, `fhir`, `hl7v2` and `his` know no rule, `relay` imports
 * neither, and the parts meet only in `gateway`, `cli` and the examples.
 */
const ALLOWED: Record<string, readonly string[]> = {
  core: [],
  packs: ['core'],
  detect: ['core', 'packs'],
  fhir: ['core'],
  hl7v2: ['core'],
  his: ['core'],
  report: ['core'],
  signing: ['core'],
  'audit-log': ['core'],
  database: ['core'],
  relay: ['core', 'report', 'signing', 'audit-log', 'database'],
  receiver: ['core', 'report', 'signing', 'audit-log', 'database'],
  widget: ['core', 'report'],
  gateway: ['core', 'packs', 'detect', 'fhir', 'hl7v2', 'his', 'report', 'signing', 'audit-log', 'database', 'widget'],
  cli: ['core', 'packs', 'detect', 'fhir', 'hl7v2', 'his', 'report', 'signing', 'audit-log', 'database', 'relay', 'receiver', 'gateway'],
  testkit: ['core', 'signing', 'database', 'report', 'receiver', 'audit-log'],
};

const packagesFolder = join(import.meta.dirname, '../../packages');
const packages = readdirSync(packagesFolder);

interface Manifest {
  readonly dependencies?: Record<string, string>;
  /** `detect` takes the types of `packs` alone: the data comes from whoever calls it. */
  readonly peerDependencies?: Record<string, string>;
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(packagesFolder, name, 'package.json'), 'utf8')) as Manifest;
}

function declared(name: string): string[] {
  const { dependencies, peerDependencies } = manifest(name);
  return Object.keys({ ...dependencies, ...peerDependencies });
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

test('every package has its line in the table of directions', () => {
  expect(packages.filter((name) => ALLOWED[name] === undefined)).toEqual([]);
});

test.each(packages)('%s depends only on what its direction allows', (name) => {
  const own = declared(name)
    .filter((dependency) => dependency.startsWith('@zhida/'))
    .map((dependency) => dependency.slice('@zhida/'.length));
  expect(own.filter((dependency) => !ALLOWED[name]?.includes(dependency))).toEqual([]);
});

test.each(packages)('%s imports only packages it declares', (name) => {
  const known = declared(name);
  const imported = sourceFiles(join(packagesFolder, name, 'src')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/from '(@zhida\/[a-z0-9-]+)/g)].map((match) => match[1] ?? ''),
  );
  expect([...new Set(imported)].filter((specifier) => !known.includes(specifier))).toEqual([]);
});

test.each(['core', 'detect'])('%s has no runtime dependency outside this repository', (name) => {
  expect(Object.keys(manifest(name).dependencies ?? {}).filter((dependency) => !dependency.startsWith('@zhida/'))).toEqual([]);
});
