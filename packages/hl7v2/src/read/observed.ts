import { attachedText } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import { HL7_LIMITS } from '../limits.js';
import { type Segment, placeOf } from '../wire/segment.js';
import { wordsAt } from './coded.js';
import { readTime } from './times.js';

/** What OBX-5 holds. */
export interface Observed {
  readonly value: string | number | null | undefined;
  /** Written text rather than a measured value: TX, FT, a document inside. */
  readonly written: boolean;
}

const VALUE_FIELD = 5;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
const CODED = new Set(['CE', 'CWE', 'CNE', 'CF', 'IS', 'ID']);
const TEXTS = new Set(['TX', 'FT']);
const TIMES = new Set(['TS', 'DTM', 'DT']);
/** Data that points elsewhere or is sound, picture or waveform. */
const UNREADABLE = new Set(['RP', 'NA', 'MA']);

/** The value of an OBX by its type (OBX-2). A type nobody named is read as text. */
export function observedIn(obx: Segment, zone: string, log: IssueLog): Observed {
  const type = (obx.text(2) ?? 'ST').toUpperCase();
  if (obx.isNull(VALUE_FIELD)) return { value: null, written: false };
  if (type === 'ED') return { value: embedded(obx, log), written: true };
  if (UNREADABLE.has(type)) {
    if (obx.plain(VALUE_FIELD) !== undefined) log.add('CONTENT_NOT_TEXT', placeOf(obx, VALUE_FIELD), 'information');
    return { value: undefined, written: false };
  }
  if (TEXTS.has(type)) return { value: lines(obx), written: true };
  return { value: measured(obx, type, zone), written: false };
}

function measured(obx: Segment, type: string, zone: string): string | number | undefined {
  const values: (string | number)[] = [];
  for (let repetition = 0; repetition < obx.repetitions(VALUE_FIELD); repetition += 1) {
    const value = single(obx, type, zone, repetition);
    if (value !== undefined) values.push(value);
  }
  return values.length > 1 ? values.join('; ') : values[0];
}

function single(obx: Segment, type: string, zone: string, repetition: number): string | number | undefined {
  if (type === 'NM') return numberOrText(obx.plain(VALUE_FIELD, repetition));
  if (type === 'SN') return structured(obx, repetition);
  if (CODED.has(type)) return wordsAt(obx, VALUE_FIELD, repetition);
  const text = obx.plain(VALUE_FIELD, repetition);
  return TIMES.has(type) && text !== undefined ? (readTime(text, zone) ?? text) : text;
}

/** Comparator, number, separator, number. A bound is not a number: `>1000` stays a text, `1:128` and `2-5` too. */
function structured(obx: Segment, repetition: number): string | number | undefined {
  const [comparator = '', first, separator, second] = [1, 2, 3, 4].map((component) => obx.text(VALUE_FIELD, component, repetition));
  if (first === undefined) return comparator === '' ? undefined : numberOrText(comparator);
  const sign = comparator === '=' ? '' : comparator;
  if (sign === '' && separator === undefined) return numberOrText(first);
  return `${sign}${first}${separator ?? ''}${second ?? ''}`;
}

function numberOrText(text: string | undefined): string | number | undefined {
  return text !== undefined && NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Repetitions of a text are its lines. */
function lines(obx: Segment): string | undefined {
  const parts: string[] = [];
  for (let repetition = 0; repetition < obx.repetitions(VALUE_FIELD); repetition += 1) {
    parts.push(obx.plain(VALUE_FIELD, repetition) ?? '');
  }
  const text = parts.join('\n').trim();
  return text === '' ? undefined : text;
}

/** Encapsulated data: text in base64 or as it is. Pictures, PDF and the like are named, not read. */
function embedded(obx: Segment, log: IssueLog): string | undefined {
  const [kind, subtype, encoding, data] = [2, 3, 4, 5].map((component) => obx.text(VALUE_FIELD, component));
  const isText = /^text$/i.test(kind ?? '') || /^(?:plain|text)$/i.test(subtype ?? '');
  const text =
    isText && data !== undefined && !/html|xml|rtf/i.test(subtype ?? '')
      ? decoded(data, encoding ?? '', placeOf(obx, VALUE_FIELD), log)
      : undefined;
  if (text === undefined) log.add('CONTENT_NOT_TEXT', placeOf(obx, VALUE_FIELD), 'information');
  return text;
}

function decoded(data: string, encoding: string, at: string, log: IssueLog): string | undefined {
  if (encoding.toLowerCase() !== 'base64') return data;
  const packed = data.replace(/\s+/g, '');
  if (packed.length > HL7_LIMITS.embeddedLength || packed.length % 4 === 1 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) return undefined;
  const attached = attachedText(Buffer.from(packed, 'base64'));
  if (attached?.clean === false) log.add('TEXT_NOT_WELL_FORMED', at);
  const text = attached?.text.trim();
  return text === '' ? undefined : text;
}
