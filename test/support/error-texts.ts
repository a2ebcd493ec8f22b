import ts from 'typescript';

/** A part of an error's message or place that is no literal, where it is written. */
export interface WrittenPart {
  readonly file: string;
  readonly text: string;
}

interface Source {
  readonly file: string;
  readonly tree: ts.SourceFile;
}

/**
 * Follows the message and the place (`at`) of every `ZhidaError` that is made to where they are written: through conditions, constants
 * and the arguments of the functions that make errors.
 *
 * @param texts the sources by name
 * @returns every part that is written there and is no literal
 */
export function partsOfErrors(texts: ReadonlyMap<string, string>): WrittenPart[] {
  const sources = [...texts].map(([file, text]) => ({ file, tree: ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true) }));
  const calls = new Map<string, { source: Source; call: ts.CallExpression }[]>();
  const made: { source: Source; written: ts.Expression }[] = [];
  for (const source of sources) {
    walk(source.tree, (node) => {
      if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) {
        const { text } = node.expression;
        const known = calls.get(text);
        if (known === undefined) calls.set(text, [{ source, call: node }]);
        else known.push({ source, call: node });
      }
      if (ts.isNewExpression(node) && node.expression.getText() === 'ZhidaError') {
        const [, message, options] = node.arguments ?? [];
        for (const written of [message, options]) if (written !== undefined) made.push({ source, written });
      }
    });
  }
  const seen = new Set<ts.Node>();
  const parts: WrittenPart[] = [];
  const follow = (source: Source, written: ts.Expression): void => {
    if (seen.has(written)) return;
    seen.add(written);
    const next = partsIn(written);
    if (next !== undefined) return next.forEach((part) => follow(source, part));
    const from = ts.isIdentifier(written) ? originOf(written) : undefined;
    if (from === undefined) parts.push({ file: source.file, text: written.getText().replaceAll(/\s+/g, ' ') });
    else if (from.kind === 'constant') follow(source, from.value);
    else {
      for (const { source: caller, call } of calls.get(from.name) ?? []) {
        const argument = call.arguments[from.index];
        // A function of the same name in another file is another one, unless this one is exported.
        if (argument !== undefined && (from.exported || caller === source)) follow(caller, argument);
      }
    }
  };
  for (const { source, written } of made) follow(source, written);
  return parts;
}

function walk(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.forEachChild((child) => walk(child, look));
}

/** What stands for `at` in the options of an error. */
function placesIn(options: ts.ObjectLiteralExpression): ts.Expression[] {
  return options.properties.flatMap((property) => {
    if (ts.isSpreadAssignment(property)) return [property.expression];
    if (property.name?.getText() !== 'at') return [];
    if (ts.isShorthandPropertyAssignment(property)) return [property.name];
    return ts.isPropertyAssignment(property) ? [property.initializer] : [];
  });
}

/** The parts of an expression that make a text, none of a literal; undefined where it is a part itself. */
function partsIn(node: ts.Expression): ts.Expression[] | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) || ts.isNumericLiteral(node)) return [];
  if (ts.isIdentifier(node) && node.text === 'undefined') return [];
  if (ts.isObjectLiteralExpression(node)) return placesIn(node);
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse];
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isNonNullExpression(node)) return [node.expression];
  const joins = [ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.BarBarToken, ts.SyntaxKind.PlusToken];
  if (ts.isBinaryExpression(node) && joins.includes(node.operatorToken.kind)) return [node.left, node.right];
  return undefined;
}

type Origin =
  | { readonly kind: 'constant'; readonly value: ts.Expression }
  | { readonly kind: 'parameter'; readonly name: string; readonly index: number; readonly exported: boolean };

/** Where a name gets what it stands for: a constant of the same file, or whoever calls the function whose parameter it is. */
function originOf(name: ts.Identifier): Origin | undefined {
  for (let scope: ts.Node | undefined = name.parent; scope !== undefined; scope = scope.parent) {
    if (ts.isFunctionLike(scope)) {
      const index = scope.parameters.findIndex((parameter) => parameter.name.getText() === name.text);
      if (index >= 0) return parameterOf(scope, index);
    }
    const statements = ts.isSourceFile(scope) || ts.isBlock(scope) || ts.isCaseClause(scope) ? [...scope.statements] : [];
    for (const statement of statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const found = statement.declarationList.declarations.find((one) => one.name.getText() === name.text);
      if (found?.initializer !== undefined) return { kind: 'constant', value: found.initializer };
    }
  }
  return undefined;
}

function parameterOf(scope: ts.SignatureDeclaration, index: number): Origin | undefined {
  const named = ts.isFunctionDeclaration(scope) ? scope.name : ts.isVariableDeclaration(scope.parent) ? scope.parent.name : undefined;
  if (named === undefined || !ts.isIdentifier(named)) return undefined;
  const exported = ts.isFunctionDeclaration(scope) && scope.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  return { kind: 'parameter', name: named.text, index, exported };
}
