import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { type Import, importsOf } from '../support/imports.js';

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

/** What a package takes from another without loading it: the data of `packs` comes from whoever calls `detect`. */
const TYPES_ALONE: Record<string, readonly string[]> = { detect: ['packs'] };

const packagesFolder = join(import.meta.dirname, '../../packages');
const packages = readdirSync(packagesFolder);

interface Manifest {
  readonly dependencies?: Record<string, string>;
  readonly peerDependencies?: Record<string, string>;
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(packagesFolder, name, 'package.json'), 'utf8')) as Manifest;
}

function declared(name: string): string[] {
  const { dependencies, peerDependencies } = manifest(name);
  return Object.keys({ ...dependencies, ...peerDependencies });
}

/** Every module that the sources of a package name, with the file that does. */
function importsIn(name: string): (Import & { readonly file: string })[] {
  const folder = join(packagesFolder, name, 'src');
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .flatMap((file) => importsOf(readFileSync(file, 'utf8')).map((found) => ({ ...found, file: relative(folder, file) })));
}

/** `@zhida/his/cda` → @zhida/his */
function packageOf(specifier: string): string {
  return specifier.split('/').slice(0, 2).join('/');
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

test.each(packages)('%s imports only packages it declares, and none by its folder', (name) => {
  const known = declared(name);
  const imports = importsIn(name);
  expect(imports.length).toBeGreaterThan(0);
  const foreign = imports.filter(({ specifier }) => specifier.startsWith('@zhida/')).map(({ specifier }) => packageOf(specifier));
  expect([...new Set(foreign)].filter((specifier) => !known.includes(specifier))).toEqual([]);
  const outside = imports.filter(({ specifier, file }) => specifier.startsWith('.') && join(file, '..', specifier).startsWith('..'));
  expect(outside).toEqual([]);
});

test.each(Object.entries(TYPES_ALONE))('%s takes only types of %s', (name, others) => {
  const taken = importsIn(name).filter(({ specifier }) => others.some((other) => packageOf(specifier) === `@zhida/${other}`));
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.filter(({ typeOnly }) => !typeOnly)).toEqual([]);
});

test('a module is found however it is named', () => {
  const source = `
    import type { RulePack } from '@zhida/packs';
    import { type Level, nationalRulePack } from '@zhida/packs';
    import '@zhida/widget/define';
    export * from '@zhida/report';
    const later = () => import('@zhida/his/cda');
    type Cda = typeof import('@zhida/his');
    createRequire(import.meta.url);
    require('@zhida/fhir');
  `;
  expect(importsOf(source)).toEqual([
    { specifier: '@zhida/packs', typeOnly: true },
    { specifier: '@zhida/packs', typeOnly: false },
    { specifier: '@zhida/widget/define', typeOnly: false },
    { specifier: '@zhida/report', typeOnly: false },
    { specifier: '@zhida/his/cda', typeOnly: false },
    { specifier: '@zhida/his', typeOnly: true },
    { specifier: '@zhida/fhir', typeOnly: false },
  ]);
});

test.each(['core', 'detect'])('%s has no runtime dependency outside this repository', (name) => {
  expect(Object.keys(manifest(name).dependencies ?? {}).filter((dependency) => !dependency.startsWith('@zhida/'))).toEqual([]);
});
