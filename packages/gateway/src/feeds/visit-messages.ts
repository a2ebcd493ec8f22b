import type { EncounterSnapshot } from '@zhida/core';
import type { GatewayContext } from '../context.js';
import { jsonBytes } from '../sealing.js';
import { commitMessage, type MessageFormat, noteRepeat } from './inbox.js';
import { digestOf } from './name-message.js';

/**
 * Puts a visit that a source tells whole on disk, unless it says what this source said of it last. A visit that goes back to
 * what it was before has changed again, and is told again.
 */
export async function commitVisit(
  context: GatewayContext,
  feed: string,
  format: MessageFormat,
  snapshot: EncounterSnapshot,
): Promise<void> {
  const bytes = jsonBytes(snapshot);
  await commitChange(context, { feed, format, source: context.rowKeys.of('file', feed, 'visit', snapshot.id), bytes });
}

/** Puts on disk that a source has deleted a visit, in its place among what the source says of that visit. */
export async function commitDeletion(context: GatewayContext, feed: string, encounterId: string): Promise<void> {
  const entry = [{ request: { method: 'DELETE', url: `Encounter/${encounterId}` } }];
  const bytes = jsonBytes({ resourceType: 'Bundle', type: 'history', entry });
  await commitChange(context, { feed, format: 'fhir', source: context.rowKeys.of('file', feed, 'visit', encounterId), bytes });
}

interface Told {
  readonly feed: string;
  readonly format: MessageFormat;
  /** Keyed hash of what is told: a visit, a record. */
  readonly source: string;
  readonly bytes: Uint8Array;
}

async function commitChange(context: GatewayContext, { feed, format, source, bytes }: Told): Promise<void> {
  const digest = digestOf(bytes);
  const keyOf = (change: number): string => context.rowKeys.of('message', source, digest, String(change));
  const last = await context.database.db
    .selectFrom('feed_messages')
    .select(['id', 'record_number', 'message_key'])
    .where('facility', '=', context.facility.code)
    .where('feed', '=', feed)
    .where('file_key', '=', source)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const changes = last?.record_number ?? 0;
  if (last !== undefined && last.message_key === keyOf(changes)) return noteRepeat(context.database.db, context, last.id);
  const file = { key: source, record: changes + 1, line: undefined };
  await commitMessage(context, { feed, format, messageKey: keyOf(changes + 1), file }, bytes);
}
