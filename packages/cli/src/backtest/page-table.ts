import { escaped } from '../explanation/escaped.js';

/** A column of a table of the page. */
export interface Column {
  readonly head: string;
  readonly isNumber?: boolean;
  readonly className?: string;
}

/** A table that scrolls by itself where the screen is narrow. Cells are HTML already. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const classOf = (index: number): string => {
    const { isNumber = false, className = isNumber ? 'n' : '' } = columns[index] ?? {};
    return className === '' ? '' : ` class="${className}"`;
  };
  const head = columns.map((column, index) => `<th scope="col"${classOf(index)}>${escaped(column.head)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, index) => `<td${classOf(index)}>${cell}</td>`).join('')}</tr>`).join('\n');
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}

export function section(title: string, html: string): string {
  return `<section><h2>${escaped(title)}</h2>${html}</section>`;
}
