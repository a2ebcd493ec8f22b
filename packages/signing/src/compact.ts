import { ZhidaError, type ZhidaErrorCode, isRecord } from '@zhida/core';
import type { Claims } from './claims.js';

/**
 * Header members that change what is signed, how it is read or which key verifies it. None of them has a use here, and an
 * extension marked critical that nobody knows must be refused (RFC 7515 §4.1.11).
 */
const FORBIDDEN_HEADERS = ['crit', 'zip', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'apu', 'apv'];

/** The parts of a compact serialization, each of them base64url without padding and in its one canonical spelling. */
export function splitCompact(text: string, count: 3 | 5, code: ZhidaErrorCode): readonly string[] {
  const parts = text.split('.', count + 1);
  if (parts.length !== count || !parts.every(isCanonicalBase64Url)) {
    throw new ZhidaError(code, count === 3 ? 'this is not a compact JWS' : 'this is not a compact JWE');
  }
  return parts;
}

/** Stray bits at the end and characters a lenient decoder skips would let two texts be one message. */
function isCanonicalBase64Url(part: string): boolean {
  return part.length > 0 && Buffer.from(part, 'base64url').toString('base64url') === part;
}

/** Reads a protected header and insists on its fixed members. @returns the key id. */
export function readHeader(part: string | undefined, fixed: Readonly<Record<string, string>>, code: ZhidaErrorCode): string {
  const header = decodeObject(part, 'header', code);
  for (const [name, value] of Object.entries(fixed)) {
    if (header[name] !== value) throw new ZhidaError(code, 'the header does not name the type or algorithm of this message', { at: name });
  }
  const forbidden = FORBIDDEN_HEADERS.find((name) => Object.hasOwn(header, name));
  if (forbidden !== undefined) throw new ZhidaError(code, 'the header holds a member that is refused', { at: forbidden });
  const kid = header['kid'];
  if (typeof kid !== 'string' || kid === '') throw new ZhidaError(code, 'the header names no key', { at: 'kid' });
  return kid;
}

/** The JSON object in one part. */
export function decodeObject(part: string | undefined, at: string, code: ZhidaErrorCode): Claims {
  return parseObject(Buffer.from(part ?? '', 'base64url'), at, code);
}

/** The JSON object in UTF-8 bytes. Bytes that are not UTF-8 are refused: two of them could show as one text. */
export function parseObject(bytes: Uint8Array, at: string, code: ZhidaErrorCode): Claims {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // No cause: a JSON error quotes what it read.
    throw new ZhidaError(code, 'this is not JSON in UTF-8', { at });
  }
  if (!isRecord(value)) throw new ZhidaError(code, 'this is not a JSON object', { at });
  return value;
}
