import { ZhidaError } from '@zhida/core';
import { checkDigit, twoDigits } from './report-number.js';

/** The parts of the number that is printed on a paper form. */
export interface PaperNumber {
  /** Six digits of the county. */
  readonly regionCode: string;
  /** The hospital's place in the county profile, 1 to 99. */
  readonly hospitalIndex: number;
  /** Counts up within the hospital, from 1. */
  readonly serial: number;
}

const NUMBER = /^(\d{6})-P-(\d{2})(\d{5}|[1-9]\d{5,8})-(\d)$/;
const SERIAL_DIGITS = 5;

/**
 * `440232-P-0300031-5`: region, hospital index and serial, and the check digit of report numbers over all digits before it, because a
 * number on paper is typed in later by hand.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the part that is out of its bounds.
 */
export function formatPaperNumber({ regionCode, hospitalIndex, serial }: PaperNumber): string {
  const refuse = (at: string): never => {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a part of the paper number is out of its bounds', { at });
  };
  if (!/^\d{6}$/.test(regionCode)) refuse('regionCode');
  if (!Number.isInteger(hospitalIndex) || hospitalIndex < 1 || hospitalIndex > 99) refuse('hospitalIndex');
  if (!Number.isInteger(serial) || serial < 1 || serial > 999_999_999) refuse('serial');
  const local = `${twoDigits(hospitalIndex)}${String(serial).padStart(SERIAL_DIGITS, '0')}`;
  return `${regionCode}-P-${local}-${checkDigit(`${regionCode}${local}`)}`;
}

/** The parts of a number as it was typed, in any width and case and with or without its dashes; `undefined` when form or check digit is wrong. */
export function parsePaperNumber(text: string): PaperNumber | undefined {
  const plain = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\u2010-\u2015\u2212]/g, (dash) => (/\s/.test(dash) ? '' : '-'));
  const dashed = /^\d{6}P\d{8,}$/.test(plain) ? plain.replace(/^(\d{6})P(\d+)(\d)$/, '$1-P-$2-$3') : plain;
  const match = NUMBER.exec(dashed);
  if (match === null) return undefined;
  const [, regionCode = '', index = '', serial = '', digit] = match;
  if (Number(index) === 0 || Number(serial) === 0) return undefined;
  if (checkDigit(`${regionCode}${index}${serial}`) !== Number(digit)) return undefined;
  return { regionCode, hospitalIndex: Number(index), serial: Number(serial) };
}
