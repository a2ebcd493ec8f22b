import { createHash } from 'node:crypto';
import { isRecord, canonicalBytes, type Issue, ZhidaError, isWellFormed, wellFormed } from '@zhida/core';

/** A report's body as it arrived, made safe to work with. The bytes themselves are kept whole elsewhere. */
export interface ReadBody {
  readonly value: Record<string, unknown>;
  /** SHA-256 of the body's canonical form, of the raw bytes where it has none; lower-case hex. */
  readonly sha256: string;
  readonly issues: readonly Issue[];
}

/** Deeper than any report of the schema, and shallow enough for every reader that recurses. */
const DEPTH_LIMIT = 64;

/** With the `u` flag a paired surrogate is one code point, so these find only lone ones. */

/**
 * Reads a report's body. The only content refused is what is not a JSON object; everything else a reader
 * could stumble over (depth, a lone surrogate, a number beyond the range) is replaced in the working copy and named in an issue.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE`
 */
export function readBody(raw: Buffer): ReadBody {
  const parsed = parseObject(raw);
  const issues: Issue[] = [];
  const value = tidy(parsed, '', 0, issues) as Record<string, unknown>;
  return { value, sha256: hashOf(value, issues.length > 0, raw), issues };
}

function parseObject(raw: Buffer): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(raw));
  } catch {
    // The parser's message quotes the text, so it goes no further.
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not JSON', { at: '$' });
  }
  if (!isRecord(parsed)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not a JSON object', { at: '$' });
  return parsed;
}

function hashOf(value: unknown, changed: boolean, raw: Buffer): string {
  const hash = createHash('sha256');
  return hash.update(changed ? raw : canonicalBytes(value)).digest('hex');
}

function tidy(value: unknown, at: string, depth: number, issues: Issue[]): unknown {
  if (typeof value === 'string') {
    if (isWellFormed(value)) return value;
    issues.push({ code: 'VALUE_UNREAD', severity: 'warning', at });
    return wellFormed(value);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    issues.push({ code: 'VALUE_UNREAD', severity: 'warning', at });
    return null;
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_LIMIT) {
    issues.push({ code: 'DEPTH_LIMIT', severity: 'warning', at: '$' });
    return null;
  }
  if (Array.isArray(value)) return value.map((item, index) => tidy(item, `${at}[${index}]`, depth + 1, issues));
  return tidyObject(value as Record<string, unknown>, at, depth, issues);
}

function tidyObject(value: Record<string, unknown>, at: string, depth: number, issues: Issue[]): Record<string, unknown> {
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => {
    // A member's name comes from the sender and may be anything, so an issue shows it only where it looks like a field's name.
    const name = /^[A-Za-z][A-Za-z0-9]{0,40}$/.test(key) ? key : '*';
    const place = at === '' ? name : `${at}.${name}`;
    if (!isWellFormed(key)) issues.push({ code: 'VALUE_UNREAD', severity: 'warning', at: place });
    return [wellFormed(key), tidy(member, place, depth + 1, issues)];
  });
  return Object.fromEntries(entries);
}
