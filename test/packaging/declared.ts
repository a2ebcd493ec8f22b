import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { PublishedPackage } from './published.js';
import { programOf } from './program.js';

/** What the declarations of an entry export. */
export interface DeclaredExports {
  /** What is there at run time, sorted. */
  readonly values: readonly string[];
  /** What only a type checker sees, sorted: interfaces, types, and classes that are exported as types alone. */
  readonly types: readonly string[];
}

export interface Declared {
  /** By entry, as a stranger writes it. */
  readonly exports: ReadonlyMap<string, DeclaredExports>;
  /** Every declaration file that a type checker comes to from the entries: real paths. */
  readonly reached: ReadonlySet<string>;
}

/** Reads the declarations of all entries as the type checker of a consumer's project does. */
export function declaredBy(packages: readonly PublishedPackage[], project: string): Declared {
  const folder = join(project, 'declared');
  mkdirSync(folder);
  const entries = packages.flatMap((one) => one.entries);
  const file = join(folder, 'entries.ts');
  writeFileSync(file, entries.map((entry) => `export type {} from '${entry}';\n`).join(''));
  const program = programOf([file]);
  const checker = program.getTypeChecker();
  const exports = new Map<string, DeclaredExports>();
  for (const statement of program.getSourceFile(file)?.statements ?? []) {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) continue;
    const entry = (statement.moduleSpecifier as ts.StringLiteral).text;
    const module = checker.getSymbolAtLocation(statement.moduleSpecifier);
    const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
    exports.set(entry, {
      values: namesOf(symbols.filter((symbol) => isValue(symbol, checker))),
      types: namesOf(symbols.filter((symbol) => !isValue(symbol, checker))),
    });
  }
  return { exports, reached: new Set(program.getSourceFiles().map(({ fileName }) => fileName)) };
}

function namesOf(symbols: readonly ts.Symbol[]): string[] {
  return symbols.map(({ name }) => name).toSorted();
}

function isValue(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const asType = symbol.declarations?.some((one) => ts.isExportSpecifier(one) && (one.isTypeOnly || one.parent.parent.isTypeOnly)) === true;
  const meant = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  return !asType && (meant.flags & ts.SymbolFlags.Value) !== 0;
}
