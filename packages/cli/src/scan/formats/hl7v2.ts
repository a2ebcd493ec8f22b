import { type EncounterSnapshot, type Issue, type ZhidaErrorCode, createIssueLog } from '@zhida/core';
import { HL7_LIMITS, SEGMENTS_READ, createVisitFolder, messagesIn, readMessage } from '@zhida/hl7v2';
import { LINE_BYTES_MAX } from '../lines.js';
import { type FormatReader, type ReadRecord, bytesOf, memberAt, refused } from '../reading.js';
import { recordsOf } from '../records.js';
import type { Source } from '../sources.js';

/**
 * HL7 v2 messages: files of them, or records with one or more in a member. A visit is told in many messages, perhaps in
 * many files, so every message is folded and the visits are told at the end, in order of their first message.
 */
export function hl7v2Reader(field: string | undefined): FormatReader {
  const folder = createVisitFolder();
  const places = new Map<string, string>();

  const fold = (bytes: Uint8Array, place: string): ReadRecord => {
    const { message, issues } = readMessage(bytes);
    if (message === undefined) return { ...refused(place, `not an HL7 v2 message (${reasonOf(issues)})`), issues };
    const folding = createIssueLog(HL7_LIMITS.issues);
    const changed = folder.add(message, folding);
    for (const id of changed) if (!places.has(id)) places.set(id, place);
    const { type, trigger } = message.header;
    const unused = changed.length === 0 ? [`message ${nameOf(type)}^${nameOf(trigger)}`] : [];
    return {
      place,
      encounters: [],
      issues: [...issues, ...folding.issues],
      unreadable: undefined,
      skipped: [...unused, ...segmentsSkipped(bytes)],
    };
  };

  return {
    async *read(source, onBytes) {
      const texts = field === undefined ? wholeFile(source, onBytes) : members(source, onBytes, field);
      for await (const { place, bytes, why, code } of texts) {
        if (bytes === undefined) yield refused(place, why ?? '', code);
        else yield* messagesOf(bytes, place, field === undefined, fold);
      }
    },
    *finish() {
      for (const snapshot of folder.snapshots()) yield told(snapshot, places.get(snapshot.id) ?? '');
    },
  };
}

interface Text {
  readonly place: string;
  readonly bytes: Uint8Array | undefined;
  readonly why?: string;
  readonly code?: ZhidaErrorCode;
}

async function* wholeFile(source: Source, onBytes: (count: number) => void): AsyncGenerator<Text> {
  const bytes = await bytesOf(source, onBytes, LINE_BYTES_MAX);
  yield { place: source.name, bytes, why: `longer than ${LINE_BYTES_MAX} bytes`, code: 'ZD_ERR_INPUT_TOO_LARGE' };
}

async function* members(source: Source, onBytes: (count: number) => void, field: string): AsyncGenerator<Text> {
  for await (const record of recordsOf(source.name, source.open(onBytes))) {
    const { place } = record;
    if ('unreadable' in record) yield { place, bytes: undefined, ...record.unreadable };
    else {
      const value = memberAt(record.value, field);
      const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : undefined;
      yield { place, bytes, why: `no text in a member "${field}"` };
    }
  }
}

function* messagesOf(
  bytes: Uint8Array,
  place: string,
  byLine: boolean,
  fold: (bytes: Uint8Array, place: string) => ReadRecord,
): Generator<ReadRecord> {
  let count = 0;
  for (const piece of messagesIn(bytes)) {
    count += 1;
    yield fold(piece.bytes, byLine ? `${place}:${piece.line}` : place);
  }
  if (count === 0) yield refused(place, 'there is no message in it');
}

function told(snapshot: EncounterSnapshot, place: string): ReadRecord {
  return { place, encounters: [{ snapshot, input: snapshot }], issues: [], unreadable: undefined, skipped: [], isSum: true };
}

function reasonOf(issues: readonly Issue[]): string {
  const error = issues.find(({ severity }) => severity === 'error');
  return error === undefined ? 'no header' : `${error.code} at ${error.at}`;
}

const SEGMENT_NAME = /^[A-Z][A-Z0-9]{2}$/;
const NAME = /^[A-Z][A-Z0-9]{2,3}$/;

/** The segments no snapshot is made of. The three signs at the start of a line are ASCII in every charset a hospital sends. */
function segmentsSkipped(bytes: Uint8Array): string[] {
  if (bytes.length > HL7_LIMITS.messageBytes) return [];
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .split(/[\r\n]+/);
  const names = lines
    .filter((line) => line !== '')
    .map((line) => (SEGMENT_NAME.test(line.slice(0, 3)) && !/\w/.test(line.charAt(3)) ? line.slice(0, 3) : 'of no name'));
  return names.filter((name) => name !== 'MSH' && !SEGMENTS_READ.has(name)).map((name) => `segment ${name}`);
}

/** A type or trigger as the standard writes it; anything else is not shown. */
function nameOf(written: string): string {
  return NAME.test(written) ? written : '?';
}
