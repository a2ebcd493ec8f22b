import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { asBuffer } from '../wire/charset.js';
import { fieldsOf } from '../wire/raw-field.js';
import { isSeparator } from '../wire/split.js';

/** MSH of a message in the very bytes it came in, one byte per code unit: an acknowledgement gives them back as they were. */
export interface RawHeader {
  readonly separator: string;
  readonly encodingCharacters: string;
  readonly sendingApplication: string;
  readonly sendingFacility: string;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  readonly type: string;
  readonly trigger: string;
  readonly controlId: string;
  readonly processingId: string;
  readonly version: string;
  readonly acceptAcknowledgement: string;
  readonly applicationAcknowledgement: string;
  readonly charset: string;
}

/** Reads the header of a message or of the beginning of one. `undefined` where there is none. */
export function readRawHeader(message: Uint8Array): RawHeader | undefined {
  const bytes = asBuffer(message);
  const start = bytes.indexOf('MSH');
  if (start === -1 || start > 8 || !isSeparator(bytes[start + 3])) return undefined;
  const line = bytes.subarray(start, lineEnd(bytes, start));
  const fields = fieldsOf(line.toString('latin1'), !isUtf8(line));
  const at = (field: number): string => fields[field] ?? '';
  const encodingCharacters = at(2) === '' ? '^~\\&' : at(2);
  const [type = '', trigger = ''] = at(9).split(encodingCharacters.charAt(0));
  return {
    separator: at(1),
    encodingCharacters,
    sendingApplication: at(3),
    sendingFacility: at(4),
    receivingApplication: at(5),
    receivingFacility: at(6),
    type,
    trigger,
    controlId: at(10),
    processingId: at(11),
    version: at(12),
    acceptAcknowledgement: at(15).toUpperCase(),
    applicationAcknowledgement: at(16).toUpperCase(),
    charset: at(18),
  };
}

/**
 * SHA-256 of a message without its header, but with its type. A sender that repeats a message may write a new time into MSH,
 * and one that starts its control ids again from 1 sends another message under an old id: only the body tells the two apart.
 */
export function bodyDigest(message: Uint8Array, header: RawHeader): string {
  const bytes = asBuffer(message);
  const body = bytes.subarray(lineEnd(bytes, 0));
  return createHash('sha256').update(`${header.type}^${header.trigger}`, 'latin1').update(body).digest('hex');
}

function lineEnd(bytes: Buffer, from: number): number {
  const [cr, lf] = [bytes.indexOf(0x0d, from), bytes.indexOf(0x0a, from)];
  if (cr === -1 || lf === -1) return Math.max(cr, lf) === -1 ? bytes.length : Math.max(cr, lf);
  return Math.min(cr, lf);
}
