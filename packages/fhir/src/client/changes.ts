import { type Issue, parseInstant } from '@zhida/core';
import { type Node, child, children, firstOf, textAt } from '../node.js';
import { type FhirCursor, type Version, versionDigest } from './cursor.js';
import type { SourceSettings } from './options.js';
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

/** A resource that changed, and whose record it is in. */
export interface Change extends Version {
  readonly patientId: string | undefined;
  /** Encounters it names; none where it speaks of the patient as such. */
  readonly encounterIds: readonly string[];
}

/** Everything told since a cursor. */
export interface Changes {
  /** All that was told, also what was read before. */
  readonly told: readonly Change[];
  /** What was not read before. */
  readonly fresh: readonly Change[];
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
  let untilMs = Infinity;
  for (const type of PULLED_TYPES) {
    const listing = await listed(type, from, seen, requester, settings, signal);
    for (const change of listing.told) told.push(change);
    issues.push(...listing.issues);
    untilMs = Math.min(untilMs, listing.untilMs);
  }
  const fresh = told.filter((change) => change.lastUpdatedMs <= untilMs && !seen.has(versionDigest(change)));
  return { told, fresh, untilMs, issues };
}

async function listed(
  type: PulledType,
  from: string,
  seen: ReadonlySet<string>,
  requester: Requester,
  settings: SourceSettings,
  signal: AbortSignal | undefined,
): Promise<Omit<Changes, 'fresh'>> {
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

function changeOf(resource: Node): Change | undefined {
  const [type, id, lastUpdated] = [textAt(resource, 'resourceType'), textAt(resource, 'id'), textAt(resource, 'meta', 'lastUpdated')];
  const lastUpdatedMs = lastUpdated === undefined ? undefined : parseInstant(lastUpdated);
  if (type === undefined || id === undefined || lastUpdated === undefined || lastUpdatedMs === undefined) return undefined;
  const version = textAt(resource, 'meta', 'versionId') ?? lastUpdated;
  const subject = firstOf(resource, 'patient', 'subject');
  return {
    type,
    id,
    version,
    lastUpdated,
    lastUpdatedMs,
    patientId: type === 'Patient' ? id : subject === undefined ? undefined : idIn(subject, 'Patient'),
    encounterIds: type === 'Encounter' ? [id] : encountersOf(resource),
  };
}

function encountersOf(resource: Node): string[] {
  const context = child(resource, 'context');
  const references = [...children(resource, 'encounter'), ...children(resource, 'context'), ...children(context, 'encounter')];
  return references.map((reference) => idIn(reference, 'Encounter')).filter((id) => id !== undefined);
}

/** The id of `Patient/1`, `https://his.example/fhir/Patient/1/_history/2`. */
function idIn(reference: Node, type: string): string | undefined {
  const parts = (textAt(reference, 'reference') ?? '').split('/');
  const at = parts.lastIndexOf(type);
  const id = at === -1 ? undefined : parts[at + 1];
  return id !== undefined && /^[A-Za-z0-9.-]{1,64}$/.test(id) ? id : undefined;
}
