import { type HL7Field, type HL7Message, HL7Segment } from 'hl7v2';
import type { IssueLog } from '../issue-log.js';
import { type Encoding, unescape } from './escapes.js';

/**
 * One segment, to ask for values in the numbers of the standard: fields, components and subcomponents from 1, repetitions
 * from 0. A missing value, an empty one and the explicit null `""` all read as `undefined`; only {@link isNull} tells them apart.
 */
export interface Segment {
  readonly type: string;
  /** `PID`, `OBX[3]`: what issues name. */
  readonly at: string;
  /** A component with its escapes resolved, without white space around it. */
  text(field: number, component?: number, repetition?: number): string | undefined;
  /** A subcomponent; the first one is the whole component where it has no parts. */
  part(field: number, component: number, subcomponent: number, repetition?: number): string | undefined;
  /** A whole repetition as text, for data types without components: what looks like one is text a sender forgot to escape. */
  plain(field: number, repetition?: number): string | undefined;
  repetitions(field: number): number;
  /** The sender says `""`: this value is to be deleted. */
  isNull(field: number): boolean;
}

/** Where a field is, for an issue. */
export function placeOf(segment: Segment, field: number): string {
  return `${segment.at}-${field}`;
}

/**
 * A segment whose fields the hl7v2 parser takes apart, each when it is first asked for: of the fifty fields of a PV1 a
 * snapshot needs ten, and every field costs the parser four objects.
 */
export class ParsedSegment implements Segment {
  readonly type: string;
  readonly at: string;
  readonly #written: readonly string[];
  readonly #segment: HL7Segment;
  readonly #encoding: Encoding;
  readonly #log: IssueLog;

  constructor(line: string, at: string, source: { readonly holder: HL7Message; readonly encoding: Encoding; readonly log: IssueLog }) {
    this.type = line.slice(0, 3);
    this.at = at;
    this.#written = line.split(source.encoding.field);
    this.#segment = new HL7Segment(source.holder, this.type);
    this.#encoding = source.encoding;
    this.#log = source.log;
  }

  text(field: number, component = 1, repetition = 0): string | undefined {
    return clean(this.#raw(field, component, repetition), this.#encoding);
  }

  part(field: number, component: number, subcomponent: number, repetition = 0): string | undefined {
    const whole = this.#raw(field, component, repetition);
    const separator = this.#encoding.subcomponent;
    if (whole === undefined || separator === '' || !whole.includes(separator)) {
      return subcomponent === 1 ? clean(whole, this.#encoding) : undefined;
    }
    return clean(whole.split(separator)[subcomponent - 1], this.#encoding);
  }

  plain(field: number, repetition = 0): string | undefined {
    const components = this.#field(field)?.repetitions[repetition]?.components ?? [];
    if (components.length <= 1) return clean(this.#raw(field, 1, repetition), this.#encoding);
    const parts = components.map((_component, index) => this.#raw(field, index + 1, repetition) ?? '');
    while (parts.at(-1) === '') parts.pop();
    return clean(parts.join(this.#encoding.component), this.#encoding);
  }

  repetitions(field: number): number {
    return this.#field(field)?.repetitions.length ?? 0;
  }

  isNull(field: number): boolean {
    return this.#written[field] === '""';
  }

  #raw(field: number, component: number, repetition: number): string | undefined {
    const value: unknown = this.#field(field)?.repetitions[repetition]?.components?.[component - 1]?.getValue();
    return typeof value === 'string' ? value : undefined;
  }

  #field(position: number): HL7Field | undefined {
    const written = this.#written[position];
    if (written === undefined || written === '') return undefined;
    const known = this.#segment.fields[position - 1];
    if (known !== undefined) return known;
    try {
      const field = this.#segment.field(position);
      field.fromHL7String(written);
      return field;
    } catch {
      this.#log.add('SEGMENT_UNREADABLE', placeOf(this, position));
      return undefined;
    }
  }
}

/** A raw value as a person would read it; `undefined` for nothing and for the explicit null. */
export function clean(value: string | undefined, encoding: Encoding): string | undefined {
  if (value === undefined || value === '' || value === '""') return undefined;
  const text = unescape(value, encoding).trim();
  return text === '' ? undefined : text;
}
