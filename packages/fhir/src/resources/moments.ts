import { parseInstant, parsePartialDate } from '@zhida/core';
import { timeText } from '../concepts.js';
import type { Context } from '../context.js';
import type { Node } from '../node.js';

const MS_PER_DAY = 86_400_000;

/** The time of a resource as its sender wrote it, offset and all; a partial date (`2026-05`) is not a time of a snapshot. */
export function momentOf(resource: Node, context: Context, ...elements: readonly string[]): { at?: string } {
  const found = timeText(resource, ...elements);
  if (found === undefined) return {};
  const text = found.value as string;
  if (parseInstant(text) !== undefined) return { at: text };
  context.log.add(parsePartialDate(text) === undefined ? 'TIME_UNREADABLE' : 'VALUE_UNREAD', found.at, 'information');
  return {};
}

/** The first and the last instant a FHIR date, dateTime or instant may mean; `undefined` for anything else. */
export function spanOf(text: string): { fromMs: number; toMs: number } | undefined {
  const fromMs = parseInstant(text);
  if (fromMs !== undefined) return { fromMs, toMs: text.length > 10 ? fromMs : fromMs + MS_PER_DAY - 1 };
  const date = parsePartialDate(text);
  if (date === undefined) return undefined;
  const month = (shift: number): string => {
    const months = date.month === undefined ? (shift === 0 ? 0 : 12) : date.month - 1 + shift;
    return `${String(date.year + Math.floor(months / 12)).padStart(4, '0')}-${String((months % 12) + 1).padStart(2, '0')}-01`;
  };
  const [start, end] = [parseInstant(month(0)), parseInstant(month(1))];
  return start === undefined || end === undefined ? undefined : { fromMs: start, toMs: end - 1 };
}
