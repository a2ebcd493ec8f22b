import type { EncounterSnapshot } from '@zhida/core';
import type { Evidence } from '../assessment.js';
import { foldText } from '../text/fold.js';
import { isDigitAt, readDecimal } from '../text/numbers.js';
import type { AgeFact } from './age.js';
import type { Source } from './collect.js';

/** A body measure of the encounter, in kilograms or centimetres. */
export interface Measure {
  readonly value: number;
  readonly evidence: Evidence;
}

export interface Measures {
  readonly weight: Measure | undefined;
  readonly height: Measure | undefined;
  /** Mid-upper-arm circumference in centimetres. */
  readonly arm: Measure | undefined;
}

/**
 * WHO Child Growth Standards (2006), weight-for-length, from WHO's published LMS tables at these lengths (cm, M, S); L is the same
 * at every length. Between two lengths M and S are taken on the straight line, less than half a per cent from the full table.
 */
const LMS = {
  male: {
    l: -0.3521,
    rows: [
      [45, 2.441, 0.09182],
      [50, 3.3278, 0.0889],
      [55, 4.5467, 0.08592],
      [60, 5.9907, 0.08342],
      [65, 7.2666, 0.08223],
      [70, 8.4227, 0.08229],
      [75, 9.5032, 0.08295],
      [80, 10.4475, 0.08308],
      [85, 11.5007, 0.08181],
      [90, 12.7209, 0.08041],
      [93, 13.4239, 0.08026],
      [102, 15.7276, 0.08292],
      [105, 16.6268, 0.08453],
      [110, 18.2689, 0.08755],
    ],
  },
  female: {
    l: -0.3833,
    rows: [
      [45, 2.4607, 0.09029],
      [50, 3.3518, 0.09068],
      [55, 4.5498, 0.0911],
      [60, 5.8742, 0.09136],
      [65, 7.0812, 0.09119],
      [70, 8.163, 0.09068],
      [75, 9.149, 0.09005],
      [80, 10.0891, 0.0894],
      [85, 11.2198, 0.08898],
      [101, 15.3108, 0.09096],
      [105, 16.547, 0.09219],
      [110, 18.3324, 0.09401],
    ],
  },
} as const;
/** A child of two or more is measured standing, 0.7 cm shorter than lying. */
const STANDING_CM = 0.7;
const STANDING_FROM_MONTHS = 24;
/** WHO's criterion of severe acute malnutrition is for 6 to 59 months. */
const TABLE_FROM_MONTHS = 6;
const TABLE_AGE_MONTHS = 60;

/** z-score of weight for length or height; `undefined` outside the table or without sex. */
export function weightForLengthZ(sex: string | undefined, weightKg: number, lengthCm: number, standing: boolean): number | undefined {
  if (sex !== 'male' && sex !== 'female') return undefined;
  const { l, rows } = LMS[sex];
  const length = lengthCm + (standing ? STANDING_CM : 0);
  for (let index = 1; index < rows.length; index += 1) {
    const low = rows[index - 1];
    const high = rows[index];
    if (low === undefined || high === undefined || length < low[0] || length > high[0]) continue;
    const share = (length - low[0]) / (high[0] - low[0]);
    const m = low[1] + share * (high[1] - low[1]);
    const s = low[2] + share * (high[2] - low[2]);
    return ((weightKg / m) ** l - 1) / (l * s);
  }
  return undefined;
}

/** Severe wasting by WHO: weight for length under −3 SD, or an arm under 11.5 cm at 6 to 59 months. Evidence, or none. */
export function severeWasting(read: () => Measures, sex: string | undefined, age: AgeFact): Evidence[] {
  const months = age.bounds?.min.months;
  if (months === undefined || months < TABLE_FROM_MONTHS || months >= TABLE_AGE_MONTHS) return [];
  const { weight, height, arm } = read();
  const found: Evidence[] = [];
  if (arm !== undefined && arm.value < 11.5 && arm.value > 5) found.push(arm.evidence);
  if (weight !== undefined && height !== undefined) {
    const z = weightForLengthZ(sex, weight.value, height.value, months >= STANDING_FROM_MONTHS);
    if (z !== undefined && z < -3 && z > -9) found.push(weight.evidence, height.evidence);
  }
  return found;
}

type Kind = keyof Measures;
const WORDS: readonly (readonly [Kind, string])[] = [
  ['weight', '体重'],
  ['weight', 'weight'],
  ['weight', 'wt'],
  ['weight', 'w'],
  ['height', '身高'],
  ['height', '身长'],
  ['height', 'height'],
  ['height', 'length'],
  ['height', 'ht'],
  ['height', 'h'],
  ['arm', '上臂围'],
  ['arm', 'muac'],
];
const CODES: Readonly<Record<string, Kind>> = {
  '29463-7': 'weight',
  '3141-9': 'weight',
  '8302-2': 'height',
  '8306-3': 'height',
  '56072-2': 'arm',
};
const UNITS: readonly (readonly [string, Kind, number])[] = [
  ['kg', 'weight', 1],
  ['公斤', 'weight', 1],
  ['千克', 'weight', 1],
  ['斤', 'weight', 0.5],
  ['g', 'weight', 0.001],
  ['cm', 'height', 1],
  ['厘米', 'height', 1],
  ['mm', 'height', 0.1],
  ['m', 'height', 100],
];
const FILLER = ':=为约是 ';

/** Reads the first of each measure, structured before written. */
export function readMeasures(snapshot: EncounterSnapshot, sources: readonly Source[], fold: Uint16Array): Measures {
  const found: { -readonly [K in Kind]: Measure | undefined } = { weight: undefined, height: undefined, arm: undefined };
  snapshot.observations?.forEach(({ code, name, value, unit }, index) => {
    const folded = foldText(name ?? '', fold).trim();
    const kind = CODES[code ?? ''] ?? WORDS.find(([, word]) => folded === word)?.[0];
    const number = typeof value === 'string' ? Number.parseFloat(value) : value;
    if (kind === undefined || typeof number !== 'number' || !Number.isFinite(number)) return;
    const factor = factorOf(foldText(unit ?? (typeof value === 'string' ? value.replace(/[\d.\s]/g, '') : ''), fold), kind) ?? 1;
    found[kind] ??= { value: number * factor, evidence: { at: `observations[${index}].value` } };
  });
  for (const source of sources) readWritten(source, fold, found);
  return found;
}

function readWritten(
  { at: path, text: written, section }: Source,
  fold: Uint16Array,
  found: { -readonly [K in Kind]: Measure | undefined },
): void {
  if (section === 'past-history' || section === 'family-history' || !hasMeasure(written)) return;
  const text = foldText(written, fold);
  for (const [kind, word] of WORDS) {
    if (found[kind] !== undefined) continue;
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
      if (isLetter(text, at - 1) || (word.length === 1 && !isDigitAt(text, at + 1))) continue;
      const read = readValue(text, at + word.length, kind);
      if (read === undefined) continue;
      found[kind] = { value: read.value, evidence: { at: path, start: at, end: read.end, text: written.slice(at, read.end) } };
      break;
    }
  }
}

function readValue(text: string, from: number, kind: Kind): { value: number; end: number } | undefined {
  let at = from;
  while (at - from < 3 && FILLER.includes(text.charAt(at) || 'x')) at += 1;
  const number = readDecimal(text, at);
  if (number === undefined) return undefined;
  let unit = number.end;
  while (text.charAt(unit) === ' ') unit += 1;
  for (const [word, of, factor] of UNITS) {
    if (of === (kind === 'arm' ? 'height' : kind) && text.startsWith(word, unit))
      return { value: number.value * factor, end: unit + word.length };
  }
  return undefined;
}

function factorOf(unit: string, kind: Kind): number | undefined {
  return UNITS.find(([word, of]) => of === (kind === 'arm' ? 'height' : kind) && word === unit.trim())?.[2];
}

function isLetter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x61 && code <= 0x7a;
}

const MEASURE_UNITS = ['kg', 'cm', 'mm', '公斤', '千克', '斤', '厘米', 'ｋｇ', 'ｃｍ'];

/** Whether a number with a unit of weight or length stands in the text: most notes have none and are read no further. */
function hasMeasure(text: string): boolean {
  const lower = text.toLowerCase();
  for (let at = 1; at < lower.length; at += 1) {
    if (!isDigitAt(lower, at - 1)) continue;
    const from = lower.charAt(at) === ' ' ? at + 1 : at;
    if (MEASURE_UNITS.some((unit) => lower.startsWith(unit, from))) return true;
  }
  return false;
}
