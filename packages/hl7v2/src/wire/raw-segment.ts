import { decodeBytes, isPaired } from './charset.js';
import { BACKSLASH_STAND_IN, type Encoding } from './escapes.js';
import { rawSplit } from './raw-field.js';
import { type Segment, clean } from './segment.js';

const HIGH = /[\x80-\xff]/;
const NOTHING: readonly (readonly string[])[] = [];

/**
 * A segment read straight from its bytes: for the few fields that decide whether a message is worth a parse.
 */
export class RawSegment implements Segment {
  readonly type: string;
  readonly at: string;
  readonly #fields: readonly string[];
  readonly #taken: (readonly (readonly string[])[])[] = [];
  readonly #encoding: Encoding;
  /** A high byte and the next one are one character. */
  readonly #pairs: boolean;

  /** `fields` as `fieldsOf` gives them. */
  constructor(fields: readonly string[], at: string, encoding: Encoding) {
    this.type = fields[0] ?? '';
    this.at = at;
    this.#encoding = encoding;
    this.#pairs = isPaired(encoding.charset);
    this.#fields = fields;
  }

  text(field: number, component = 1, repetition = 0): string | undefined {
    return this.#decoded(this.#cells(field)[repetition]?.[component - 1]);
  }

  part(field: number, component: number, subcomponent: number, repetition = 0): string | undefined {
    const whole = this.#cells(field)[repetition]?.[component - 1] ?? '';
    if (whole === '') return undefined;
    return this.#decoded(rawSplit(whole, this.#encoding.subcomponent, this.#pairs)[subcomponent - 1]);
  }

  plain(field: number, repetition = 0): string | undefined {
    return this.#decoded(this.#cells(field)[repetition]?.join(this.#encoding.component));
  }

  repetitions(field: number): number {
    return this.#cells(field).length;
  }

  isNull(field: number): boolean {
    return this.#fields[field] === '""';
  }

  /** Repetitions and their components, taken apart once. */
  #cells(field: number): readonly (readonly string[])[] {
    const whole = this.#fields[field] ?? '';
    if (whole === '') return NOTHING;
    const known = this.#taken[field];
    if (known !== undefined) return known;
    const { repetition, component } = this.#encoding;
    const cells = rawSplit(whole, repetition, this.#pairs).map((one) => rawSplit(one, component, this.#pairs));
    this.#taken[field] = cells;
    return cells;
  }

  #decoded(value: string | undefined): string | undefined {
    if (value === undefined || value === '') return undefined;
    const { charset } = this.#encoding;
    const text = charset === 'us-ascii' || !HIGH.test(value) ? value : decodeBytes(Buffer.from(value, 'latin1'), charset);
    return clean(text.includes('\\') ? text.replaceAll('\\', BACKSLASH_STAND_IN) : text, this.#encoding);
  }
}
