import type { TimeFormat } from './mapping.js';

const PARTS: Readonly<Record<string, string>> = {
  yyyy: '(?<y>\\d{4})',
  MM: '(?<M>\\d{2})',
  M: '(?<M>\\d{1,2})',
  dd: '(?<d>\\d{2})',
  d: '(?<d>\\d{1,2})',
  HH: '(?<H>\\d{2})',
  H: '(?<H>\\d{1,2})',
  mm: '(?<m>\\d{2})',
  ss: '(?<s>\\d{2})',
};
const LETTERS = /yyyy|MM?|dd?|HH?|mm|ss|[A-Za-z]|[^A-Za-z]+/g;

/**
 * Compiles a written form: yyyy, MM or M, dd or d, HH or H, mm, ss; every other sign stands for itself.
 * `undefined` where a letter is unknown, a part comes twice, or year, month or day is missing.
 */
export function compileTimeFormat(format: string): TimeFormat | undefined {
  const seen = new Set<string>();
  let pattern = '';
  for (const [piece] of format.matchAll(LETTERS)) {
    const part = PARTS[piece];
    if (part === undefined) {
      if (/[A-SU-Za-su-z]/.test(piece)) return undefined;
      pattern += piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      continue;
    }
    if (seen.has(piece.charAt(0))) return undefined;
    seen.add(piece.charAt(0));
    pattern += part;
  }
  return ['y', 'M', 'd'].every((letter) => seen.has(letter)) ? { pattern: new RegExp(`^${pattern}$`, 'u') } : undefined;
}

/** Year-first forms, which cannot be misread: 2026-05-03 21:10:05, 2026/5/3 9:10, 2026年5月3日, 20260503, 20260503211005. */
export const YEAR_FIRST: readonly TimeFormat[] = [
  {
    pattern:
      /^(?<y>\d{4})[-/.年](?<M>\d{1,2})[-/.月](?<d>\d{1,2})日?(?:[T ]{1,3}(?<H>\d{1,2})[:时](?<m>\d{2})分?(?::?(?<s>\d{2})秒?(?:[.,]\d{1,9})?)?(?<zone> ?(?:[Zz]|[+-]\d{2}:?\d{2}))?)?$/u,
  },
  { pattern: /^(?<y>\d{4})(?<M>\d{2})(?<d>\d{2})(?:(?<H>\d{2})(?<m>\d{2})(?<s>\d{2})?)?$/u },
];
