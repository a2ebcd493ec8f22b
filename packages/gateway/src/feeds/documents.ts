import { type Issue, ZhidaError } from '@zhida/core';
import { type CdaDocument, readDocuments, snapshotsOfVisits } from '@zhida/his/cda';
import { sql, type Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import { assessVisit, lockName, takeVisits } from '../encounters/assess.js';
import { readEncounter } from '../encounters/intake.js';
import type { AssessedVisit } from '../encounters/store.js';
import type { GatewaySchema } from '../schema.js';
import { risingRevision } from './fold.js';
import { type MessageProblem, placeOf } from './inbox.js';

const DAY_MS = 86_400_000;

/** What documents did. */
interface TakenDocuments {
  readonly visitKeys: readonly string[];
  readonly prompted: boolean;
  /** Keys of the visits that may be a child's: their documents are read together with the next one. */
  readonly keepWith: readonly string[];
  /** What of them could not be read; the rest was. */
  readonly notDone?: MessageProblem;
}

/**
 * Takes CDA documents in the caller's transaction. A visit is told by several, one after the other: each is put together with those
 * that are kept of its visit, whichever feed they came by, and the visit is assessed as they tell it now.
 *
 * @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` for what is no document of a visit, `ZD_ERR_SCOPE_MISSING` for one of another facility.
 */
export async function takeDocuments(trx: Transaction<GatewaySchema>, context: GatewayContext, bytes: Uint8Array): Promise<TakenDocuments> {
  const { documents, issues } = readDocuments(bytes);
  const broken = issues.find(({ severity }) => severity === 'error');
  if (documents.length === 0) throw new ZhidaError(codeOf(broken), 'this is no CDA document of a visit', { at: broken?.at || '/' });
  // A document of another hospital must not come in as one of this visit.
  for (const snapshot of snapshotsOfVisits(documents).snapshots) readEncounter(context, snapshot);
  const ids = [...new Set(documents.map(({ visitId }) => visitId))].toSorted();
  for (const id of ids) await lockName(trx, context, `cda:${context.rowKeys.encounter(id)}`);
  const visits: AssessedVisit[] = [];
  for (const id of ids) visits.push(...(await visitOf(trx, context, id, documents)));
  const promptIds = await takeVisits(trx, context, visits);
  return {
    visitKeys: visits.map(({ encounterKey }) => encounterKey),
    prompted: promptIds.some((promptId) => promptId !== null),
    keepWith: visits.filter(({ assessment }) => assessment.minor !== 'no').map(({ encounterKey }) => encounterKey),
    ...(broken === undefined ? {} : { notDone: { code: broken.code, at: broken.at } }),
  };
}

/** Keeps all documents of these visits as long as their text, which begins to count again with each of them. */
export async function keepWithVisits(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  visitKeys: readonly string[],
): Promise<void> {
  if (visitKeys.length === 0) return;
  const purgeAt = new Date(context.clock.now() + context.settings.keepSnapshotDays * DAY_MS);
  await trx
    .updateTable('feed_messages')
    .set({ purge_at: purgeAt })
    .where('facility', '=', context.facility.code)
    .where('syntax', '=', 'cda')
    .where('visit_keys', '&&', sql<string[]>`${visitKeys}::text[]`)
    .where('purge_at', '<', purgeAt)
    .execute();
}

async function visitOf(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  id: string,
  documents: readonly CdaDocument[],
): Promise<AssessedVisit[]> {
  const own = documents.filter(({ visitId }) => visitId === id);
  // Versions of documents say nothing of the order in which they came.
  const revision = await risingRevision(trx, context, { id, revision: 0 });
  const alone = await assessAll(context, own, revision);
  // Of somebody who is certainly an adult no prompt comes, whatever was told before; should a later document show a child, all of it counts.
  if (alone.every(({ assessment }) => assessment.minor === 'no')) return alone;
  const kept = (await keptOf(trx, context, id)).filter(({ visitId }) => visitId === id);
  return kept.length === 0 ? alone : assessAll(context, [...kept, ...own], revision);
}

async function assessAll(context: GatewayContext, documents: readonly CdaDocument[], revision: number): Promise<AssessedVisit[]> {
  const assessed: AssessedVisit[] = [];
  for (const snapshot of snapshotsOfVisits(documents.map(ofThisFacility)).snapshots)
    assessed.push((await assessVisit(context, { ...snapshot, revision })).visit);
  return assessed;
}

/** Departments of one hospital write its number differently, and it is this one. */
function ofThisFacility({ visit, ...document }: CdaDocument): CdaDocument {
  const { facility: _facility, ...rest } = visit;
  return { ...document, visit: rest };
}

/** The documents of a visit that came before, in the order they came. */
async function keptOf(trx: Transaction<GatewaySchema>, context: GatewayContext, id: string): Promise<CdaDocument[]> {
  const rows = await trx
    .selectFrom('feed_messages')
    .select(['id', 'wrapped_key', 'sealed_message'])
    .where('facility', '=', context.facility.code)
    .where('syntax', '=', 'cda')
    .where('status', '=', 'processed')
    .where('visit_keys', '&&', sql<string[]>`${[context.rowKeys.encounter(id)]}::text[]`)
    .orderBy('seq')
    .execute();
  return rows.flatMap(({ id: messageId, wrapped_key: wrapped, sealed_message: sealed }) =>
    wrapped === null || sealed === null
      ? []
      : readDocuments(context.sealing.open(wrapped, sealed, placeOf(messageId, 'message'))).documents,
  );
}

function codeOf(issue: Issue | undefined): 'ZD_ERR_INPUT_TOO_LARGE' | 'ZD_ERR_INPUT_UNREADABLE' {
  return issue?.code === 'FIELD_TOO_LONG' ? 'ZD_ERR_INPUT_TOO_LARGE' : 'ZD_ERR_INPUT_UNREADABLE';
}
