import { aboutError, isZhidaError } from '@zhida/core';
import { createFhirSource, cursorFrom, type FhirBatch, type FhirCursor, type FhirRecord, type FhirSource } from '@zhida/fhir/client';
import type { GatewayContext } from '../context.js';
import { createLoop } from '../loop.js';
import { jsonBytes, textOf } from '../sealing.js';
import type { FhirPollFeedConfig } from './config.js';
import { type Feed, type FeedParts, noteProblem } from './feed.js';
import { commitMessage } from './inbox.js';
import { digestOf } from './name-message.js';
import { commitDeletion, commitVisit } from './visit-messages.js';

const POLL_MS = 10_000;
const placeOf = (feed: string): string => `feed ${feed} cursor`;

export function fhirSourceOf(context: GatewayContext, { baseUrl, bearerToken, limits }: FhirPollFeedConfig): FhirSource {
  return createFhirSource({
    ...limits,
    baseUrl,
    clock: context.clock,
    ...(bearerToken === undefined ? {} : { headers: async () => ({ authorization: `Bearer ${await bearerToken()}` }) }),
  });
}

/**
 * Asks a FHIR server again and again for what has changed. What a batch tells is on disk before the cursor moves past it: an
 * interruption reads changes twice, which changes nothing, and never skips one.
 */
export function createFhirPollFeed({ context, line, logger }: FeedParts, config: FhirPollFeedConfig, source: FhirSource): Feed {
  const { name } = config;
  let hasProblem = true;
  const setProblem = async (code: string | undefined): Promise<void> => {
    await noteProblem(context, name, code);
    hasProblem = code !== undefined;
  };
  const loop = createLoop({
    pauseMs: config.pollMs ?? POLL_MS,
    async task(signal) {
      for await (const batch of source.pull(await cursorOf(context, config), { signal })) {
        await takeBatch(context, name, batch);
        await line.drain(signal);
        if (signal.aborted) return;
      }
      if (hasProblem) await setProblem(undefined);
    },
    onFailure(error, timesInARow) {
      const about = aboutError(error);
      logger.warn(
        { feed: name, ...about, at: isZhidaError(error) ? error.at : undefined, timesInARow },
        'the FHIR server could not be read; it is asked again',
      );
      setProblem(about.code ?? about.error).catch(() => undefined);
    },
  });
  return {
    name,
    kind: 'fhir-poll',
    start() {
      loop.start();
      return Promise.resolve();
    },
    stop: () => loop.stop(),
  };
}

async function takeBatch(context: GatewayContext, feed: string, { snapshots, deleted, unread, cursor }: FhirBatch): Promise<void> {
  for (const snapshot of snapshots) await commitVisit(context, feed, 'encounter', snapshot);
  for (const id of deleted) await commitDeletion(context, feed, id);
  if (unread !== undefined) await commitRecord(context, feed, unread.record, cursor);
  await keepCursor(context, feed, cursor);
}

/** A record the server did not give: it waits like a message, is asked for once more, and is set aside when that fails too. */
async function commitRecord(context: GatewayContext, feed: string, record: FhirRecord, { since }: FhirCursor): Promise<void> {
  const bytes = jsonBytes(record);
  const messageKey = context.rowKeys.of('message', feed, 'record', digestOf(bytes), since);
  await commitMessage(context, { feed, format: 'fhir-record', messageKey }, bytes);
}

async function cursorOf(context: GatewayContext, { name, since }: FhirPollFeedConfig): Promise<FhirCursor> {
  const row = await context.database.db
    .selectFrom('feeds')
    .select(['wrapped_key', 'sealed_cursor'])
    .where('facility', '=', context.facility.code)
    .where('name', '=', name)
    .executeTakeFirst();
  if (row?.wrapped_key && row.sealed_cursor) {
    return JSON.parse(textOf(context.sealing.open(row.wrapped_key, row.sealed_cursor, placeOf(name)))) as FhirCursor;
  }
  const first = cursorFrom(since ?? new Date(context.clock.now()).toISOString());
  await keepCursor(context, name, first);
  return first;
}

async function keepCursor(context: GatewayContext, feed: string, cursor: FhirCursor): Promise<void> {
  const { wrapped, seal } = context.sealing.create();
  await context.database.db
    .updateTable('feeds')
    .set({ wrapped_key: wrapped, sealed_cursor: seal(jsonBytes(cursor), placeOf(feed)) })
    .where('facility', '=', context.facility.code)
    .where('name', '=', feed)
    .execute();
}
