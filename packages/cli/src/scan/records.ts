import type { ZhidaErrorCode } from '@zhida/core';
import { LINE_BYTES_MAX, type Line, linesOf } from './lines.js';

/** One JSON value of an input, or a word about what could not be read. `place` is like `FILE:12`, `FILE[3]` or `FILE`. */
export type InputRecord =
  | { readonly place: string; readonly value: unknown }
  | { readonly place: string; readonly unreadable: { readonly code: ZhidaErrorCode; readonly why: string } };

/** A document over many lines breaks its first line after one of these; a record cut short rarely ends so. */
const OPEN_END = /[[{,:]\s*$/;

/**
 * The JSON values of one input, in order: JSON Lines read line by line in constant memory, or one JSON document over many lines.
 * The items of a list are values of their own.
 *
 * The first line shows which of the two it is, unless it is unreadable and looks like the head of a document: then the whole is
 * tried as one, and if it is none, read line by line after all. A message never quotes the input, and so never the parser, which does.
 */
export async function* recordsOf(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number = LINE_BYTES_MAX,
): AsyncGenerator<InputRecord> {
  let held: Line[] | undefined;
  let heldLength = 0;
  let isFirst = true;
  for await (const line of linesOf(chunks, bytesMax)) {
    if (line.text?.trim() === '') continue;
    if (isFirst && opensDocument(line)) held = [];
    isFirst = false;
    if (held === undefined) {
      yield* recordsOfLine(name, line);
      continue;
    }
    held.push(line);
    heldLength += line.text?.length ?? 0;
    if (heldLength <= bytesMax) continue;
    // No document can be that long, lines can.
    if (!held.some(isJsonObject)) return yield unreadable(name, 'ZD_ERR_INPUT_TOO_LARGE', `longer than ${bytesMax} bytes`);
    for (const early of held) yield* recordsOfLine(name, early);
    held = undefined;
  }
  if (held !== undefined) yield* recordsOfDocument(name, held);
}

function opensDocument({ text }: Line): boolean {
  return text !== undefined && OPEN_END.test(text) && parse(text) === undefined;
}

function* recordsOfDocument(name: string, lines: readonly Line[]): Generator<InputRecord> {
  const document = lines.some(({ text }) => text === undefined) ? undefined : parse(lines.map(({ text }) => text).join('\n'));
  if (document !== undefined) return yield* itemsOf(name, document.value);
  if (!lines.some(isJsonObject)) return yield unreadable(name, 'ZD_ERR_INPUT_UNREADABLE', 'neither JSON nor JSON Lines in UTF-8');
  for (const line of lines) yield* recordsOfLine(name, line);
}

function* recordsOfLine(name: string, line: Line): Generator<InputRecord> {
  const place = `${name}:${line.number}`;
  if (line.tooLong) return yield unreadable(place, 'ZD_ERR_INPUT_TOO_LARGE', 'the line is too long');
  if (line.text === undefined) return yield unreadable(place, 'ZD_ERR_INPUT_UNREADABLE', 'the line is not UTF-8');
  const parsed = parse(line.text);
  if (parsed === undefined) return yield unreadable(place, 'ZD_ERR_INPUT_UNREADABLE', 'the line is not JSON');
  yield* itemsOf(place, parsed.value);
}

function* itemsOf(place: string, value: unknown): Generator<InputRecord> {
  if (!Array.isArray(value)) return yield { place, value };
  for (const [index, item] of value.entries()) yield { place: `${place}[${index}]`, value: item };
}

function unreadable(place: string, code: ZhidaErrorCode, why: string): InputRecord {
  return { place, unreadable: { code, why } };
}

function isJsonObject({ text }: Line): boolean {
  const value = text === undefined ? undefined : parse(text)?.value;
  return typeof value === 'object' && value !== null;
}

/** Wrapped, because `null` is JSON too. */
function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
