import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { auditOrigin } from '@zhida/audit-log';
import { createSequencer, type Sequencer } from '@zhida/audit-log/postgres';
import { aboutError, checkExercises, systemClock, ZhidaError, asPortTaken } from '@zhida/core';
import { assertDurable, migrate } from '@zhida/database';
import type { Detector } from '@zhida/detect';
import { createSealer } from '@zhida/signing';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import { createApp } from './app.js';
import type { GatewayContext } from './context.js';
import { checkFeeds } from './feeds/config.js';
import type { Feed } from './feeds/feed.js';
import { createFeeds } from './feeds/feeds.js';
import { gatewayLogger } from './logger.js';
import { createLoop, type Loop } from './loop.js';
import { gatewayMigrations } from './migrations.js';
import type { GatewayOptions } from './options.js';
import { createOutbox, type Outbox } from './presses/outbox.js';
import { createPromptChanges } from './prompts/changes.js';
import { endExercised } from './prompts/expire.js';
import { remindDeferred } from './prompts/remind.js';
import { purgeExpired, type Purged } from './purge.js';
import { createRelayClient } from './relay-client.js';
import { createRowKeys } from './row-keys.js';
import { detectorOf, recordRules } from './rules.js';
import { createSealing } from './sealing.js';
import { resolveSettings } from './settings.js';
import { createStreams } from './streams.js';

export interface Gateway {
  readonly app: FastifyInstance;
  readonly sequencer: Sequencer;
  /** The feeds that were asked for, in their order; an MLLP feed says its port once it is started. */
  readonly feeds: readonly Pick<Feed, 'name' | 'kind' | 'port'>[];
  /** Migrates, checks that the database keeps what it commits, and listens. @throws ZhidaError `ZD_ERR_PORT_TAKEN`, `ZD_ERR_MIGRATION`, `ZD_ERR_DATABASE_NOT_DURABLE` */
  start(): Promise<void>;
  /** Ends streams and requests; the database stays the caller's. */
  stop(): Promise<void>;
  /** Erases now what is past its time, as the sweep does by itself. */
  purgeOnce(): Promise<Purged>;
}

/**
 * The hospital-side service: takes visits, assesses them, raises prompts and hands presses to the relay.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID`, `ZD_ERR_KEY_MISSING` or `ZD_ERR_PACK_INVALID` for a set-up that cannot work, an overlay among it.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const logger = gatewayLogger(options.logger);
  const context = contextOf(options, await detectorOf(options), logger);
  const sequencer = await sequencerOf(options, context, logger);
  const relay = createRelayClient(context);
  const streams = createStreams(context);
  const outbox = createOutbox(context, relay, logger);
  const feeds = createFeeds(context, checkFeeds(options.feeds), logger);
  const app = await createApp(context, { relay, streams, feeds, logger });
  const loops = loopsOf(context, outbox, logger);
  const stop = async (): Promise<void> => {
    await feeds.stop();
    await Promise.all(loops.map((loop) => loop.stop()));
    streams.close();
    await app.close();
    await sequencer.stop();
  };
  return {
    app,
    sequencer,
    feeds: feeds.all,
    async start() {
      await assertDurable(options.database.pool);
      await migrate(options.database.pool, gatewayMigrations, { namespace: 'gateway' });
      await recordRules(context, options);
      await app.listen({ host: options.listen.host, port: options.listen.port }).catch((error: unknown) => {
        throw asPortTaken(error) ?? error;
      });
      sequencer.start();
      for (const loop of loops) loop.start();
      await feeds.start().catch(async (error: unknown) => {
        await stop();
        throw error;
      });
    },
    stop,
    purgeOnce: () => purgeExpired(context),
  };
}

function contextOf(options: GatewayOptions, detector: Detector, logger: FastifyBaseLogger): GatewayContext {
  const { keys, facility, profile, exercises = [] } = options;
  if (keys.role !== 'gateway') throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a gateway needs the keys of a gateway', { at: 'keys' });
  if (keys.masterKey === undefined) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'the gateway needs a master key', { at: 'keys' });
  if (facility.code === '') throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the gateway speaks for one facility', { at: 'facility.code' });
  checkExercises(exercises);
  if (keys.mode === 'test' && exercises.length > 0)
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'an exercise goes over the lines of production', { at: 'exercises' });
  return {
    database: options.database,
    keys,
    relayParty: options.relayParty,
    facility,
    profile,
    detector,
    clock: options.clock ?? systemClock,
    logger,
    fetch: options.fetch ?? fetch,
    settings: resolveSettings(options.settings),
    sealing: createSealing(createSealer(keys.masterKey)),
    rowKeys: createRowKeys(keys.masterKey, facility.code),
    mode: keys.mode,
    exercises: exercises.filter(({ facilities }) => facilities.includes(facility.code)),
    changes: createPromptChanges(),
    hisOrigins: options.hisOrigins ?? [],
  };
}

async function sequencerOf(
  { database, dataDirectory, keys }: GatewayOptions,
  { clock }: GatewayContext,
  logger: FastifyBaseLogger,
): Promise<Sequencer> {
  const origin = auditOrigin(keys);
  const directory = join(dataDirectory, 'audit');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return createSequencer({
    pool: database.pool,
    directory,
    origin,
    signer: { name: origin, privateKey: keys.signingKey.privateKey },
    clock,
    onError: (error) => logger.error(aboutError(error), 'the audit log could not be written'),
    onRepair: ({ file, what }) => logger.warn({ file, what }, 'a file of the audit log was put right'),
  });
}

/** What goes on without anybody asking: held presses, deferred prompts, trust files, erasure. */
function loopsOf(context: GatewayContext, outbox: Outbox, logger: FastifyBaseLogger): readonly Loop[] {
  const { settings, keys } = context;
  const loop = (what: string, pauseMs: number, task: (signal: AbortSignal) => Promise<unknown>): Loop =>
    createLoop({
      pauseMs,
      task,
      onFailure: (error, timesInARow) => logger.error({ ...aboutError(error), timesInARow }, `${what} failed; it is tried again`),
    });
  return [
    loop('the outbox', settings.outboxSweepMs, (signal) => outbox.sendDue(signal)),
    loop('reminding of deferred prompts', settings.reminderSweepMs, () => remindDeferred(context)),
    loop('ending prompts of exercises', settings.reminderSweepMs, () => endExercised(context)),
    // `zhida trust add` reaches a running gateway; if a file is wrong, the parties known before stay.
    loop('reading keys and trust files', settings.reminderSweepMs, () => keys.reload()),
    loop('erasing what is past its time', settings.purgeSweepMs, async () => {
      const purged = await purgeExpired(context);
      if (purged.encounters + purged.presses + purged.messages > 0) logger.info({ ...purged }, 'erased what was past its time');
    }),
  ];
}
