import { type CalendarDate, ZhidaError, daysInMonth } from '@zhida/core';

/** The parts of a report number. */
export interface ReportNumber {
  /** Six digits of the county. */
  readonly regionCode: string;
  readonly date: CalendarDate;
  /** The hospital's place in the county profile, 1 to 99. */
  readonly hospitalIndex: number;
  /** Counts up within hospital and day, from 1. */
  readonly serial: number;
}

const NUMBER = /^(\d{6})-(\d{2})(\d{2})(\d{2})-(\d{2})(\d{4}|[1-9]\d{4,8})-(\d)$/;
const SERIAL_DIGITS = 4;
const SERIAL_MAX = 999_999_999;
const CENTURY = 2000;
const MODULUS = 10;

/**
 * A number that can be read out on the telephone and tells nothing of the child: `440232-261122-030007-5` is region, date,
 * hospital index and serial, and a check digit (ISO 7064 MOD 11,10 over all digits before it).
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the part that is out of its bounds.
 */
export function formatReportNumber(parts: ReportNumber): string {
  const { regionCode, date, hospitalIndex, serial } = parts;
  check(/^\d{6}$/.test(regionCode), 'regionCode');
  check(date.year >= CENTURY && date.year < CENTURY + 100 && date.day >= 1 && date.day <= daysInMonth(date.year, date.month), 'date');
  check(Number.isInteger(hospitalIndex) && hospitalIndex >= 1 && hospitalIndex <= 99, 'hospitalIndex');
  check(Number.isInteger(serial) && serial >= 1 && serial <= SERIAL_MAX, 'serial');
  const day = [date.year - CENTURY, date.month, date.day].map(twoDigits).join('');
  const local = `${twoDigits(hospitalIndex)}${String(serial).padStart(SERIAL_DIGITS, '0')}`;
  return `${regionCode}-${day}-${local}-${checkDigit(`${regionCode}${day}${local}`)}`;
}

/** The parts of a number, or `undefined` when its form, its date or its check digit is wrong. White space around it is ignored. */
export function parseReportNumber(text: string): ReportNumber | undefined {
  const match = NUMBER.exec(text.trim());
  if (match === null) return undefined;
  const [, regionCode = '', year, month, day, index, serial, digit] = match;
  const date = { year: CENTURY + Number(year), month: Number(month), day: Number(day) };
  if (date.day < 1 || date.day > daysInMonth(date.year, date.month) || Number(index) === 0 || Number(serial) === 0) return undefined;
  const digits = text.replace(/\D/g, '').slice(0, -1);
  return checkDigit(digits) === Number(digit) ? { regionCode, date, hospitalIndex: Number(index), serial: Number(serial) } : undefined;
}

/** True for a report number with its right check digit; every single wrong digit is caught. */
export function checkReportNumber(text: string): boolean {
  return parseReportNumber(text) !== undefined;
}

/** ISO 7064 MOD 11,10, the hybrid system with one numeric check digit. */
export function checkDigit(digits: string): number {
  let product = MODULUS;
  for (const digit of digits) {
    const sum = (Number(digit) + product) % MODULUS || MODULUS;
    product = (sum * 2) % (MODULUS + 1);
  }
  return (MODULUS + 1 - product) % MODULUS;
}

export function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

function check(condition: boolean, at: string): void {
  if (!condition) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a part of the report number is out of its bounds', { at });
}
