import {
  type Issue,
  type PartialDate,
  checkResidentId,
  completedYears,
  isCompleteDate,
  isNobodysBirth,
  localDate,
  parseInstant,
  parsePartialDate,
} from '@zhida/core';
import { type Node, child, children, firstOf, textAt } from '../node.js';
import { PULLED_TYPES } from './changes.js';
import type { SourceSettings } from './options.js';
import { type Requester, isNotOffered, statusOf } from './request.js';
import { type SearchParameters, searchPages } from './search.js';

/** A patient's record as one bundle. */
export interface PatientBundle {
  /** Ids of the encounters that were wanted and are there. */
  readonly wanted: ReadonlySet<string>;
  readonly bundle: { readonly resourceType: 'Bundle'; readonly type: 'collection'; readonly entry: readonly unknown[] };
  readonly issues: readonly Issue[];
}

/** Which part of a patient's record is wanted. Plain JSON, so that one that could not be read can be set aside and asked for again. */
export interface FhirRecord {
  readonly patientId: string;
  readonly encounterIds: readonly string[];
  /** Encounters that began from this time on are wanted too: something about the patient changed that names none. */
  readonly since?: string;
}

const ADULT_YEARS = 18;
/** Attachments that lie elsewhere on the same server, of one patient. */
const BINARIES_MAX = 200;
const FACT_TYPES = PULLED_TYPES.filter((type) => type !== 'Patient' && type !== 'Encounter');
/** What names the places and drugs that a resource refers to. */
const INCLUDES: Readonly<Record<string, readonly string[]>> = {
  Encounter: ['Encounter:service-provider', 'Encounter:location'],
  MedicationRequest: ['MedicationRequest:medication'],
  MedicationStatement: ['MedicationStatement:medication'],
  MedicationAdministration: ['MedicationAdministration:medication'],
};

interface Reading {
  readonly patientId: string;
  readonly requester: Requester;
  readonly settings: SourceSettings;
  readonly signal: AbortSignal | undefined;
  readonly entries: unknown[];
  readonly issues: Issue[];
}

/**
 * Reads one patient's whole record by searches every server has (`patient=`): facts without an encounter find their visit by
 * time, and earlier visits become the history. @throws ZhidaError `ZD_ERR_HTTP`
 */
export async function readRecord(
  record: FhirRecord,
  requester: Requester,
  settings: SourceSettings,
  signal: AbortSignal | undefined,
): Promise<PatientBundle> {
  const { patientId } = record;
  const reading: Reading = { patientId, requester, settings, signal, entries: [], issues: [] };
  const patient = await requester.get(`Patient/${patientId}`, 'Patient', signal);
  reading.entries.push({ fullUrl: new URL(`Patient/${patientId}`, slashed(settings.baseUrl)).href, resource: patient });
  await take(reading, 'Encounter');
  if (!wasAdult(record, patient, reading.entries)) {
    for (const type of FACT_TYPES) await takeIfOffered(reading, type);
    await takeBinaries(reading);
  }
  const resources = reading.entries.map((entry) => child({ value: entry, at: '' }, 'resource'));
  const wanted = new Set(resources.filter((resource) => isWanted(resource, record)).flatMap((resource) => textAt(resource, 'id') ?? []));
  return { wanted, bundle: { resourceType: 'Bundle', type: 'collection', entry: reading.entries }, issues: reading.issues };
}

async function take({ patientId, requester, settings, signal, entries, issues }: Reading, type: string): Promise<void> {
  const parameters: SearchParameters = { patient: patientId, _include: INCLUDES[type] ?? [] };
  let pages = 0;
  for await (const page of searchPages(requester, type, parameters, settings, signal)) {
    for (const entry of page.entries) entries.push(entry);
    pages += 1;
    if (pages < settings.pagesMax) continue;
    issues.push({ code: 'FIELD_TOO_LONG', severity: 'error', at: type });
    return;
  }
}

async function takeIfOffered(reading: Reading, type: string): Promise<void> {
  try {
    await take(reading, type);
  } catch (error) {
    if (!isNotOffered(error)) throw error;
    // Told by the search for changes too; here it belongs to the record that lacks it.
    reading.issues.push({ code: 'RESOURCE_UNREADABLE', severity: 'warning', at: type });
  }
}

/** The written notes of a record may lie beside it as `Binary` resources; only text ones of the same server are fetched. */
async function takeBinaries({ requester, signal, entries, issues }: Reading): Promise<void> {
  const ids = new Set(entries.flatMap((entry) => attachmentsIn(child({ value: entry, at: '' }, 'resource')).flatMap(binaryId)));
  let taken = 0;
  for (const id of ids) {
    taken += 1;
    if (taken > BINARIES_MAX) return void issues.push({ code: 'FIELD_TOO_LONG', severity: 'error', at: 'Binary' });
    try {
      entries.push({ fullUrl: undefined, resource: await requester.get(`Binary/${id}`, 'Binary', signal) });
    } catch (error) {
      if (statusOf(error) === undefined) throw error;
      issues.push({ code: 'REFERENCE_UNRESOLVED', severity: 'warning', at: 'Binary' });
    }
  }
}

function attachmentsIn(resource: Node): Node[] {
  return [...children(resource, 'content').map((content) => child(content, 'attachment')), ...children(resource, 'presentedForm')];
}

function binaryId(attachment: Node): string[] {
  if (textAt(attachment, 'data') !== undefined || !/^(?:text\/|application\/xhtml)/i.test(textAt(attachment, 'contentType') ?? ''))
    return [];
  const id = /(?:^|\/)Binary\/([A-Za-z0-9.-]{1,64})$/.exec(textAt(attachment, 'url') ?? '')?.[1];
  return id === undefined ? [] : [id];
}

/**
 * Of somebody certainly an adult at every visit that is wanted the facts are not asked for. Girls come under an adult's birth date:
 * a resident identity number that makes the holder younger is heard.
 */
function wasAdult(record: FhirRecord, patient: unknown, entries: readonly unknown[]): boolean {
  const births = birthsIn({ value: patient, at: '' });
  const wanted = entries.map((entry) => child({ value: entry, at: '' }, 'resource')).filter((resource) => isWanted(resource, record));
  return wanted.every((encounter) => {
    const startMs = startOf(encounter);
    if (startMs === undefined || births.length === 0) return false;
    const on = localDate(startMs);
    return births.every((birth) => isCompleteDate(birth) && !isNobodysBirth(birth, on) && completedYears(birth, on) >= ADULT_YEARS);
  });
}

/** The birth dates a Patient holds: its own, and those in resident identity numbers. None where it has none of its own. */
function birthsIn(patient: Node): PartialDate[] {
  const own = parsePartialDate(textAt(patient, 'birthDate') ?? '');
  if (own === undefined) return [];
  const checks = children(patient, 'identifier').map((identifier) => checkResidentId(textAt(identifier, 'value') ?? ''));
  return [own, ...checks.flatMap((check) => (check.valid ? (parsePartialDate(check.birthDate) ?? []) : []))];
}

function isWanted(resource: Node, { encounterIds, since }: FhirRecord): boolean {
  if (textAt(resource, 'resourceType') !== 'Encounter') return false;
  if (encounterIds.includes(textAt(resource, 'id') ?? '')) return true;
  const [startMs, sinceMs] = [startOf(resource), since === undefined ? undefined : parseInstant(since)];
  return sinceMs !== undefined && (startMs === undefined || startMs >= sinceMs);
}

function startOf(encounter: Node): number | undefined {
  const period = firstOf(encounter, 'actualPeriod', 'period');
  const start = period === undefined ? undefined : textAt(period, 'start');
  return start === undefined ? undefined : parseInstant(start);
}

function slashed(base: URL): string {
  return base.href.endsWith('/') ? base.href : `${base.href}/`;
}
