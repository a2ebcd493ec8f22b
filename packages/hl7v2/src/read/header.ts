import { type Mode, table } from '@zhida/core';
import type { IssueLog } from '../issue-log.js';
import type { Hl7Charset } from '../wire/charset.js';
import type { Segment } from '../wire/segment.js';
import { readTime } from './times.js';

/** What the header of a message says. Names are those of the standard's fields. */
export interface MessageHeader {
  /** MSH-10; empty where the sender left it out. */
  readonly controlId: string;
  /** MSH-9.1: `ADT`. */
  readonly type: string;
  /** MSH-9.2: `A01`; empty where there is none. */
  readonly trigger: string;
  /** MSH-12: `2.5.1`; empty where the sender left it out. */
  readonly version: string;
  /** MSH-11.1 as sent. */
  readonly processingId: string;
  /** MSH-11 in the words of a snapshot: P production, T test, D training. */
  readonly mode: Mode | undefined;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  /** MSH-7, RFC 3339. */
  readonly sentAt: string | undefined;
  readonly charset: Hl7Charset;
}

const MODES = table<Mode>({ P: 'production', T: 'test', D: 'training' });
/** 2.3 to 2.8.x; 2.1 and 2.2 are read as far as they are alike, 2.9 likewise. Both are named. */
const VERSION = /^2\.[3-8](?:\.\d)?$/;

/**
 * Reads MSH and checks what the parser does not: without a message type there is no message (`undefined`), a missing control
 * id, version or processing id is named.
 */
export function readHeader(msh: Segment, charset: Hl7Charset, zone: string, log: IssueLog): MessageHeader | undefined {
  const [written = '', ...rest] = (msh.text(9) ?? '').toUpperCase().split('_');
  if (written === '') {
    log.add('MESSAGE_UNREADABLE', 'MSH-9', 'error');
    return undefined;
  }
  const header: MessageHeader = {
    controlId: msh.plain(10) ?? '',
    type: written,
    // Some senders write ADT_A01 where ADT^A01 is meant.
    trigger: (msh.text(9, 2) ?? rest[0] ?? '').toUpperCase(),
    version: msh.text(12) ?? '',
    processingId: (msh.text(11) ?? '').toUpperCase(),
    mode: MODES.get((msh.text(11) ?? '').toUpperCase()),
    sendingApplication: msh.text(3) ?? '',
    sendingFacility: msh.text(4) ?? '',
    receivingApplication: msh.text(5) ?? '',
    receivingFacility: msh.text(6) ?? '',
    sentAt: readTime(msh.text(7) ?? '', zone),
    charset,
  };
  checkHeader(header, log);
  return header;
}

function checkHeader({ controlId, version, processingId, mode }: MessageHeader, log: IssueLog): void {
  if (controlId === '') log.add('FIELD_MISSING', 'MSH-10');
  if (version === '') log.add('FIELD_MISSING', 'MSH-12');
  else if (!VERSION.test(version)) log.add('FIELD_UNKNOWN_CODE', 'MSH-12');
  if (processingId === '') log.add('FIELD_MISSING', 'MSH-11');
  else if (mode === undefined) log.add('FIELD_UNKNOWN_CODE', 'MSH-11');
}
