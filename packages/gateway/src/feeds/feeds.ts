import { aboutError, isZhidaError, ZhidaError } from '@zhida/core';
import type { HisMapping } from '@zhida/his';
import type { FastifyBaseLogger } from 'fastify';
import type { GatewayContext } from '../context.js';
import { createLoop, type Loop } from '../loop.js';
import { type FeedConfig, HTTP_FEED, type HttpFeedConfig } from './config.js';
import type { Feed, FeedParts } from './feed.js';
import { createFhirPollFeed, fhirSourceOf } from './fhir-poll.js';
import { hl7Options } from './fold.js';
import { createFolderFeed } from './folder.js';
import { createFeedLine, type FeedLine } from './line.js';
import { openMapping } from './mappings.js';
import { createMllpFeed } from './mllp.js';

/** All the feeds of a gateway, the one of its HTTP door among them. */
export interface Feeds {
  readonly all: readonly Feed[];
  readonly names: readonly { readonly name: string; readonly kind: string }[];
  /** @throws ZhidaError `ZD_ERR_NOT_FOUND` */
  line(feed: string): FeedLine;
  /** The mapping of rows that a request names. @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` */
  mapping(name: string): HisMapping;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createFeeds(context: GatewayContext, configs: readonly FeedConfig[], logger: FastifyBaseLogger): Feeds {
  const http = configs.find((config) => config.kind === 'http');
  const lines = new Map<string, FeedLine>([
    [HTTP_FEED, createFeedLine(context, HTTP_FEED, { logger, hl7: hl7Options(context, http?.hl7) })],
  ]);
  const mappings = new Map<string, HisMapping>();
  const running = configs.filter((config) => config.kind !== 'http');
  const all = running.map((config) => {
    const { feed, line } = feedOf(context, config, logger);
    lines.set(config.name, line);
    return feed;
  });
  const names = [{ name: HTTP_FEED, kind: 'http' }, ...running.map(({ name, kind }) => ({ name, kind }))];
  const sweep = sweepOf(context, lines, logger);
  return {
    all,
    names,
    line(feed) {
      const line = lines.get(feed);
      if (line === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such feed', { at: 'feed' });
      return line;
    },
    mapping(name) {
      const mapping = mappings.get(name);
      if (mapping === undefined)
        throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'rows need the name of a mapping this gateway has', { at: 'mapping' });
      return mapping;
    },
    async start() {
      for (const [name, path] of Object.entries(http?.mappings ?? {}))
        mappings.set(name, await openMapping(path, `feeds.http.mappings.${name}`));
      await noteNames(context, names);
      sweep.start();
      for (const feed of all) await feed.start();
    },
    async stop() {
      await Promise.all([sweep.stop(), ...all.map((feed) => feed.stop())]);
    },
  };
}

function feedOf(
  context: GatewayContext,
  config: Exclude<FeedConfig, HttpFeedConfig>,
  logger: FastifyBaseLogger,
): { readonly feed: Feed; readonly line: FeedLine } {
  if (config.kind === 'fhir-poll') {
    const source = fhirSourceOf(context, config);
    const line = createFeedLine(context, config.name, {
      logger,
      hl7: hl7Options(context),
      fhirRecord: async (record) => source.read(record),
    });
    return { feed: createFhirPollFeed({ context, line, logger }, config, source), line };
  }
  const line = createFeedLine(context, config.name, { logger, hl7: hl7Options(context, config.hl7) });
  const parts: FeedParts = { context, line, logger };
  return { feed: config.kind === 'mllp' ? createMllpFeed(parts, config) : createFolderFeed(parts, config), line };
}

/** What a crash, a restart or a database that was away left to be worked on. */
function sweepOf(context: GatewayContext, lines: ReadonlyMap<string, FeedLine>, logger: FastifyBaseLogger): Loop {
  return createLoop({
    pauseMs: context.settings.feedSweepMs,
    async task(signal) {
      // Side by side: a server that lets one feed wait holds up no other.
      await Promise.all([...lines.values()].map((line) => line.drain(signal)));
    },
    onFailure: (error, timesInARow) =>
      logger.error({ ...aboutError(error), timesInARow, known: isZhidaError(error) }, 'working on messages failed; it is tried again'),
  });
}

async function noteNames({ database, facility }: GatewayContext, names: Feeds['names']): Promise<void> {
  await database.db
    .insertInto('feeds')
    .values(
      names.map(({ name, kind }) => ({
        facility: facility.code,
        name,
        kind,
        wrapped_key: null,
        sealed_cursor: null,
        problem_code: null,
        problem_since: null,
      })),
    )
    .onConflict((conflict) => conflict.columns(['facility', 'name']).doUpdateSet((set) => ({ kind: set.ref('excluded.kind') })))
    .execute();
}
