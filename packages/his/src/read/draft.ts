import type { HisMapping } from '../mapping/mapping.js';
import { readCell } from './cell.js';
import { type VisitDraft, put } from './visits.js';

/** A visit in the shape of a snapshot, not yet read as one. */
export function draftOf({ number, fields, facts }: VisitDraft, { set, zone }: HisMapping, feedsPresent: readonly string[]): object {
  const draft: Record<string, unknown> = { schemaVersion: '1', id: number };
  for (const field of set) {
    const read = 'value' in field.source ? readCell(field.source.value, field, zone) : undefined;
    if (read !== undefined && 'value' in read) put(draft, field.path, read.value);
  }
  const { identifiers, ...lists } = Object.fromEntries(facts);
  const merged: Record<string, unknown> = { ...merge(draft, fields), ...lists, feedsPresent };
  return identifiers === undefined ? merged : { ...merged, patient: { ...(merged['patient'] as object | undefined), identifiers } };
}

/** What a row says stands over what is the same in every visit. */
function merge(constants: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const merged = { ...constants };
  for (const [key, value] of Object.entries(fields)) {
    const constant = constants[key];
    const both = typeof constant === 'object' && typeof value === 'object' && constant !== null && value !== null;
    merged[key] = both ? merge(constant as Record<string, unknown>, value as Record<string, unknown>) : value;
  }
  return merged;
}
