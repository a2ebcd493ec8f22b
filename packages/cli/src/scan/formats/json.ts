import { readSnapshot } from '@zhida/core';
import { snapshotsFromBundle } from '@zhida/fhir';
import { type FormatReader, type ReadRecord, memberAt, refused } from '../reading.js';
import { type InputRecord, recordsOf } from '../records.js';

/** Reads one JSON value as encounters. */
type ValueReader = (place: string, value: unknown) => ReadRecord;

/** Snapshots as JSON: one encounter a record. */
export function encounterReader(field: string | undefined): FormatReader {
  return jsonReader(readEncounter, field);
}

/** FHIR bundles: every Encounter of each. */
export function fhirReader(field: string | undefined): FormatReader {
  return jsonReader(readBundle, field);
}

function jsonReader(readValue: ValueReader, field: string | undefined): FormatReader {
  return {
    async *read(source, onBytes) {
      for await (const record of recordsOf(source.name, source.open(onBytes))) yield readRecord(record, readValue, field);
    },
    finish: () => [],
  };
}

/** One record, unwrapped where it holds what is meant in a member. */
export function readRecord(record: InputRecord, readValue: ValueReader, field: string | undefined): ReadRecord {
  const { place } = record;
  if ('unreadable' in record) return { ...refused(place, ''), unreadable: record.unreadable };
  const value = field === undefined ? record.value : memberAt(record.value, field);
  return value === undefined ? refused(place, `no member "${field}"`) : readValue(place, value);
}

export function readEncounter(place: string, value: unknown): ReadRecord {
  const { snapshot } = readSnapshot(value);
  if (snapshot !== undefined) {
    // The detector reads the value as given, so that what could not be read stands among the issues of the assessment.
    return { place, encounters: [{ snapshot, input: value }], issues: [], unreadable: undefined, skipped: [] };
  }
  const isFhir = memberAt(value, 'resourceType') !== undefined;
  return refused(place, isFhir ? 'this is FHIR; say --format fhir' : 'not an object with an id');
}

function readBundle(place: string, value: unknown): ReadRecord {
  const { snapshots, issues } = snapshotsFromBundle(value);
  const broken = issues.find(({ code }) => code === 'RESOURCE_UNREADABLE');
  const why = broken?.at === '' ? 'not a FHIR Bundle' : `${broken?.at} is not a resource`;
  return {
    place,
    encounters: snapshots.map((snapshot) => ({ snapshot, input: snapshot })),
    issues,
    unreadable: broken === undefined ? undefined : { code: 'ZD_ERR_INPUT_UNREADABLE', why },
    skipped: issues
      .filter(({ code, at }) => code === 'VALUE_UNREAD' && at.endsWith('resource'))
      .map(({ at }) => `resource ${typeAt(value, at)}`),
    kindAt: (at) => kindOf(value, at),
  };
}

const RESOURCE = /^entry\[\d+\]\.resource(?:\.entry\[\d+\]\.resource)*/;

/** `Condition.code` for `entry[12].resource.code`. */
function kindOf(bundle: unknown, at: string): string {
  const resource = RESOURCE.exec(at)?.[0];
  return resource === undefined ? at : `${typeAt(bundle, resource)}${at.slice(resource.length)}`;
}

const TYPE_NAME = /^[A-Z][A-Za-z]{2,40}$/;

/** The type of the resource at `entry[12].resource`. A type is a word of the standard; what does not look like one is not shown. */
function typeAt(bundle: unknown, at: string): string {
  const type = memberAt(bundle, `${at.replace(/\[(\d+)\]/g, '.$1')}.resourceType`);
  return typeof type === 'string' && TYPE_NAME.test(type) ? type : 'of no known type';
}
