import { createId, type IssueCode, type ZhidaErrorCode } from '@zhida/core';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import type { GatewaySchema } from '../schema.js';
import type { FeedMessageStatus, FeedMessageTable } from './tables.js';

const DAY_MS = 86_400_000;

export type FeedMessageRow = Selectable<FeedMessageTable>;
/** What the sealed bytes are: a message, a Bundle, a snapshot as sent, one made of rows, CDA, or the name of a FHIR record to ask for. */
export type MessageFormat = 'hl7v2' | 'fhir' | 'encounter' | 'his' | 'cda' | 'fhir-record';

/** A message as it came in, or what stands in its place. */
export interface NewMessage {
  readonly feed: string;
  readonly format: MessageFormat;
  /** Keyed hash of what makes it this message: the same one again has the same key. */
  readonly messageKey: string;
  /** MSH-9 and MSH-10, where it has them. */
  readonly type?: string | undefined;
  readonly controlId?: string | undefined;
  /** Where in a file it was; numbers from 1. */
  readonly file?: { readonly key: string; readonly record: number; readonly line: number | undefined };
}

export interface MessageProblem {
  readonly code: ZhidaErrorCode | 'ZD_ERR_BUG' | IssueCode;
  readonly at: string | undefined;
}

/** How a message stands, as an acknowledgement or an operator needs it. */
export interface MessageState {
  readonly id: string;
  readonly status: FeedMessageStatus;
  readonly problemCode: string | null;
  readonly problemAt: string | null;
  readonly visitKeys: readonly string[];
}

export const placeOf = (id: string, column: 'message' | 'accept' | 'application'): string => `feed-message ${id} ${column}`;

/** Puts a message on disk, sealed, to be worked on. One that is there already stays as it is. Returns its id. */
export async function commitMessage(context: GatewayContext, message: NewMessage, bytes: Uint8Array): Promise<string> {
  const id = createId('ftm', context.clock);
  const { wrapped, seal } = context.sealing.create();
  return insert(context.database.db, context, message, {
    ...baseRow(context, message, id),
    status: 'received',
    wrapped_key: wrapped,
    sealed_message: seal(bytes, placeOf(id, 'message')),
    settled_at: null,
  });
}

/**
 * Notes a message of which nothing is kept: `refused` is not this gateway's, `set-aside` is more than can be kept. Returns its id.
 */
export async function noteMessage(
  context: GatewayContext,
  message: NewMessage,
  status: 'refused' | 'set-aside',
  problem: MessageProblem,
): Promise<string> {
  const id = createId('ftm', context.clock);
  return context.database.db.transaction().execute(async (trx) => {
    const noted = await insert(trx, context, message, {
      ...baseRow(context, message, id),
      status,
      problem_code: problem.code,
      problem_at: problem.at ?? null,
      settled_at: new Date(context.clock.now()),
    });
    if (noted !== id) return noted;
    // Whoever reaches a port can send what is refused at the door: that is counted, and does not fill the log.
    if (status === 'refused') await noteRefusal(trx, context, message.feed);
    else await auditNotTaken(trx, context, { id, feed: message.feed, status, code: problem.code });
    return noted;
  });
}

/** Somebody has to answer for what was not taken of what a feed brought. */
export async function auditNotTaken(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  {
    id,
    feed,
    status,
    code,
  }: { readonly id: string; readonly feed: string; readonly status: 'refused' | 'set-aside'; readonly code: string },
): Promise<void> {
  await recordAudit(trx, context, { actor: 'feed', action: `feed-message.${status}`, subject: { messageId: id, feed, code } });
}

/** Counts what a feed did not take. */
export async function noteRefusal(db: Kysely<GatewaySchema>, { facility }: GatewayContext, feed: string): Promise<void> {
  await db
    .updateTable('feeds')
    .set((expression) => ({ refused: expression('refused', '+', 1) }))
    .where('facility', '=', facility.code)
    .where('name', '=', feed)
    .execute();
}

function baseRow(context: GatewayContext, { feed, format, messageKey, type, controlId, file }: NewMessage, id: string) {
  const now = context.clock.now();
  return {
    id,
    facility: context.facility.code,
    feed,
    message_key: messageKey,
    ...columnsOf(format),
    type: plainType(type),
    control_id: plainControlId(controlId),
    file_key: file?.key ?? null,
    record_number: file?.record ?? null,
    line_number: file?.line ?? null,
    problem_code: null as string | null,
    problem_at: null as string | null,
    ack_code: null,
    visit_keys: [],
    wrapped_key: null as Uint8Array | null,
    sealed_message: null as Uint8Array | null,
    sealed_accept: null,
    sealed_application: null,
    received_at: new Date(now),
    purge_at: new Date(now + context.settings.keepMessageDays * DAY_MS),
  };
}

function columnsOf(format: MessageFormat) {
  return format === 'cda' ? { format: 'his', syntax: format } : { format, syntax: null };
}

/** What the bytes of a row are. */
export function formatOf({ format, syntax }: Pick<FeedMessageHead, 'format' | 'syntax'>): MessageFormat {
  return (syntax ?? format) as MessageFormat;
}

type NewRow = ReturnType<typeof baseRow> & { readonly status: FeedMessageStatus; readonly settled_at: Date | null };

async function insert(db: Kysely<GatewaySchema>, context: GatewayContext, { feed, messageKey }: NewMessage, row: NewRow): Promise<string> {
  const inserted = await db
    .insertInto('feed_messages')
    .values(row)
    .onConflict((conflict) => conflict.columns(['facility', 'feed', 'message_key']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted !== undefined) return inserted.id;
  const known = await messageBy(db, context, feed, 'message_key', messageKey);
  if (known === undefined) return row.id;
  await noteRepeat(db, context, known.id);
  return known.id;
}

/** Writes down that a message came again: at most once a day, because some sources tell everything at every look. */
export async function noteRepeat(db: Kysely<GatewaySchema>, { clock }: GatewayContext, id: string): Promise<void> {
  const now = clock.now();
  await db
    .updateTable('feed_messages')
    .set({ told_at: new Date(now) })
    .where('id', '=', id)
    .where((row) => row(row.fn.coalesce('told_at', 'received_at'), '<=', new Date(now - DAY_MS)))
    .execute();
}

/** A message without its bytes. */
export type FeedMessageHead = Omit<FeedMessageRow, 'sealed_message'>;

export const HEAD = [
  'id',
  'seq',
  'facility',
  'feed',
  'message_key',
  'format',
  'syntax',
  'type',
  'control_id',
  'file_key',
  'record_number',
  'line_number',
  'status',
  'problem_code',
  'problem_at',
  'attempts',
  'ack_code',
  'visit_keys',
  'passed_over_keys',
  'wrapped_key',
  'sealed_accept',
  'sealed_application',
  'received_at',
  'told_at',
  'settled_at',
  'purge_at',
] as const satisfies readonly (keyof FeedMessageHead)[];

/** One message of a feed, by its key or by its id. */
export async function messageBy(
  db: Kysely<GatewaySchema>,
  { facility }: GatewayContext,
  feed: string,
  column: 'message_key' | 'id',
  value: string,
): Promise<FeedMessageHead | undefined> {
  return db
    .selectFrom('feed_messages')
    .select(HEAD)
    .where('facility', '=', facility.code)
    .where('feed', '=', feed)
    .where(column, '=', value)
    .executeTakeFirst();
}

export function stateOf({ id, status, problem_code, problem_at, visit_keys }: FeedMessageHead): MessageState {
  return { id, status, problemCode: problem_code, problemAt: problem_at, visitKeys: visit_keys };
}

/** MSH-9 as an operator may see it: letters and digits of the standard's tables, nothing a sender might write instead. */
function plainType(type: string | undefined): string | null {
  return type !== undefined && /^[A-Z][A-Z0-9]{2}(?:\^[A-Z][A-Z0-9]{2})?$/.test(type) ? type : null;
}

/** A resident identity number (GB 11643) or a telephone number with its area or mobile prefix, by their form. */
const RESIDENT_OR_PHONE =
  /(?:^|\D)(?:[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]|(?:0\d|1[3-9])\d{9})(?:\D|$)/;

/**
 * MSH-10 as an operator may see it, to find the message at its sender. A sender may put anything there: what is not plain, or
 * looks like a resident identity or telephone number, is kept sealed with the message alone (INV-11).
 */
export function plainControlId(controlId: string | undefined): string | null {
  return controlId !== undefined && /^[\w.:-]{1,50}$/.test(controlId) && !RESIDENT_OR_PHONE.test(controlId) ? controlId : null;
}
