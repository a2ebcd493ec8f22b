import type { Mode } from '@zhida/core';
import type { Report, ReportFacility } from '../report.js';
import type { ReadingLog } from './reading-log.js';

/** What the reader's caller knows when the report itself does not say it. */
export interface ReportDefaults {
  readonly reportId?: string | undefined;
  /** The service's own mode. @defaultValue `production`, because a real report must not be taken for a drill */
  readonly mode?: Mode | undefined;
  readonly createdAt?: string | undefined;
  readonly facility?: ReportFacility | undefined;
}

const UNKNOWN = 'unknown';
const NOT_KNOWN = '不详';

/**
 * Fills the ten members of the minimum (report schema 1) and notes each one filled: a report may say 不详, it may not be
 * sent back (INV-9).
 */
export function fillMinimum(known: Partial<Report>, defaults: ReportDefaults, log: ReadingLog): Report {
  const fill = <Value>(value: Value | undefined, instead: Value, at: string): Value => {
    if (value !== undefined && value !== '') return value;
    log.note('VALUE_DEFAULTED', 'information', at);
    return instead;
  };
  return {
    ...known,
    schemaVersion: fill(known.schemaVersion, '1', 'schemaVersion'),
    reportId: fill(known.reportId, defaults.reportId ?? UNKNOWN, 'reportId'),
    mode: fill(known.mode, defaults.mode ?? 'production', 'mode'),
    kind: fill(known.kind, 'initial', 'kind'),
    createdAt: fill(known.createdAt, defaults.createdAt ?? UNKNOWN, 'createdAt'),
    facility: fillFacility(known.facility, defaults.facility ?? {}, log),
    patient: { ...known.patient, name: fill(known.patient?.name, NOT_KNOWN, 'patient.name') },
    whereabouts: { ...known.whereabouts, status: fill(known.whereabouts?.status, UNKNOWN, 'whereabouts.status') },
    ...suspicionOf(known, log),
  };
}

function fillFacility(known: ReportFacility | undefined, defaults: ReportFacility, log: ReadingLog): ReportFacility {
  const facility = { ...defaults, ...known };
  const isNamed = isText(known?.code) || isText(known?.name);
  if (!isNamed) log.note('VALUE_DEFAULTED', 'warning', 'facility.name');
  if (!isText(known?.dutyContact?.phone)) log.note('VALUE_DEFAULTED', 'warning', 'facility.dutyContact.phone');
  const dutyContact = { title: '总值班', phone: NOT_KNOWN, ...present(defaults.dutyContact), ...present(known?.dutyContact) };
  if (isNamed || isText(defaults.code) || isText(defaults.name)) {
    const identity = isNamed ? {} : present({ code: defaults.code, name: defaults.name });
    return { ...facility, ...identity, dutyContact };
  }
  return { ...facility, code: UNKNOWN, name: NOT_KNOWN, dutyContact };
}

function suspicionOf(known: Partial<Report>, log: ReadingLog): Pick<Report, 'suspicion'> {
  const suspicion = known.suspicion ?? {};
  if (isText(suspicion.observed) || (suspicion.situations ?? []).length > 0) return { suspicion };
  log.note('VALUE_DEFAULTED', 'information', 'suspicion.observed');
  return { suspicion: { ...suspicion, observed: NOT_KNOWN } };
}

function isText(value: string | undefined): boolean {
  return value !== undefined && value !== '';
}

/** The members that say something, so that an empty one does not hide a default. */
function present(members: Readonly<Record<string, string | undefined>> | undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, value] of Object.entries(members ?? {})) {
    if (value !== undefined && value !== '') result[key] = value;
  }
  return result;
}
