import { openDatabase } from '@zhida/database';
import { addOfficer, createReceiver, createRelayRounds, receiverPlugin } from '@zhida/receiver';
import { openPostgresInbox, type ReceiverSchema } from '@zhida/receiver/postgres';
import { openKeyDirectory } from '@zhida/signing';
import fastify, { LogController } from 'fastify';
import { pino } from 'pino';
import { runChild } from './child.js';
import { HOST } from './layout.js';

export interface AgencyConfig {
  readonly name: string;
  readonly databaseUrl: string;
  readonly keys: string;
  readonly port: number;
}

export interface AgencyReady {
  /** The demo's officer; the code is new at every start and kept as a hash alone. */
  readonly officer: { readonly id: string; readonly code: string };
}

const OFFICER = { id: 'duty', name: '值班员' };

/** An agency with nothing but the receiver kit: its own keys, its own database, its own officers. */
runChild(async ({ name, databaseUrl, keys: keyDirectory, port }: AgencyConfig) => {
  const logger = pino({ name });
  const keys = await openKeyDirectory(keyDirectory);
  const inbox = await openPostgresInbox({ database: openDatabase<ReceiverSchema>({ url: databaseUrl }), keys });
  const receiver = createReceiver({ keys, inbox, logger });
  const app = fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) });
  await app.register(receiverPlugin, { receiver, keys });
  const { code } = await addOfficer(keyDirectory, OFFICER);
  await app.listen({ host: HOST, port });
  receiver.start();
  const rounds = createRelayRounds({ receiver, inbox, keys, logger });
  rounds.start();
  const ready: AgencyReady = { officer: { id: OFFICER.id, code } };
  return {
    ready,
    async stop() {
      await rounds.stop();
      await receiver.stop();
      await app.close();
      await inbox.close();
    },
  };
});
