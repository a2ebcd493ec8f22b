import { decodeBytes } from './charset.js';
import { BACKSLASH_STAND_IN, type Encoding } from './escapes.js';
import { fieldsOf, rawSplit } from './raw-field.js';
import { type Segment, clean } from './segment.js';

/**
 * A segment read straight from its bytes: for the few fields that decide whether a message is worth a parse. `line` holds one byte per code unit.
 */
export class RawSegment implements Segment {
  readonly type: string;
  readonly at: string;
  readonly #fields: readonly string[];
  readonly #encoding: Encoding;
  /** A high byte and the next one are one character. */
  readonly #pairs: boolean;

  constructor(line: string, at: string, encoding: Encoding) {
    this.type = line.slice(0, 3);
    this.at = at;
    this.#encoding = encoding;
    this.#pairs = encoding.charset === 'gb18030' || encoding.charset === 'big5';
    this.#fields = fieldsOf(line, this.#pairs);
  }

  text(field: number, component = 1, repetition = 0): string | undefined {
    return this.#decoded(this.#component(field, component, repetition));
  }

  part(field: number, component: number, subcomponent: number, repetition = 0): string | undefined {
    const whole = this.#component(field, component, repetition) ?? '';
    return this.#decoded(rawSplit(whole, this.#encoding.subcomponent, this.#pairs)[subcomponent - 1]);
  }

  plain(field: number, repetition = 0): string | undefined {
    return this.#decoded(this.#repetition(field, repetition));
  }

  repetitions(field: number): number {
    const whole = this.#fields[field] ?? '';
    return whole === '' ? 0 : rawSplit(whole, this.#encoding.repetition, this.#pairs).length;
  }

  isNull(field: number): boolean {
    return this.#fields[field] === '""';
  }

  #repetition(field: number, repetition: number): string | undefined {
    const whole = this.#fields[field] ?? '';
    if (whole === '') return undefined;
    if (repetition === 0 && !whole.includes(this.#encoding.repetition)) return whole;
    return rawSplit(whole, this.#encoding.repetition, this.#pairs)[repetition];
  }

  #component(field: number, component: number, repetition: number): string | undefined {
    const whole = this.#repetition(field, repetition);
    if (whole === undefined) return undefined;
    if (component === 1 && !whole.includes(this.#encoding.component)) return whole;
    return rawSplit(whole, this.#encoding.component, this.#pairs)[component - 1];
  }

  #decoded(value: string | undefined): string | undefined {
    if (value === undefined || value === '') return undefined;
    const { charset } = this.#encoding;
    const text = charset === 'us-ascii' ? value : decodeBytes(Buffer.from(value, 'latin1'), charset);
    return clean(text.includes('\\') ? text.replaceAll('\\', BACKSLASH_STAND_IN) : text, this.#encoding);
  }
}
