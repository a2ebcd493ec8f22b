import { hash, randomBytes } from 'node:crypto';
import { type Clock, type Json, ZhidaError, canonicalBytes, canonicalJson, createId, isId, isoNow, systemClock } from '@zhida/core';
import { isAuditToken } from './token.js';

/** One line of the log. Every value is an id, an enum or a short token: nothing of a person is in it. */
export interface AuditEntry {
  v: '1';
  /** `aud_…`. */
  id: string;
  /** Which log this entry belongs to; test and production have different origins. */
  origin: string;
  /** RFC 3339, UTC. */
  at: string;
  /** Who acted: a party, a service, an account id. */
  actor: string;
  /** What happened, dotted: `report.accepted`. */
  action: string;
  /** What it happened to, ids only: `{ reportId: 'rpt_…' }`. */
  subject: Readonly<Record<string, string>>;
  /** SHA-256(salt ‖ JCS(detail)) as lower-case hex, or null without a detail. */
  commitment: string | null;
}

/** What opens a commitment. Kept sealed, apart from the log; erasing it leaves the log's proofs as they were. */
export interface CommitmentOpening {
  detail: Json;
  /** 32 random bytes, lower-case hex: without it a short detail could be guessed from its hash. */
  salt: string;
}

/** What {@link auditEntry} needs to know. */
export interface AuditEntryInput {
  origin: string;
  actor: string;
  action: string;
  subject: Readonly<Record<string, string>>;
  detail?: Json;
  /** @defaultValue systemClock */
  clock?: Clock;
}

/** An entry, the bytes that are logged, and what must be kept apart. */
export interface BuiltAuditEntry {
  entry: AuditEntry;
  /** JCS (RFC 8785) bytes: these are hashed, stored and written, never a re-serialisation. */
  bytes: Uint8Array;
  opening: CommitmentOpening | null;
}

const SALT_BYTES = 32;
const MAX_SUBJECTS = 16;
const ACTION = /^[a-z][a-z0-9-]{0,31}(\.[a-z0-9-]{1,32}){0,3}$/;
const SUBJECT_KEY = /^[a-z][A-Za-z0-9]{0,31}$/;
const ORIGIN = /^[^\s+"\\]{1,200}$/u;

/**
 * Builds one entry. The detail is not in it: only a salted commitment, which proves later what the detail was and says nothing
 * to anybody who does not hold the opening.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the field whose value is not an id, enum or short token
 * (see `auditToken` for values that come from outside), `ZD_ERR_JSON_NOT_CANONICAL` for a detail without a JSON form.
 */
export function auditEntry(input: AuditEntryInput): BuiltAuditEntry {
  const clock = input.clock ?? systemClock;
  checkFields(input);
  const opening = input.detail === undefined ? null : { detail: input.detail, salt: randomBytes(SALT_BYTES).toString('hex') };
  const entry: AuditEntry = {
    v: '1',
    id: createId('aud', clock),
    origin: input.origin,
    at: isoNow(clock),
    actor: input.actor,
    action: input.action,
    subject: { ...input.subject },
    commitment: opening === null ? null : commitmentTo(opening),
  };
  return { entry, bytes: canonicalBytes(entry), opening };
}

/** Commitment to a detail: SHA-256(salt ‖ JCS(detail)), lower-case hex. */
export function commitmentTo({ detail, salt }: CommitmentOpening): string {
  return hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), canonicalBytes(detail)]), 'hex');
}

/** True when this opening is what the entry committed to. */
export function opensCommitment(entry: AuditEntry, opening: CommitmentOpening): boolean {
  return /^[0-9a-f]{64}$/.test(opening.salt) && entry.commitment !== null && entry.commitment === commitmentTo(opening);
}

/**
 * Reads one logged line. Fields a later version added are kept; the bytes must be the one canonical spelling of their value.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` saying which rule the line breaks, never what is in it.
 */
export function readAuditEntry(bytes: Uint8Array): AuditEntry {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    // Without the cause: a JSON error quotes the text.
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'an entry is not UTF-8 JSON');
  }
  if (!isEntry(value)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'an entry does not keep its schema');
  if (canonicalJson(value) !== text) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'an entry is not in its canonical form');
  return value;
}

function checkFields({ origin, actor, action, subject }: AuditEntryInput): void {
  if (!ORIGIN.test(origin)) refuse('origin', 'an origin has no white space and no +');
  if (!isAuditToken(actor)) refuse('actor', 'an actor is an id or a short token');
  if (!ACTION.test(action)) refuse('action', 'an action is dotted lower-case words');
  const members = Object.entries(subject);
  if (members.length > MAX_SUBJECTS) refuse('subject', `a subject names at most ${MAX_SUBJECTS} things`);
  for (const [position, [key, value]] of members.entries()) {
    // The position, not the key: a key that is not a plain word may itself be text of a record.
    if (!SUBJECT_KEY.test(key)) refuse(`subject[${position}]`, 'a subject key is a plain word');
    if (!isAuditToken(value)) refuse(`subject.${key}`, 'a subject is an id or a short token');
  }
}

function refuse(at: string, why: string): never {
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at });
}

function isEntry(value: unknown): value is AuditEntry {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { v, id, origin, at, actor, action, subject, commitment } = value as Record<string, unknown>;
  const texts = [origin, at, actor, action].every((text) => typeof text === 'string' && text !== '');
  const subjects = typeof subject === 'object' && subject !== null && Object.values(subject).every((text) => typeof text === 'string');
  return v === '1' && isId('aud', id) && texts && subjects && (commitment === null || typeof commitment === 'string');
}
