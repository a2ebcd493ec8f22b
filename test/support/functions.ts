import ts from 'typescript';

export interface NamedFunction {
  readonly name: string;
  /** Names of the parameters and the body, with single spaces: equal for functions that do the same in the same words. */
  readonly does: string;
}

/** The function declarations of a source, nested ones too. */
export function functionsIn(text: string): NamedFunction[] {
  const found: NamedFunction[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isFunctionDeclaration(node) && node.body !== undefined) {
      const parameters = node.parameters.map(({ name }) => name.getText()).join();
      found.push({ name: node.name?.text ?? '', does: `(${parameters}) ${node.body.getText()}`.replaceAll(/\s+/g, ' ') });
    }
    node.forEachChild(walk);
  };
  walk(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true));
  return found;
}
