/** What stands in the log for a value that may not stand there itself. */
export const WITHHELD = 'withheld';

const TOKEN = /^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$/;
const SEPARATORS = /[._:@/-]/;
/** Mainland mobile number, with or without the country code. */
const MOBILE = /^(86)?1[3-9]\d{9}$/;
/** GB 11643 resident number: region, birth date, serial, check character. */
const RESIDENT_NUMBER = /^[1-8]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dXx]$/;

/**
 * True for an id, an enum value or a short token: ASCII, no white space, at most 128 characters, and no part of it is a
 * mobile or a resident number. Parts are compared whole, so that digits inside a hash or an id never look like one.
 */
export function isAuditToken(value: unknown): value is string {
  if (typeof value !== 'string' || !TOKEN.test(value)) return false;
  return !value.split(SEPARATORS).some((part) => MOBILE.test(part) || RESIDENT_NUMBER.test(part));
}

/**
 * A value from outside as it may stand in the log: itself when it is a token, else `withheld` (the value belongs in the sealed
 * detail). It never throws, because an odd account name must not stop a report.
 */
export function auditToken(value: unknown): string {
  return isAuditToken(value) ? value : WITHHELD;
}
