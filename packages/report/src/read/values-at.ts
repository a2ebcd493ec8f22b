import { isRecord } from '@zhida/core';
/** A value met on the way of a path pattern, with its own path. */
export interface Found {
  readonly at: string;
  readonly value: unknown;
}

/** Every value under a pattern such as `companions[].relationship` or `needs[]`, in order. */
export function valuesAt(root: unknown, pattern: string): Found[] {
  let found: Found[] = [{ at: '', value: root }];
  for (const step of pattern.split('.')) {
    const key = step.replace(/\[\]$/, '');
    found = found.flatMap(({ at, value }) => member(value, at, key));
    if (step.endsWith('[]')) {
      found = found.flatMap(({ at, value }) =>
        Array.isArray(value) ? value.map((item: unknown, index) => ({ at: `${at}[${index}]`, value: item })) : [],
      );
    }
  }
  return found;
}

function member(value: unknown, at: string, key: string): Found[] {
  if (!isRecord(value)) return [];
  const inner = value[key];
  return inner === undefined ? [] : [{ at: at === '' ? key : `${at}.${key}`, value: inner }];
}
