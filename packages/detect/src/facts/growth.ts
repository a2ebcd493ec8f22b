import type { EncounterSnapshot } from '@zhida/core';
import type { Evidence } from '../assessment.js';
import { foldText, isDigit, isSpace } from '../text/fold.js';
import { isDigitAt, readDecimal } from '../text/numbers.js';
import type { AgeFact } from './age.js';
import type { Source } from './collect.js';
import { BMI_FOR_AGE, WEIGHT_FOR_LENGTH, lmsAt } from './growth-tables.js';

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

/** A child of two or more is measured standing, 0.7 cm shorter than lying. */
const STANDING_CM = 0.7;
const STANDING_FROM_MONTHS = 24;
/** WHO's criterion of severe acute malnutrition is for 6 to 59 months. */
const TABLE_FROM_MONTHS = 6;
const TABLE_AGE_MONTHS = 60;

/** The reference goes on where the standards end. */
const REFERENCE_AGE_MONTHS = 228;
/** WHO calls a weight for length under −5 SD an error; a starved child may be lower, a slip of the pen is far lower. */
const FLAG_LENGTH_Z = -9;
const FLAG_BMI_Z = -7;

/** z-score of weight for length or height; `undefined` outside the table or without sex. */
export function weightForLengthZ(sex: string | undefined, weightKg: number, lengthCm: number, standing: boolean): number | undefined {
  if (sex !== 'male' && sex !== 'female') return undefined;
  const { l, rows } = WEIGHT_FOR_LENGTH[sex];
  const lms = lmsAt(
    rows.map(([at, m, s]) => [at, l, m, s]),
    lengthCm + (standing ? STANDING_CM : 0),
  );
  return lms === undefined ? undefined : zOf(weightKg, lms);
}

/** z-score of the body mass index at 5 to 19 years; `undefined` outside these ages or without sex. */
export function bmiForAgeZ(sex: string | undefined, weightKg: number, heightCm: number, months: number): number | undefined {
  if (sex !== 'male' && sex !== 'female') return undefined;
  const lms = lmsAt(BMI_FOR_AGE[sex], months);
  return lms === undefined || heightCm <= 0 ? undefined : zOf(weightKg / (heightCm / 100) ** 2, lms);
}

function zOf(value: number, { l, m, s }: { l: number; m: number; s: number }): number {
  return ((value / m) ** l - 1) / (l * s);
}

/**
 * Severe wasting by WHO: at 6 to 59 months weight for length under −3 SD or an arm under 11.5 cm, from 5 years on the body mass index
 * for age under −3 SD. Evidence, or none. The youngest age the record allows asks for the least weight.
 */
export function severeWasting(read: () => Measures, sex: string | undefined, age: AgeFact): Evidence[] {
  const months = age.bounds?.min.months;
  if (months === undefined || months < TABLE_FROM_MONTHS || months > REFERENCE_AGE_MONTHS) return [];
  const isYoung = months < TABLE_AGE_MONTHS;
  const { weight, height, arm } = read();
  return [...(isYoung ? thinArm(arm) : []), ...thinBody(weight, height, sex, months)];
}

function thinArm(arm: Measure | undefined): Evidence[] {
  return arm !== undefined && arm.value < 11.5 && arm.value > 5 ? [arm.evidence] : [];
}

function thinBody(weight: Measure | undefined, height: Measure | undefined, sex: string | undefined, months: number): Evidence[] {
  if (weight === undefined || height === undefined) return [];
  const isYoung = months < TABLE_AGE_MONTHS;
  const z = isYoung
    ? weightForLengthZ(sex, weight.value, height.value, months >= STANDING_FROM_MONTHS)
    : bmiForAgeZ(sex, weight.value, height.value, months);
  const isSevere = z !== undefined && z < -3 && z > (isYoung ? FLAG_LENGTH_Z : FLAG_BMI_Z);
  return isSevere ? [weight.evidence, height.evidence] : [];
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

export type MeasureReader = (snapshot: EncounterSnapshot, sources: readonly Source[]) => Measures;

/** Compiles what reads the first of each measure, structured before written. */
export function createMeasureReader(fold: Uint16Array): MeasureReader {
  const namesLength = createLengthFinder(fold);
  return (snapshot, sources) => {
    const found = readObserved(snapshot, fold);
    // A weight alone tells nothing, and few records name a length.
    const isNamed = found.height !== undefined || found.arm !== undefined || sources.some(({ text }) => namesLength(text));
    if (isNamed) for (const source of sources) readWritten(source, fold, found);
    return found;
  };
}

type Found = { -readonly [K in Kind]: Measure | undefined };

function readObserved(snapshot: EncounterSnapshot, fold: Uint16Array): Found {
  const found: Found = { weight: undefined, height: undefined, arm: undefined };
  snapshot.observations?.forEach(({ code, name, value, unit }, index) => {
    const folded = foldText(name ?? '', fold).trim();
    const kind = CODES[code ?? ''] ?? WORDS.find(([, word]) => folded === word)?.[0];
    const number = typeof value === 'string' ? Number.parseFloat(value) : value;
    if (kind === undefined || typeof number !== 'number' || !Number.isFinite(number)) return;
    const factor = factorOf(foldText(unit ?? (typeof value === 'string' ? value.replace(/[\d.\s]/g, '') : ''), fold), kind) ?? 1;
    found[kind] ??= { value: number * factor, evidence: { at: `observations[${index}].value` } };
  });
  return found;
}

/** Tells whether a height or an arm may be written in a text, by the first two characters of every word for one. */
function createLengthFinder(fold: Uint16Array): (text: string) => boolean {
  const heads = Uint32Array.from(
    WORDS.filter(([kind]) => kind !== 'weight'),
    ([, word]) => headOf(word.charCodeAt(0), word.charCodeAt(1)),
  );
  const isFoldedStart = new Uint8Array(fold.length);
  for (const head of heads) isFoldedStart[head >>> 16] = 1;
  const isStart = new Uint8Array(fold.length);
  for (let code = 0; code < fold.length; code += 1) isStart[code] = isFoldedStart[fold[code] ?? 0] ?? 0;
  return (text) => {
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (isStart[code] !== 1) continue;
      const next = fold[text.charCodeAt(at + 1)] ?? 0;
      // A word of one letter names one only before a digit.
      if (isDigit(next) || heads.includes(headOf(fold[code] ?? 0, next))) return true;
    }
    return false;
  };
}

function headOf(first: number, second: number): number {
  return ((first << 16) | second) >>> 0;
}

function readWritten({ at: path, text: written, section }: Source, fold: Uint16Array, found: Found): void {
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
    if (!isDigit(lower.charCodeAt(at - 1))) continue;
    const from = isSpace(lower.charCodeAt(at)) ? at + 1 : at;
    if (MEASURE_UNITS.some((unit) => lower.startsWith(unit, from))) return true;
  }
  return false;
}
