import { checkResidentId, checkUscc, parseInstant, parsePartialDate } from '@zhida/core';
import { CODED_FIELDS, CODE_SYSTEMS } from '../codes/coded-fields.js';
import { type CodeSystem, findCode } from '../codes/code-system.js';
import type { ReadingLog } from './reading-log.js';
import { valuesAt } from './values-at.js';

const TIME_FIELDS = [
  'createdAt',
  'discoveredAt',
  'whereabouts.since',
  'whereabouts.expectedLeaveAt',
  'suspicion.statements[].at',
  'suspicion.event.occurredAt',
  'clinical.observations[].at',
  'clinical.procedures[].at',
  'clinical.plannedProcedureAt',
  'clinical.pregnancy.conceptionFrom',
  'clinical.pregnancy.conceptionTo',
  'evidence[].collectedAt',
  'evidence[].volatileUntil',
  'calls[].at',
  'knownToPolice.at',
] as const;

const REGION_FIELDS = [
  'facility.regionCode',
  'patient.address.regionCode',
  'patient.registeredAddress.regionCode',
  'suspicion.event.place.regionCode',
] as const;
/** County (6), township (9) or the statistical village code (12). */
const REGION_CODE = /^(?:\d{6}|\d{9}|\d{12})$/;
/** What people write where they know nothing. */
const NOT_KNOWN = new Set(['', '不详', '未知', '不清楚', 'unknown']);
const OFFSET = /(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$/;

/** Notes what a recipient may stumble over. Nothing is changed: a doubtful code, number or time travels as it was written. */
export function checkContent(report: unknown, log: ReadingLog): void {
  checkCodes(report, log);
  checkTimes(report, log);
  checkIdentifiers(report, log);
}

function textsAt(report: unknown, pattern: string): { at: string; text: string }[] {
  return valuesAt(report, pattern).flatMap(({ at, value }) =>
    typeof value === 'string' && !NOT_KNOWN.has(value.trim()) ? [{ at, text: value.trim() }] : [],
  );
}

function checkCodes(report: unknown, log: ReadingLog): void {
  for (const [pattern, name] of Object.entries(CODED_FIELDS)) {
    const system: CodeSystem = CODE_SYSTEMS[name];
    for (const { at, text } of textsAt(report, pattern)) {
      if (findCode(system, text) === undefined) log.note('FIELD_UNKNOWN_CODE', 'information', at);
    }
  }
  for (const pattern of REGION_FIELDS) {
    for (const { at, text } of textsAt(report, pattern)) {
      if (!REGION_CODE.test(text)) log.note('FIELD_UNKNOWN_CODE', 'information', at);
    }
  }
}

function checkTimes(report: unknown, log: ReadingLog): void {
  for (const pattern of TIME_FIELDS) {
    for (const { at, text } of textsAt(report, pattern)) {
      if (parsePartialDate(text) !== undefined) continue;
      if (parseInstant(text) === undefined) log.note('TIME_UNREADABLE', 'information', at);
      else if (!OFFSET.test(text)) log.note('TIME_WITHOUT_ZONE', 'information', at);
    }
  }
  for (const { at, text } of textsAt(report, 'patient.birthDate')) {
    if (parsePartialDate(text) === undefined) log.note('TIME_UNREADABLE', 'information', at);
  }
}

function checkIdentifiers(report: unknown, log: ReadingLog): void {
  for (const { at, value } of valuesAt(report, 'patient.identifiers[]')) {
    const [system] = textsAt(value, 'system');
    const [number] = textsAt(value, 'value');
    if (system?.text === 'cn-resident-id' && number !== undefined && !checkResidentId(number.text).valid) {
      log.note('IDENTIFIER_CHECK_FAILED', 'warning', `${at}.value`);
    }
  }
  const [code] = textsAt(report, 'facility.code');
  const [system] = textsAt(report, 'facility.codeSystem');
  if (code !== undefined && system?.text === 'cn-uscc' && !checkUscc(code.text))
    log.note('IDENTIFIER_CHECK_FAILED', 'warning', 'facility.code');
}
