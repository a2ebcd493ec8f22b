import ts from 'typescript';

/** One place where a source names another module. */
export interface Import {
  readonly specifier: string;
  /** Gone once the types are stripped: `import type`, `export type`, `typeof import(…)`. */
  readonly typeOnly: boolean;
}

/** Every module that a source names: imported from, imported for its effect, exported from, imported late, or required. */
export function importsOf(text: string): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, typeOnly: boolean): void => {
    if (node !== undefined && ts.isStringLiteralLike(node)) found.push({ specifier: node.text, typeOnly });
  };
  const walk = (node: ts.Node): void => {
    // With `verbatimModuleSyntax` an import whose names are all types still loads the module, unless it is a type import itself.
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && LOADS.test(node.expression.getText())) add(node.arguments[0], false);
    node.forEachChild(walk);
  };
  walk(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true));
  return found;
}

const LOADS = /^(?:import|require|import\.meta\.resolve|require\.resolve)$/;
