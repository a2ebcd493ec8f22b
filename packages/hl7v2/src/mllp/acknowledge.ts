import type { RawHeader } from './header.js';

/** HL7 table 0008: accept (C) and application (A) acknowledgements; accepted, error, rejected. */
export type AckCode = 'CA' | 'CE' | 'CR' | 'AA' | 'AE' | 'AR';

export interface AckDetails {
  readonly code: AckCode;
  /** MSH-10 of the acknowledgement itself. */
  readonly controlId: string;
  readonly nowMs: number;
  /** A stable code and a place, never a value of the message. */
  readonly text?: string;
  /** HL7 table 0357: 100 segment sequence, 101 required field missing, 200 unsupported type, 207 internal error. */
  readonly errorCode?: string;
}

const UNKNOWN: RawHeader = {
  separator: '|',
  encodingCharacters: '^~\\&',
  sendingApplication: '',
  sendingFacility: '',
  receivingApplication: '',
  receivingFacility: '',
  type: '',
  trigger: '',
  controlId: '',
  processingId: 'P',
  version: '2.5.1',
  acceptAcknowledgement: '',
  applicationAcknowledgement: '',
  charset: '',
};
const WITH_ERR_CODES = /^2\.[5-9]/;

/**
 * The acknowledgement of a message: sender and receiver changed places, MSA-2 the very bytes of its MSH-10, in its version,
 * processing id, separators and charset.
 */
export function acknowledgement(header: RawHeader | undefined, details: AckDetails): Buffer {
  const to = header ?? UNKNOWN;
  const { separator } = to;
  const component = to.encodingCharacters.charAt(0);
  const row = (...fields: readonly string[]): string => fields.join(separator).replace(trailing(separator), '');
  const segments = [
    `MSH${separator}${row(
      to.encodingCharacters,
      to.receivingApplication,
      to.receivingFacility,
      to.sendingApplication,
      to.sendingFacility,
      timestamp(details.nowMs),
      '',
      ['ACK', ...(to.trigger === '' ? [] : [to.trigger])].join(component),
      details.controlId,
      to.processingId,
      to.version,
      '',
      '',
      '',
      '',
      '',
      to.charset,
    )}`,
    row('MSA', details.code, to.controlId, details.text ?? ''),
  ];
  if (details.errorCode !== undefined && WITH_ERR_CODES.test(to.version)) {
    segments.push(row('ERR', '', '', [details.errorCode, '', 'HL70357'].join(component), 'E'));
  }
  return Buffer.from(`${segments.join('\r')}\r`, 'latin1');
}

function trailing(separator: string): RegExp {
  return new RegExp(`\\${separator}+$`);
}

function timestamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replace(/[-:T]/g, '')}+0000`;
}
