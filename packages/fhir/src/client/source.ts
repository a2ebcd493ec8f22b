import { type EncounterSnapshot, type Issue, type ZhidaErrorCode, isZhidaError } from '@zhida/core';
import { snapshotsFromBundle } from '../snapshots-from-bundle.js';
import type { Change } from './change.js';
import { changesSince } from './changes.js';
import { type FhirCursor, cursorAfter, versionDigest } from './cursor.js';
import { type FhirSourceOptions, type SourceSettings, resolveSource } from './options.js';
import { type FhirRecord, readRecord } from './record.js';
import { type Requester, createRequester, statusOf } from './request.js';

export type { FhirRecord } from './record.js';

/** A record the server does not give, though it gives others. Set it aside and `read` it again later. */
export interface FhirUnread {
  readonly record: FhirRecord;
  readonly code: ZhidaErrorCode;
  /** A resource type, never a value. */
  readonly at: string;
}

/** The changed visits of one patient. */
export interface FhirBatch {
  /** Each visit whole, as the server has it now, with the patient's earlier visits as its history. */
  readonly snapshots: readonly EncounterSnapshot[];
  /** `at` is a resource type of the server or a path like `entry[3].resource.onsetDateTime`, never a value. */
  readonly issues: readonly Issue[];
  readonly unread: FhirUnread | undefined;
  /** Ids of visits the server has deleted: what was told of them is true of nobody. */
  readonly deleted: readonly string[];
  /**
   * To be kept in the transaction that keeps this batch. It moves on only with the last batch of a pull: whoever is
   * interrupted before reads the same changes again (at least once, never none).
   */
  readonly cursor: FhirCursor;
}

export interface FhirSource {
  /**
   * Everything that changed since the cursor, one patient at a time; at least one batch, the last of which may be empty.
   *
   * A failure of the server as a whole ends the pull with an error and leaves the cursor where it was; a record it answers
   * for with an error comes as `unread`, and the others go on.
   *
   * @throws ZhidaError `ZD_ERR_HTTP`
   */
  pull(cursor: FhirCursor, options?: { readonly signal?: AbortSignal }): AsyncGenerator<FhirBatch>;
  /** One record again, for example one that was set aside. @throws ZhidaError `ZD_ERR_HTTP` */
  read(record: FhirRecord, options?: { readonly signal?: AbortSignal }): Promise<Pick<FhirBatch, 'snapshots' | 'issues' | 'deleted'>>;
}

/** A result without an encounter belongs to a visit of these days: the reader places it by time. */
const LOOSE_DAYS = 30;
const MS_PER_DAY = 86_400_000;

/** Reads visits from a FHIR R4 or R5 server. Holds no state and no timer: the cursor and the rhythm are the caller's. @throws ZhidaError `ZD_ERR_OPTION_INVALID` */
export function createFhirSource(options: FhirSourceOptions): FhirSource {
  const settings = resolveSource(options);
  const requester = createRequester(settings);
  return {
    pull: (cursor, { signal } = {}) => pull(cursor, requester, settings, signal),
    read: (record, { signal } = {}) => read(record, requester, settings, signal),
  };
}

async function* pull(
  cursor: FhirCursor,
  requester: Requester,
  settings: SourceSettings,
  signal: AbortSignal | undefined,
): AsyncGenerator<FhirBatch> {
  const { told, fresh, deleted, untilMs, issues } = await changesSince(cursor, requester, settings, signal);
  const gone = new Set(deleted.map(versionDigest));
  const lost: Issue[] = fresh.flatMap((change) =>
    change.patientId === undefined && !gone.has(versionDigest(change))
      ? [{ code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: `${change.type}.subject` }]
      : [],
  );
  for (const record of recordsOf(fresh)) {
    yield { ...(await readOrSetAside(record, requester, settings, signal)), cursor };
  }
  yield {
    snapshots: [],
    deleted: deleted.map(({ id }) => id),
    issues: [...issues, ...lost],
    unread: undefined,
    cursor: cursorAfter(cursor, told, untilMs, settings.overlapMs),
  };
}

async function readOrSetAside(
  record: FhirRecord,
  requester: Requester,
  settings: SourceSettings,
  signal: AbortSignal | undefined,
): Promise<Omit<FhirBatch, 'cursor'>> {
  try {
    return { ...(await read(record, requester, settings, signal)), unread: undefined };
  } catch (error) {
    if (!isZhidaError(error) || isAboutAll(error)) throw error;
    return { snapshots: [], deleted: [], issues: [], unread: { record, code: error.code, at: error.at ?? 'Patient' } };
  }
}

/** No answer, no access or too many requests: nothing that one record is to blame for. */
function isAboutAll(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || [401, 403, 429, 502, 503, 504].includes(status);
}

async function read(
  record: FhirRecord,
  requester: Requester,
  settings: SourceSettings,
  signal: AbortSignal | undefined,
): Promise<Pick<FhirBatch, 'snapshots' | 'issues' | 'deleted'>> {
  const { bundle, wanted, issues } = await readRecord(record, requester, settings, signal);
  const reading = snapshotsFromBundle(bundle, settings.bundle);
  const missing = record.encounterIds.filter((id) => !wanted.has(id));
  const deleted: string[] = [];
  for (const id of missing) if (await isGone(id, requester, signal)) deleted.push(id);
  return {
    snapshots: reading.snapshots.filter(({ id }) => wanted.has(id)),
    deleted,
    issues: [
      ...issues,
      ...reading.issues,
      // Of another patient by now.
      ...missing
        .filter((id) => !deleted.includes(id))
        .map((): Issue => ({ code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: 'Encounter' })),
    ],
  };
}

/** A visit that something names and that its patient's record does not hold: 410, or 404 of a server that keeps no memory of what it deletes. */
async function isGone(id: string, requester: Requester, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await requester.get(`Encounter/${id}`, 'Encounter', signal);
    return false;
  } catch (error) {
    const status = statusOf(error);
    if (status !== 404 && status !== 410) throw error;
    return true;
  }
}

/** Whose records to read for these changes, in the order of the first change. */
function recordsOf(changes: readonly Change[]): FhirRecord[] {
  const byPatient = new Map<string, { encounterIds: Set<string>; looseMs: number }>();
  for (const { patientId, encounterIds, lastUpdatedMs } of changes.toSorted((left, right) => left.lastUpdatedMs - right.lastUpdatedMs)) {
    if (patientId === undefined) continue;
    const record = byPatient.get(patientId) ?? { encounterIds: new Set(), looseMs: Infinity };
    for (const id of encounterIds) record.encounterIds.add(id);
    if (encounterIds.length === 0) record.looseMs = Math.min(record.looseMs, lastUpdatedMs);
    byPatient.set(patientId, record);
  }
  return Array.from(byPatient, ([patientId, { encounterIds, looseMs }]) => ({
    patientId,
    encounterIds: [...encounterIds],
    ...(looseMs === Infinity ? {} : { since: new Date(looseMs - LOOSE_DAYS * MS_PER_DAY).toISOString() }),
  }));
}
