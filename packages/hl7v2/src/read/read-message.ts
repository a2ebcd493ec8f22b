import type { Issue } from '@zhida/core';
import { type IssueLog, createIssueLog } from '../issue-log.js';
import { type Hl7Options, type Settings, settingsOf } from '../options.js';
import { decodeBytes } from '../wire/charset.js';
import { parseSegments } from '../wire/parse.js';
import type { Segment } from '../wire/segment.js';
import { type Envelope, openEnvelope } from './envelope.js';
import { type MessageHeader, readHeader } from './header.js';
import { glanceAt } from './peek.js';
import { type Trigger, isAboutNumbers, triggerOf } from './trigger.js';
import type { VisitUpdate } from './update.js';
import { skimmedUpdate, updateOf } from './visit-update.js';

/** A message as far as visits are concerned. Plain data: it can be kept and applied later. */
export interface Hl7Message {
  readonly header: MessageHeader;
  /** Keys under which visits this message may change are found; pass all visits that have one of them to `applyMessage`. */
  readonly keys: readonly string[];
  /** One for each patient of the message; empty for a message that changes nothing a snapshot has. */
  readonly updates: readonly VisitUpdate[];
  /** Somebody who is certainly an adult: only who, where and when was read. */
  readonly skimmed: boolean;
}

export interface MessageReading {
  /** Absent only where there is no header, no message type, or more of it than the limits allow. */
  readonly message: Hl7Message | undefined;
  /** What could not be used; `at` is like `PID-7` or `OBX[3]-5`, never a value. */
  readonly issues: readonly Issue[];
}

/** The segments a snapshot is made of, besides MSH; all others are passed over. */
export const SEGMENTS_READ: ReadonlySet<string> = new Set([
  'EVN',
  'PID',
  'PV1',
  'PV2',
  'ACC',
  'MRG',
  'NK1',
  'GT1',
  'DG1',
  'PR1',
  'ORC',
  'OBR',
  'OBX',
  'NTE',
  'TXA',
  'RXO',
  'RXE',
]);

/**
 * Reads one HL7 v2 message (2.3 to 2.8) from its bytes, with or without its MLLP frame, or from decoded text.
 *
 * Total: whatever the input is, the answer is a message or none, and issues. The charset is found from the bytes and MSH-18;
 * what the parser does not check (MSH-9, MSH-10, MSH-11, MSH-12) is checked here. Several patients in one message stay apart.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an unknown zone; never because of what the message holds.
 */
export function readMessage(input: Uint8Array | string, options: Hl7Options = NO_OPTIONS): MessageReading {
  const settings = settingsOf(options);
  const log = createIssueLog();
  return { message: read(input, settings, log), issues: log.issues };
}

const NO_OPTIONS: Hl7Options = {};

/** The header alone, for whoever decides whether a message is to be taken. `undefined` for what is no message. */
export function readMessageHeader(input: Uint8Array | string, options: Hl7Options = NO_OPTIONS): MessageHeader | undefined {
  const log = createIssueLog(0);
  const envelope = openEnvelope(input, log);
  return envelope === undefined ? undefined : readHeader(envelope.msh, envelope.encoding.charset, settingsOf(options).zone, log);
}

function read(input: Uint8Array | string, settings: Settings, log: IssueLog): Hl7Message | undefined {
  const envelope = openEnvelope(input, log);
  if (envelope === undefined) return undefined;
  const { msh } = envelope;
  const header = readHeader(msh, envelope.encoding.charset, settings.zone, log);
  if (header === undefined) return undefined;
  const skimmed = settings.skimAdults ? skim(envelope, msh, header, settings, log) : undefined;
  if (skimmed !== undefined) return { header, keys: keysOf([skimmed]), updates: [skimmed], skimmed: true };
  const updates = updatesIn(envelope, msh, header, settings, log);
  return { header, keys: keysOf(updates), updates, skimmed: false };
}

/** Every message of an adult but a merge or a move, which concern numbers and may concern a child's. */
function skim(envelope: Envelope, msh: Segment, header: MessageHeader, settings: Settings, log: IssueLog): VisitUpdate | undefined {
  const trigger = triggerOf(header.type, header.trigger);
  if (trigger === undefined || isAboutNumbers(trigger)) return undefined;
  const { age, pid, pv1 } = glanceAt(envelope, settings.zone);
  return age.minor === 'no' && pid !== undefined ? skimmedUpdate({ msh, header, trigger, pid, pv1, settings, log }) : undefined;
}

function updatesIn(envelope: Envelope, msh: Segment, header: MessageHeader, settings: Settings, log: IssueLog): VisitUpdate[] {
  const text = decodeBytes(envelope.bytes, envelope.encoding.charset);
  if (envelope.encoding.charset !== 'us-ascii' && text.includes('\uFFFD')) log.add('TEXT_NOT_WELL_FORMED', 'MSH-18');
  const segments = parseSegments(text, envelope.encoding, SEGMENTS_READ, log);
  const evn = segments.find(({ type }) => type === 'EVN');
  const trigger = triggerIn(header, evn);
  if (trigger === undefined) {
    log.add('MESSAGE_IGNORED', 'MSH-9', 'information');
    return [];
  }
  const groups = trigger.effect === 'move-visit' ? patientsIn(segments).flatMap(movesIn) : patientsIn(segments);
  return groups.map((own) => updateOf({ msh, header, trigger, evn, segments: own, settings, log }));
}

/** EVN-1 tells the event where an old sender leaves MSH-9.2 out. */
function triggerIn(header: MessageHeader, evn: Segment | undefined): Trigger | undefined {
  const event = header.trigger === '' ? (evn?.text(1) ?? '').toUpperCase() : header.trigger;
  return triggerOf(header.type, event);
}

/** Segments from one PID to the next: those of two patients are never taken together. */
function patientsIn(segments: readonly Segment[]): Segment[][] {
  const groups: Segment[][] = [[]];
  let hasPatient = false;
  for (const segment of segments) {
    if (segment.type === 'EVN') continue;
    if (segment.type === 'PID' && hasPatient) groups.push([]);
    if (segment.type === 'PID') hasPatient = true;
    groups.at(-1)?.push(segment);
  }
  return groups;
}

/** ADT_A45 names several visits of one patient, each by an MRG and the PV1 behind it. */
function movesIn(segments: readonly Segment[]): Segment[][] {
  const first = segments.findIndex(({ type }) => type === 'MRG');
  const shared = segments.slice(0, Math.max(first, 0));
  const moves: Segment[][] = [];
  for (const segment of segments.slice(shared.length)) {
    if (segment.type === 'MRG' || moves.length === 0) moves.push([...shared]);
    moves.at(-1)?.push(segment);
  }
  return moves.length === 0 ? [[...segments]] : moves;
}

function keysOf(updates: readonly VisitUpdate[]): string[] {
  const keys = new Set<string>();
  for (const { visitKey, patientKey, retiredKeys, prior } of updates) {
    for (const key of [visitKey, patientKey, ...retiredKeys, ...(prior?.keys ?? [])]) if (key !== undefined) keys.add(key);
  }
  return [...keys];
}
