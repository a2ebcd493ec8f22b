import { CODED_FIELDS, CODE_SYSTEMS } from '../codes/coded-fields.js';
import { type CodeSystem, displayOf, findCode } from '../codes/code-system.js';
import type { Locale } from '../locales/locale.js';
import { wordOf } from '../locales/locale-of.js';
import { type SchemaNode, reportNode } from '../schema/node.js';
import type { FlatValue } from './flatten.js';

/** Coarsened members, which hold a plain yes or no in place of what the schema has there. */
const COARSENED = new Set(['patient.school', 'needs']);
const CLOSED = closedPatterns(reportNode, '');

/** A value in words: codes by their display, what a person wrote as it was written. */
export function displayValue({ pattern, value }: FlatValue, locale: Locale): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? locale.form.yes : locale.form.no;
  if (typeof value === 'number') return String(value);
  const closed = wordOf(locale.codes, `${pattern}=${value}`) ?? wordOf(locale.codes, value) ?? value;
  if (CLOSED.has(pattern) || COARSENED.has(pattern)) return closed;
  const name = wordOf(CODED_FIELDS, pattern);
  if (name === undefined) return value;
  const system: CodeSystem = CODE_SYSTEMS[name];
  // A situation that was coarsened to its group is no code of the system any more.
  return findCode(system, value) === undefined ? closed : displayOf(system, value, locale.name);
}

function closedPatterns(node: SchemaNode, at: string): Set<string> {
  if (node.properties !== undefined) {
    return new Set(Object.entries(node.properties).flatMap(([key, child]) => [...closedPatterns(child, at === '' ? key : `${at}.${key}`)]));
  }
  if (node.items !== undefined) return closedPatterns(node.items, `${at}[]`);
  const isClosed = node.enum !== undefined || (node.anyOf ?? []).some((branch) => branch.enum !== undefined);
  return new Set(isClosed ? [at] : []);
}
