import { type Issue, parseInstant } from '@zhida/core';
import { textAt } from '../node.js';
import { type Change, changeOf } from './change.js';
import { type FhirCursor, type Version, versionDigest } from './cursor.js';
import type { SourceSettings } from './options.js';
import { type Deletions, deletionsOf } from './deleted.js';
import { type Requester, isNotOffered } from './request.js';
import { searchPages } from './search.js';

/** What is asked for by patient and by change. Without the first two there are no visits; a server may lack any other. */
export const PULLED_TYPES = [
  'Encounter',
  'Patient',
  'RelatedPerson',
  'Condition',
  'Observation',
  'Procedure',
  'DiagnosticReport',
  'DocumentReference',
  'Composition',
  'ServiceRequest',
  'MedicationRequest',
  'MedicationStatement',
  'MedicationAdministration',
] as const;
export type PulledType = (typeof PULLED_TYPES)[number];
const NEEDED: ReadonlySet<string> = new Set<PulledType>(['Encounter', 'Patient']);

/** Everything told since a cursor. */
export interface Changes {
  /** All that was told, also what was read before. */
  readonly told: readonly Change[];
  /** What was not read before. */
  readonly fresh: readonly Change[];
  /** Encounters that are deleted, as far as the server tells. */
  readonly deleted: readonly Version[];
  /** Complete up to this time; later ones come with the next pull. */
  readonly untilMs: number;
  readonly issues: readonly Issue[];
}

/** Asks for what changed since a cursor, type by type, oldest first. @throws ZhidaError `ZD_ERR_HTTP` where the server gives no whole answer. */
export async function changesSince(
  cursor: FhirCursor,
  requester: Requester,
  settings: SourceSettings,
  signal: AbortSignal | undefined,
): Promise<Changes> {
  const sinceMs = parseInstant(cursor.since) ?? 0;
  const from = new Date(sinceMs - settings.overlapMs).toISOString();
  const seen = new Set(cursor.seen);
  const told: Change[] = [];
  const issues: Issue[] = [];
  const deleted: Version[] = [];
  let untilMs = Infinity;
  let tells = true;
  for (const type of PULLED_TYPES) {
    const listing = await listed(type, from, seen, requester, settings, signal);
    for (const change of listing.told) told.push(change);
    issues.push(...listing.issues);
    untilMs = Math.min(untilMs, listing.untilMs);
    // A server has histories of its types or has none: one question is enough.
    const deletions: Deletions | undefined = tells ? await deletionsOf(type, from, seen, { requester, settings, signal }) : undefined;
    tells = deletions !== undefined;
    for (const change of deletions?.changes ?? []) told.push(change);
    for (const encounter of deletions?.encounters ?? []) deleted.push(encounter);
    issues.push(...(deletions?.issues ?? []));
  }
  const isFresh = (version: Version): boolean => version.lastUpdatedMs <= untilMs && !seen.has(versionDigest(version));
  return { told, fresh: told.filter(isFresh), deleted: deleted.filter(isFresh), untilMs, issues };
}

async function listed(
  type: PulledType,
  from: string,
  seen: ReadonlySet<string>,
  requester: Requester,
  settings: SourceSettings,
  signal: AbortSignal | undefined,
): Promise<Omit<Changes, 'fresh' | 'deleted'>> {
  const told: Change[] = [];
  const issues: Issue[] = [];
  let pagesWithNews = 0;
  try {
    for await (const { resources } of searchPages(
      requester,
      type,
      { _lastUpdated: `ge${from}`, _sort: '_lastUpdated' },
      settings,
      signal,
    )) {
      const changes = resources.filter((resource) => textAt(resource, 'resourceType') === type).map(changeOf);
      const usable = changes.filter((change) => change !== undefined);
      // Without id and time it cannot be followed; silence would lose it.
      if (usable.length < changes.length) issues.push({ code: 'FIELD_MISSING', severity: 'error', at: `${type}.meta.lastUpdated` });
      for (const change of usable) told.push(change);
      if (usable.some((change) => !seen.has(versionDigest(change)))) pagesWithNews += 1;
      if (pagesWithNews >= settings.pagesMax) return { told, issues, untilMs: cutOf(told) };
    }
  } catch (error) {
    if (NEEDED.has(type) || !isNotOffered(error)) throw error;
    issues.push({ code: 'RESOURCE_UNREADABLE', severity: 'warning', at: type });
  }
  return { told, issues, untilMs: Infinity };
}

/** How far a listing cut short can be trusted: to its last time where it is in order, to its first where the server did not sort. */
function cutOf(told: readonly Change[]): number {
  const times = told.map(({ lastUpdatedMs }) => lastUpdatedMs);
  const sorted = times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0));
  return (sorted ? times.at(-1) : times.reduce((first, time) => Math.min(first, time), Infinity)) ?? Infinity;
}
