import { messagesIn, readMessageHeader } from '@zhida/hl7v2';

type RecordFormat = 'hl7v2' | 'fhir' | 'encounter' | 'cda';

/** One message of a file. */
export interface FileRecord {
  readonly bytes: Uint8Array;
  /** From 1. */
  readonly number: number;
  readonly line: number | undefined;
  /** MSH of an HL7 v2 message; for others and for what is none, nothing. */
  readonly header?: ReturnType<typeof readMessageHeader>;
}

/**
 * The messages of a file that has grown since all of `taken` was taken. What stands there as it stood is passed over: it may have come so
 * long ago that nothing knows it any more.
 */
export function* recordsAfter(format: RecordFormat, taken: Uint8Array, bytes: Uint8Array): Generator<FileRecord> {
  const before = recordsIn(format, taken);
  for (const record of recordsIn(format, bytes)) {
    const known = before.next();
    if (known.done === true || Buffer.compare(known.value.bytes, record.bytes) !== 0) yield record;
  }
}

/** The messages of a file, in order. What is no message is a piece of its own: it is set aside where it is read, not lost here. */
export function* recordsIn(format: RecordFormat, bytes: Uint8Array): Generator<FileRecord> {
  if (format === 'hl7v2') yield* hl7Records(bytes);
  else if (format === 'cda') yield { bytes, number: 1, line: 1 };
  else yield* jsonRecords(bytes);
}

function* hl7Records(bytes: Uint8Array): Generator<FileRecord> {
  let number = 0;
  for (const piece of messagesIn(bytes)) {
    number += 1;
    yield { ...piece, number, header: readMessageHeader(piece.bytes) };
  }
}

const LF = 0x0a;

/** One document, the items of a list, or a document a line. */
function* jsonRecords(bytes: Uint8Array): Generator<FileRecord> {
  const whole = parsed(bytes);
  if (whole === undefined) {
    yield* jsonLines(bytes);
    return;
  }
  const items = Array.isArray(whole.value) ? (whole.value as unknown[]) : undefined;
  if (items === undefined) yield { bytes, number: 1, line: 1 };
  else for (const [index, item] of items.entries()) yield { bytes: written(item), number: index + 1, line: undefined };
}

function* jsonLines(bytes: Uint8Array): Generator<FileRecord> {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let line = 0;
  let number = 0;
  for (let from = 0; from < whole.length; ) {
    const found = whole.indexOf(LF, from);
    const to = found === -1 ? whole.length : found;
    const piece = whole.subarray(from, to);
    line += 1;
    from = to + 1;
    if (isBlank(piece)) continue;
    number += 1;
    yield { bytes: piece, number, line };
  }
}

function isBlank(piece: Buffer): boolean {
  return piece.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

/** Wrapped, because `null` is JSON too. */
function parsed(bytes: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return undefined;
  }
}

/** An item of a list by itself; one nested deeper than it can be written again is nothing, and is set aside as that. */
function written(item: unknown): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(item));
  } catch {
    return Buffer.alloc(0);
  }
}
