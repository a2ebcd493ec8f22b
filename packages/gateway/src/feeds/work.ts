import { aboutError, type Issue, isZhidaError, stackFrames, ZhidaError } from '@zhida/core';
import { asUnavailable } from '@zhida/database';
import { snapshotsFromBundle } from '@zhida/fhir';
import type { FhirBatch, FhirRecord } from '@zhida/fhir/client';
import type { Hl7Options } from '@zhida/hl7v2';
import type { FastifyBaseLogger } from 'fastify';
import type { Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import { lockName, takeBackAll, takeEncounter } from '../encounters/assess.js';
import { jsonOf } from '../routes/body.js';
import type { GatewaySchema } from '../schema.js';
import { keepWithVisits, takeDocuments } from './documents.js';
import { foldMessage } from './fold.js';
import {
  auditNotTaken,
  type FeedMessageRow,
  formatOf,
  type MessageProblem,
  type MessageState,
  noteRefusal,
  placeOf,
  stateOf,
} from './inbox.js';
import type { FeedMessageStatus } from './tables.js';

/** How the messages of a feed are read. */
export interface FeedReaders {
  readonly logger: FastifyBaseLogger;
  readonly hl7: Hl7Options;
  /** Asks a FHIR server for a record once more. */
  readonly fhirRecord?: (record: FhirRecord) => Promise<Pick<FhirBatch, 'snapshots' | 'deleted'>>;
}

/** What became of a message that was worked on. */
interface Outcome {
  readonly visitKeys: readonly string[];
  readonly prompted: boolean;
  readonly problem?: MessageProblem;
  /** It was worked on, and something it says could not be done. */
  readonly notDone?: MessageProblem;
}

/** After so many failures that the database itself does not explain, a message is set aside and the feed goes on. */
const ATTEMPTS_MAX = 5;
/** SQLSTATE: another transaction was in the way; the same again succeeds. */
const IN_THE_WAY = new Set(['40001', '40P01']);

/**
 * Works on the oldest message of a feed that waits. `undefined` when none does.
 *
 * What a message says is worth a person's look at most, never a stop: it is set aside with code and place, and the next one
 * comes. Only a database that cannot be used stops the feed.
 *
 * @throws ZhidaError `ZD_ERR_DATABASE_UNAVAILABLE`
 */
export async function workOnOldest(context: GatewayContext, feed: string, readers: FeedReaders): Promise<MessageState | undefined> {
  const row = await context.database.db
    .selectFrom('feed_messages')
    .selectAll()
    .where('facility', '=', context.facility.code)
    .where('feed', '=', feed)
    .where('status', '=', 'received')
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  try {
    const format = formatOf(row);
    if (format === 'hl7v2') return await foldRow(context, row, readers);
    return format === 'cda' ? await takeDocumentRow(context, row) : await takeRow(context, row, readers);
  } catch (error) {
    return await afterFailure(context, row, error, readers.logger);
  }
}

async function afterFailure(
  context: GatewayContext,
  row: FeedMessageRow,
  error: unknown,
  logger: FastifyBaseLogger,
): Promise<MessageState> {
  const inTheWay = IN_THE_WAY.has((error as { code?: string }).code ?? '');
  const unavailable = asUnavailable(error);
  tellFailure(logger, row, error, unavailable ?? error);
  if (unavailable === undefined && !inTheWay) return settle(context, row, { ...NO_EFFECT, problem: problemOf(error) });
  const { attempts } = await context.database.db
    .updateTable('feed_messages')
    .set((expression) => ({ attempts: expression('attempts', '+', 1) }))
    .where('id', '=', row.id)
    .returning('attempts')
    .executeTakeFirstOrThrow();
  // The database takes this update, so it is the message that it does not take.
  if (attempts >= ATTEMPTS_MAX) return settle(context, row, { ...NO_EFFECT, problem: problemOf(unavailable ?? error) });
  if (inTheWay) return stateOf(row);
  throw unavailable ?? error;
}

/** Ids, codes and where it happened; the message of a foreign error may quote what it failed on. */
function tellFailure(logger: FastifyBaseLogger, { id, feed }: FeedMessageRow, error: unknown, known: unknown): void {
  const about = { feed, messageId: id, ...aboutError(error), at: isZhidaError(known) ? known.at : undefined };
  if (isZhidaError(known)) logger.warn(about, 'a message could not be worked on');
  else logger.error({ ...about, stack: stackFrames(error) }, 'a bug: a message could not be worked on');
}

const NO_EFFECT: Outcome = { visitKeys: [], prompted: false };

function problemOf(error: unknown): MessageProblem {
  return isZhidaError(error) ? { code: error.code, at: error.at } : { code: 'ZD_ERR_BUG', at: undefined };
}

function bytesOf(context: GatewayContext, { id, wrapped_key: wrapped, sealed_message: sealed }: FeedMessageRow): Uint8Array {
  if (wrapped === null || sealed === null) throw new ZhidaError('ZD_ERR_CONFLICT', 'nothing is kept of this message', { at: 'id' });
  return context.sealing.open(wrapped, sealed, placeOf(id, 'message'));
}

/** Fold, visits, prompts and the message's own state in one transaction: whatever is cut off, a message has its effect once. */
async function foldRow(context: GatewayContext, row: FeedMessageRow, { hl7 }: FeedReaders): Promise<MessageState> {
  const bytes = bytesOf(context, row);
  const { state, prompted } = await context.database.db.transaction().execute(async (trx) => {
    const held = await holdMessage(trx, context, row.id);
    // Another process of this gateway was faster.
    if (held.status !== 'received') return { state: stateOf(held), prompted: false };
    const folded = await foldMessage(trx, context, bytes, hl7);
    const settled = await trx
      .updateTable('feed_messages')
      .set({ ...settledColumns(context, 'processed', folded), passed_over_keys: folded.passedOverKeys ?? null })
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return { state: stateOf(settled), prompted: folded.prompted };
  });
  if (prompted) context.changes.publish();
  return state;
}

/** Lets one at a time work on a message. The row itself stays free, so that its CA is kept and sent while it is worked on. */
async function holdMessage(trx: Transaction<GatewaySchema>, context: GatewayContext, id: string): Promise<FeedMessageRow> {
  await lockName(trx, context, `message:${id}`);
  return trx.selectFrom('feed_messages').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}

/** As {@link foldRow}, for CDA: those of one visit are read together, so one that is taken twice would stand beside itself. */
async function takeDocumentRow(context: GatewayContext, row: FeedMessageRow): Promise<MessageState> {
  const bytes = bytesOf(context, row);
  const { state, prompted } = await context.database.db.transaction().execute(async (trx) => {
    const held = await holdMessage(trx, context, row.id);
    if (held.status !== 'received') return { state: stateOf(held), prompted: false };
    const taken = await takeDocuments(trx, context, bytes);
    const settled = await trx
      .updateTable('feed_messages')
      .set(settledColumns(context, 'processed', taken))
      .where('id', '=', row.id)
      .returningAll()
      .executeTakeFirstOrThrow();
    await keepWithVisits(trx, context, taken.keepWith);
    return { state: stateOf(settled), prompted: taken.prompted };
  });
  if (prompted) context.changes.publish();
  return state;
}

/** A document of whole visits: each is taken on its own, and taking one again changes nothing. */
async function takeRow(context: GatewayContext, row: FeedMessageRow, readers: FeedReaders): Promise<MessageState> {
  const { inputs, deleted, unresolved } = await visitsIn(formatOf(row), bytesOf(context, row), readers);
  const visitKeys = deleted.map((id) => context.rowKeys.encounter(id));
  const [unknown] = [...unresolved, ...(await takeBackAll(context, deleted))];
  let problem: MessageProblem | undefined;
  for (const input of inputs) {
    try {
      const { assessment } = await takeEncounter(context, input);
      if (assessment.encounterId !== null) visitKeys.push(context.rowKeys.encounter(assessment.encounterId));
    } catch (error) {
      if (asUnavailable(error) !== undefined) throw error;
      problem ??= problemOf(error);
    }
  }
  const notDone = unknown === undefined ? {} : { notDone: { code: unknown.code, at: unknown.at } };
  return settle(context, row, { visitKeys, prompted: false, ...(problem === undefined ? notDone : { problem }) });
}

interface Document {
  readonly inputs: readonly unknown[];
  /** Visits it takes back. */
  readonly deleted: readonly string[];
  /** What it says is deleted, of nobody knows which visit. */
  readonly unresolved: readonly Issue[];
}

async function visitsIn(format: string, bytes: Uint8Array, { fhirRecord }: FeedReaders): Promise<Document> {
  const document = jsonOf(bytes);
  if (format === 'fhir-record' && fhirRecord !== undefined) {
    const { snapshots, deleted } = await fhirRecord(document as FhirRecord);
    return { inputs: snapshots, deleted, unresolved: [] };
  }
  if (format !== 'fhir') return { inputs: [document], deleted: [], unresolved: [] };
  const { snapshots, deleted, issues } = snapshotsFromBundle(document);
  const unresolved = issues.filter(({ code, at }) => code === 'REFERENCE_UNRESOLVED' && at.endsWith('.request.url'));
  if (snapshots.length + deleted.length > 0) return { inputs: snapshots, deleted, unresolved };
  throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the bundle holds no Encounter', { at: issues[0]?.at || 'entry' });
}

/** Writes what became of a message. */
async function settle(context: GatewayContext, row: FeedMessageRow, outcome: Outcome): Promise<MessageState> {
  const { problem } = outcome;
  const status = problem === undefined ? 'processed' : problem.code === 'ZD_ERR_MODE_REFUSED' ? 'refused' : 'set-aside';
  const settled = await context.database.db.transaction().execute(async (trx) => {
    const changed = await trx
      .updateTable('feed_messages')
      .set(settledColumns(context, status, outcome))
      .where('id', '=', row.id)
      .where('status', '=', 'received')
      .returningAll()
      .executeTakeFirst();
    if (changed !== undefined && problem !== undefined && status !== 'processed') {
      await auditNotTaken(trx, context, { id: row.id, feed: row.feed, status, code: problem.code });
      if (status === 'refused') await noteRefusal(trx, context, row.feed);
    }
    return changed;
  });
  return stateOf(settled ?? row);
}

function settledColumns(context: GatewayContext, status: FeedMessageStatus, { visitKeys, problem, notDone }: Outcome) {
  const told = problem ?? notDone;
  return {
    status,
    visit_keys: [...new Set(visitKeys)],
    problem_code: told?.code ?? null,
    problem_at: told?.at ?? null,
    settled_at: new Date(context.clock.now()),
    // Of what is not this gateway's nothing is kept.
    ...(status === 'refused' ? { wrapped_key: null, sealed_message: null } : {}),
  };
}
