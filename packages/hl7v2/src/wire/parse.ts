import { HL7Message } from 'hl7v2';
import { type HL7Dictionary, HL7Version } from 'hl7v2-dictionary';
import type { IssueLog } from '../issue-log.js';
import { HL7_LIMITS } from '../limits.js';
import { BACKSLASH_STAND_IN, type Encoding } from './escapes.js';
import { ParsedSegment, type Segment } from './segment.js';

/** Segments that come once for a patient, so that a place names them without a number. */
const SINGLE = new Set(['MSH', 'EVN', 'PID', 'PV1', 'PV2', 'TXA', 'MRG']);
const TEXTS = new Set(['OBX', 'NTE']);

/**
 * A dictionary in which every value is text. The parser's own would turn dates into instants of this machine's zone and
 * numbers into floats; what a value means is decided here, where the facility's zone is known. Without a prototype, because
 * a segment may call itself `__proto__`.
 */
const PLAIN = { version: HL7Version.v2_8, segments: Object.create(null), types: { ST: {} }, messages: {} } as unknown as HL7Dictionary;
const DICTIONARIES: Readonly<Record<string, HL7Dictionary>> = Object.fromEntries(
  Object.values(HL7Version).map((version) => [version as string, PLAIN]),
);

/**
 * The segments of a message that `wanted` names, in order, for the parser to take apart.
 *
 * Lines end with CR, LF or both. A line that begins no segment is the rest of a text above it, broken by a raw line break;
 * below anything but a text it is nothing, and named.
 */
export function parseSegments(text: string, encoding: Encoding, wanted: ReadonlySet<string>, log: IssueLog): Segment[] {
  const source = { holder: holderFor(encoding), encoding, log };
  const counts = new Map<string, number>();
  const unread = new Set<string>();
  const segments: Segment[] = [];
  for (const line of linesOf(text, encoding.field, wanted, log)) {
    const type = line.slice(0, 3);
    const count = (counts.get(type) ?? 0) + 1;
    counts.set(type, count);
    const at = count === 1 && SINGLE.has(type) ? type : `${type}[${count}]`;
    if (!wanted.has(type)) {
      unread.add(type);
      continue;
    }
    segments.push(new ParsedSegment(line, at, source));
  }
  nameUnread(unread, log);
  return segments;
}

/** Segments about money, staff, scheduling and the transport itself: nothing a snapshot has a field for. Others are named. */
const WITHOUT_FACTS = new Set(
  (
    'MSH ABS AIL AIP ARV AUT AL1 BHS BLG BTS CON CTD CTI DB1 DRG DSC DSP ERR FHS FT1 FTS GP1 GP2 IAM IN1 IN2 IN3 LAN MSA NPU OM1 ' +
    'PD1 PDA PRD PRT QAK QPD QRD QRF RF1 RGS ROL RXC RXR SAC SCH SFT SPM STF TQ1 TQ2 UAC UB1 UB2 VAR'
  ).split(' '),
);

function nameUnread(types: ReadonlySet<string>, log: IssueLog): void {
  // Segment names are the format's, but only in their proper shape; anything else could be a piece of a chart.
  for (const type of types) if (!WITHOUT_FACTS.has(type)) log.add('VALUE_UNREAD', type, 'information');
}

function linesOf(text: string, separator: string, wanted: ReadonlySet<string>, log: IssueLog): string[] {
  const lines: string[] = [];
  const guarded = text.includes('\\') ? text.replaceAll('\\', BACKSLASH_STAND_IN) : text;
  for (const line of guarded.includes('\n') ? guarded.split(/\r\n|\r|\n/) : guarded.split('\r')) {
    const last = lines.length - 1;
    if (startsSegment(line, separator, wanted)) lines.push(line);
    else if (line.trim() !== '' && last >= 0) {
      const above = lines[last] ?? '';
      const isText = TEXTS.has(above.slice(0, 3));
      log.add(isText ? 'VALUE_NORMALISED' : 'SEGMENT_UNREADABLE', above.slice(0, 3), isText ? 'information' : 'warning');
      if (isText) lines[last] = `${above}\n${line}`;
    }
    if (lines.length > HL7_LIMITS.segments) {
      log.add('FIELD_TOO_LONG', 'MSH');
      return lines.slice(0, HL7_LIMITS.segments);
    }
  }
  return lines;
}

/**
 * Three capitals or digits, a letter first, and then the message's own separator: `HCG: 阳性` is a line of a text. Of names with
 * nothing behind them only those that are read begin a segment.
 */
function startsSegment(line: string, separator: string, wanted: ReadonlySet<string>): boolean {
  if (!isCapital(line.charCodeAt(0)) || !isName(line.charCodeAt(1)) || !isName(line.charCodeAt(2))) return false;
  return line.length === 3 ? wanted.has(line) : line.charAt(3) === separator;
}

function isCapital(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isName(code: number): boolean {
  return isCapital(code) || (code >= 0x30 && code <= 0x39);
}

// Segments hold on to the message they were parsed for, and ask it for nothing but the separators: one serves all alike.
const holders = new Map<string, HL7Message>();
const HOLDERS_MAX = 32;

function holderFor(encoding: Encoding): HL7Message {
  const { field, component, repetition, escape, subcomponent } = encoding;
  const key = field + component + repetition + escape + subcomponent;
  const known = holders.get(key);
  if (known !== undefined) return known;
  if (holders.size >= HOLDERS_MAX) holders.clear();
  const holder = new HL7Message(HL7Version.v2_8, DICTIONARIES as Record<string, HL7Dictionary>);
  holder.fieldSeparator = field;
  holder.componentSeparator = component;
  holder.repetitionSeparator = repetition;
  holder.escapeCharacter = escape;
  holder.subComponentSeparator = subcomponent;
  holders.set(key, holder);
  return holder;
}
