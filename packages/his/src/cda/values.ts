import { type IssueLog, type SnapshotObservation, parsePartialDate } from '@zhida/core';
import { readBirthDate, readTime } from '../read/time.js';
import { systemName } from './codes.js';
import { type XmlElement, attribute, child, children, placeOf, said, textOf } from './element.js';

/** A coded value (CD, CE, CV). */
export interface Coded {
  readonly code: string | undefined;
  readonly system: string | undefined;
  /** What a person would read. */
  readonly text: string | undefined;
}

/** A code with its words: of its translations one of a wanted system, else itself. */
export function codedOf(element: XmlElement | undefined, wanted: ReadonlySet<string> = new Set()): Coded {
  const own = codingOf(element);
  if (own.system !== undefined && wanted.has(own.system)) return own;
  const other = children(element, 'translation')
    .map(codingOf)
    .find(({ code, system }) => code !== undefined && system !== undefined && wanted.has(system));
  const chosen = other ?? own;
  return { ...chosen, text: chosen.text ?? own.text };
}

function codingOf(element: XmlElement | undefined): Coded {
  const code = attribute(element, 'code');
  const system = systemName(attribute(element, 'codeSystem'), attribute(element, 'codeSystemName'));
  // Templates put the name of the code between the tags where they should not.
  const text =
    said(element?.attributes.get('displayName')) ??
    textOf(child(element, 'originalText')) ??
    (code === undefined ? undefined : textOf(element));
  return { code, system: code === undefined ? undefined : system, text };
}

/** What a person would read of a coded value: its words, else its code. */
export function wordsOf(element: XmlElement | undefined): string | undefined {
  const { text, code } = codedOf(element);
  return text ?? code;
}

const COMPACT = /^(\d{4})(\d{2})?(\d{2})?T?(?:(\d{2})(\d{2})?(\d{2})?(?:\.\d{1,6})?)?([+-]\d{4})?$/;

/** A point in time (TS) in the form with separators, which also has its offset. */
function written(text: string): string {
  const match = COMPACT.exec(text);
  if (match === null) return text;
  const [, year = '', month, day, hour, minute = '00', second = '00', zone = ''] = match;
  const date = [year, month, day].filter((part) => part !== undefined).join('-');
  return hour === undefined ? date : `${date} ${hour}:${minute}:${second}${zone}`;
}

/** A time as RFC 3339; `undefined` where none is said, and with `TIME_UNREADABLE` where it is none. */
export function timeOf(element: XmlElement | undefined, log: IssueLog, zone: string): string | undefined {
  const text = attribute(element, 'value');
  if (element === undefined || text === undefined) return undefined;
  const read = readTime(written(text), undefined, zone);
  if ('value' in read) return String(read.value);
  log.add('TIME_UNREADABLE', placeOf(element));
  return undefined;
}

/** The moment of an `effectiveTime`: its own value, else where it begins, else where it ends. */
export function momentOf(element: XmlElement | undefined, log: IssueLog, zone: string): string | undefined {
  return timeOf(element, log, zone) ?? timeOf(child(element, 'low'), log, zone) ?? timeOf(child(element, 'high'), log, zone);
}

/** `YYYY`, `YYYY-MM` or `YYYY-MM-DD`. */
export function birthDateOf(element: XmlElement | undefined, log: IssueLog, zone: string): string | undefined {
  const text = attribute(element, 'value');
  if (element === undefined || text === undefined) return undefined;
  const date = written(text);
  const read = parsePartialDate(date) === undefined ? readBirthDate(date, undefined, zone) : { value: date };
  if ('value' in read) return String(read.value);
  log.add('TIME_UNREADABLE', placeOf(element));
  return undefined;
}

/** What was observed, and in which unit. */
export interface Observed {
  readonly value?: SnapshotObservation['value'];
  readonly unit?: string;
}

const NUMBER = /^[+-]?(?:\d{1,15}|\d{1,15}\.\d{1,12})$/;

/** The value of an observation: a number where it is one, words of a code, a flag, `null` where it is said that it is not known. */
export function observedOf(value: XmlElement, log: IssueLog, zone: string): Observed {
  if (value.attributes.has('nullFlavor')) return { value: null };
  const type = (attribute(value, 'type') ?? '').replace(/^.*:/, '');
  switch (type) {
    case 'BL':
      return flagOf(attribute(value, 'value'));
    case 'TS':
      return present(timeOf(value, log, zone));
    case 'IVL_PQ':
    case 'RTO':
    case 'RTO_PQ_PQ':
      return rangeOf(value, type === 'IVL_PQ' ? ['low', 'high'] : ['numerator', 'denominator']);
    default:
      return attribute(value, 'code') === undefined && attribute(value, 'displayName') === undefined
        ? quantityOf(value)
        : present(wordsOf(value));
  }
}

function present(text: string | undefined): Observed {
  return text === undefined ? {} : { value: text };
}

function flagOf(text: string | undefined): Observed {
  if (text === undefined) return {};
  if (/^(?:true|1|是|有)$/i.test(text)) return { value: true };
  return /^(?:false|0|2|否|无)$/i.test(text) ? { value: false } : { value: text };
}

function quantityOf(element: XmlElement): Observed {
  const text = attribute(element, 'value') ?? textOf(element);
  const unit = attribute(element, 'unit');
  if (text === undefined) return {};
  // Only what is marked as a number is one: of a code written as text the zeros in front would be lost.
  const isNumber = element.attributes.has('value') && NUMBER.test(text);
  return { value: isNumber ? Number(text) : text, ...(unit === undefined ? {} : { unit }) };
}

/** Both ends, or a bound, which must not be read as the number it bounds. */
function rangeOf(range: XmlElement, [from, to]: readonly [string, string]): Observed {
  const [low, high] = [attribute(child(range, from), 'value'), attribute(child(range, to), 'value')];
  const unit = attribute(child(range, from), 'unit') ?? attribute(child(range, to), 'unit');
  const isRatio = from === 'numerator';
  const value =
    low !== undefined && high !== undefined
      ? `${low}${isRatio ? '/' : '–'}${high}`
      : low === undefined
        ? high === undefined
          ? undefined
          : `<=${high}`
        : isRatio
          ? low
          : `>=${low}`;
  return { ...present(value), ...(unit === undefined ? {} : { unit }) };
}
