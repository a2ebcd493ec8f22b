import { HIS_LIMITS } from '../limits.js';
import type { BrokenRow, Row, RowSet } from './row.js';

/** Reads a list of objects, one a row. Anything else is a list of one broken row. */
export function readObjects(list: unknown, table: string): RowSet {
  const items: readonly unknown[] = isList(list) ? list : [undefined];
  const rows: Row[] = [];
  const broken: { at: string; why: BrokenRow }[] = [];
  const columns = new Set<string>();
  const length = Math.min(items.length, HIS_LIMITS.rows);
  for (let index = 0; index < length; index += 1) {
    const at = `${table}[${index}]`;
    const keys = keysOf(memberOf(items, index));
    if (keys === undefined) broken.push({ at, why: 'not-an-object' });
    else {
      for (const key of keys) if (columns.size < HIS_LIMITS.columns) columns.add(key);
      const item = memberOf(items, index);
      rows.push({ at, cell: (column) => memberOf(item, column) });
    }
  }
  return { rows, broken, mended: [], columns: [...columns], hasHeader: false, cut: items.length > length };
}

/** Like `Array.isArray`, which throws at a revoked proxy. */
function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

/** Names of an object's own members; `undefined` for what is none or defends itself. */
export function keysOf(value: unknown): string[] | undefined {
  try {
    return typeof value === 'object' && value !== null && !isList(value) ? Object.keys(value) : undefined;
  } catch {
    return undefined;
  }
}

/** An own member; `undefined` where there is none or it defends itself. */
export function memberOf(value: unknown, key: string | number): unknown {
  try {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string | number, unknown>)[key]
      : undefined;
  } catch {
    return undefined;
  }
}
