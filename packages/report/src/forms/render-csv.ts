import type { Json } from '@zhida/core';
import { flatten } from './flatten.js';

/** What a spreadsheet would run as a formula; a signed number such as a telephone number is none. */
const FORMULA = /^(?:[=@\t\r]|[+-](?![\d\s()-]*$))/;

/**
 * The openly readable part of a view as CSV (RFC 4180): a `path,value` head, then one row for each value.
 *
 * A text that a spreadsheet would run as a formula gets an apostrophe in front. No byte order mark: who writes a file for
 * Excel puts U+FEFF before it.
 */
export function renderCsv(view: { readonly body: Json }): string {
  const rows = flatten(view.body).map(({ path, value }) => [
    path,
    typeof value === 'string' && FORMULA.test(value) ? `'${value}` : String(value ?? ''),
  ]);
  return [['path', 'value'], ...rows].map((row) => `${row.map(quote).join(',')}\r\n`).join('');
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
