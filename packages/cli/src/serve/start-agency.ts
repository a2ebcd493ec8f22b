import { problemOf, ZhidaError } from '@zhida/core';
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
import fastify from 'fastify';
import type { AgencySection } from './configuration-schema.js';
import type { Service, ServiceContext } from './service.js';
import { urlOf } from './start-relay.js';

/** Pause between two looks into the folder of the one-way gate. */
const FERRY_EVERY_MS = 2_000;

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
  const app = fastify({ loggerInstance: logger, disableRequestLogging: true });
  await app.register(receiverPlugin, { receiver, keys });
  await app.listen(section.listen).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    throw new ZhidaError('ZD_ERR_PORT_TAKEN', 'another program listens on this port', { at: 'agency.listen.port' });
  });
  receiver.start();
  const relays = keys.trusted.all().flatMap(({ party, role }) => (role === 'relay' ? [party] : []));
  const daily = relays.map((relay) => createExchanger({ inbox, keys, relay, logger, ...road }));
  for (const exchanger of daily) exchanger.start();
  const pullers = pullersOf(section, ferry === undefined ? relays : [], { receiver, keys, context });
  for (const puller of pullers) puller.start();
  const stopFerry = ferry === undefined ? undefined : startFerry(ferry, receiver, context);
  return {
    url: urlOf(section.listen),
    async stop() {
      await Promise.all([...[...pullers, ...daily].map((running) => running.stop()), stopFerry?.()]);
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

/** One look after the other, until it is stopped; the look under way is waited for. */
function startFerry(folders: { in: string; out: string }, receiver: Receiver, { logger }: ServiceContext): () => Promise<void> {
  const ferry = createFerry({ ...folders, receiver, logger });
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let look: Promise<void> = Promise.resolve();
  const next = (): void => {
    look = ferry
      .ferryOnce()
      .then(() => undefined)
      .catch((error: unknown) => logger.error({ code: problemOf(error).code }, 'a look into the folder of the gate failed'))
      .finally(() => {
        if (!stopped) timer = setTimeout(next, FERRY_EVERY_MS);
      });
  };
  next();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await look;
  };
}
