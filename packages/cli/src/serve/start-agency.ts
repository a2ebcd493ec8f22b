import { ZhidaError } from '@zhida/core';
import { openDatabase } from '@zhida/database';
import {
  createExchanger,
  createFerry,
  createPuller,
  createReceiver,
  ferryFetch,
  type Inbox,
  type Puller,
  type Receiver,
  receiverPlugin,
} from '@zhida/receiver';
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
  const relays = keys.trusted.all().flatMap(({ party, role }) => (role === 'relay' ? [party] : []));
  const rounds = [
    ...relays.map((relay) => createExchanger({ inbox, keys, relay, logger, ...road })),
    ...pullersOf(section, ferry === undefined ? relays : [], { receiver, keys, context }),
    ...(ferry === undefined ? [] : [createFerry({ ...ferry, receiver, logger })]),
  ];
  for (const round of rounds) round.start();
  return {
    url: urlOf(section.listen),
    async stop() {
      await Promise.all(rounds.map((round) => round.stop()));
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

interface Parts {
  readonly receiver: Receiver;
  readonly keys: KeyDirectory;
  readonly context: ServiceContext;
}

/** Reports are fetched from the relay that is named, attachments from every relay that is pinned: they follow what was pushed. */
function pullersOf({ fetchFrom }: AgencySection, relays: readonly string[], { receiver, keys, context }: Parts): Puller[] {
  return [...new Set([...relays, ...(fetchFrom === undefined ? [] : [fetchFrom])])].map((relay) =>
    createPuller({ receiver, keys, relay, fetches: relay === fetchFrom ? 'all' : 'attachments', logger: context.logger }),
  );
}
