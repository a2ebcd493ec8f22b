import { reportSchema } from './report-schema.js';

/** The few words of JSON Schema that the report's schema uses; reader, views and renderers walk it by these. */
export interface SchemaNode {
  readonly type?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[] | undefined;
}

export const reportNode: SchemaNode = reportSchema;

/**
 * Every member of a schema that holds a value, as a path in schema order: `facility.dutyContact.phone`,
 * `companions[].name`, `needs[]`.
 */
export function leafPaths(node: SchemaNode = reportNode, at = ''): string[] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, child]) => leafPaths(child, at === '' ? key : `${at}.${key}`));
  }
  return node.items === undefined ? [at] : leafPaths(node.items, `${at}[]`);
}
