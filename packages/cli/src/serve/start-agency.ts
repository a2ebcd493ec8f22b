import { ZhidaError } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import { createReceiver, createRelayRounds, ferryFetch, type Inbox, receiverPlugin } from '@zhida/receiver';
import { openFileInbox } from '@zhida/receiver/file';
import { openPostgresInbox, type ReceiverSchema } from '@zhida/receiver/postgres';
import { type KeyDirectory, openKeyDirectory } from '@zhida/signing';
import fastify, { LogController } from 'fastify';
import type { AgencySection } from './configuration-schema.js';
import type { Service, ServiceContext } from './service.js';
import { urlOf } from './start-relay.js';

/** Starts the receiver of a configuration. @throws ZhidaError where a setting, a key or the store will not do */
export async function startAgency(context: ServiceContext): Promise<Service> {
  const { configuration, path, logger } = context;
  const section = configuration.agency;
  if (section === undefined) throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'the configuration has no agency', { at: 'agency' });
  const keys = await openKeyDirectory(path(section.keys));
  const inbox = await inboxOf(section, keys, context);
  const ferry = section.ferry === undefined ? undefined : { in: path(section.ferry.in), out: path(section.ferry.out) };
  const road = ferry === undefined ? {} : { fetch: ferryFetch(ferry.out) };
  const receiver = createReceiver({ keys, inbox, logger, ...road });
  const app = fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) });
  await app.register(receiverPlugin, { receiver, keys });
  await app.listen(section.listen).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    throw new ZhidaError('ZD_ERR_PORT_TAKEN', 'another program listens on this port', { at: 'agency.listen.port' });
  });
  receiver.start();
  const rounds = createRelayRounds({ receiver, inbox, keys, ferry, fetchFrom: section.fetchFrom, logger });
  rounds.start();
  return {
    url: urlOf(section.listen),
    async stop() {
      await rounds.stop();
      await receiver.stop();
      await app.close();
      await inbox.close();
    },
  };
}

async function inboxOf({ inbox, database }: AgencySection, keys: KeyDirectory, { databases, path }: ServiceContext): Promise<Inbox> {
  if (inbox !== undefined) return openFileInbox({ directory: path(inbox), keys });
  const url = await databases.urlOf('agency', database);
  return openPostgresInbox({ database: openDatabase<ReceiverSchema>({ url, applicationName: 'zhida agency' }), keys });
}
