import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { auditOrigin } from '@zhida/audit-log';
import { auditMigration, createSequencer, type Sequencer } from '@zhida/audit-log/postgres';
import { systemClock, ZhidaError } from '@zhida/core';
import { assertDurable, migrate } from '@zhida/database';
import { createDetector } from '@zhida/detect';
import { createSealer } from '@zhida/signing';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { createApp } from './app.js';
import { GATEWAY_DEFAULTS, type GatewayContext, type GatewayOptions, type GatewaySettings } from './options.js';
import { createOutbox } from './presses/outbox.js';
import { createPromptChanges } from './prompts/changes.js';
import { createRelayClient } from './relay-client.js';
import { gatewayMigrations } from './schema.js';
import { createSealing } from './sealing.js';

export interface Gateway {
  readonly app: FastifyInstance;
  readonly sequencer: Sequencer;
  /** Migrates, checks that the database keeps what it commits, and listens. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * The hospital-side service: takes visits, assesses them, raises prompts and hands presses to the relay.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` or `ZD_ERR_KEY_MISSING` for a set-up that cannot work.
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const settings = resolveSettings(options.settings);
  const logger = options.logger ?? pino({ name: 'gateway' });
  if (options.keys.masterKey === undefined) throw new ZhidaError('ZD_ERR_KEY_MISSING', 'the gateway needs a master key', { at: 'keys' });
  const context: GatewayContext = {
    database: options.database,
    keys: options.keys,
    relayParty: options.relayParty,
    facility: options.facility,
    profile: options.profile,
    clock: options.clock ?? systemClock,
    fetch: options.fetch ?? fetch,
    settings,
    sealing: createSealing(createSealer(options.keys.masterKey)),
    mode: options.keys.mode,
    changes: createPromptChanges(),
  };
  const auditDirectory = join(options.dataDirectory, 'audit');
  await mkdir(auditDirectory, { recursive: true, mode: 0o700 });
  const origin = auditOrigin(options.keys);
  const sequencer = createSequencer({
    pool: options.database.pool,
    directory: auditDirectory,
    origin,
    signer: { name: origin, privateKey: options.keys.signingKey.privateKey },
    clock: context.clock,
    onError: (error) => logger.error({ err: error }, 'the audit sequencer skipped a turn'),
  });
  const relay = createRelayClient(context);
  const outbox = createOutbox(context, relay, logger);
  const app = await createApp(context, createDetector({ pack: options.pack }), relay, logger);
  return {
    app,
    sequencer,
    async start() {
      await assertDurable(options.database.pool);
      await migrate(options.database.pool, [auditMigration, ...gatewayMigrations], { namespace: 'gateway' });
      sequencer.start();
      await app.listen(options.listen);
      outbox.start();
    },
    async stop() {
      await outbox.stop();
      await app.close();
      await sequencer.stop();
    },
  };
}

function resolveSettings(given: Partial<GatewaySettings> | undefined): GatewaySettings {
  const settings = { ...GATEWAY_DEFAULTS, ...given };
  if (settings.ticketHours > 72)
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a press ticket lives at most 72 hours', { at: 'settings.ticketHours' });
  if (settings.accessTokenSeconds > 900)
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'an access token lives at most 15 minutes', { at: 'settings.accessTokenSeconds' });
  return settings;
}
