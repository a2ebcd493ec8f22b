import { openDatabase } from '@zhida/database';
import { createReceiver, receiverPlugin, type Receiver } from '@zhida/receiver';
import { openPostgresInbox, type ReceiverSchema } from '@zhida/receiver/postgres';
import type { KeyDirectory } from '@zhida/signing';
import { createTestDatabase, waitUntil } from '@zhida/testkit';
import fastify from 'fastify';

/** An agency with nothing but the receiver kit, on a port and a database of its own. */
export interface Agency {
  readonly receiver: Receiver;
  /** Envelopes are answered with 503 while it is down. */
  down: boolean;
  /** An officer accepts the only report there is (受理). */
  accept(agencyNumber?: string): Promise<void>;
  close(): Promise<void>;
}

export const OFFICER = { id: 'duty', name: '值班员' };

export async function openAgency(keys: KeyDirectory, port: number): Promise<Agency> {
  const test = await createTestDatabase();
  const inbox = await openPostgresInbox({ database: openDatabase<ReceiverSchema>({ url: test.url }), keys });
  const receiver = createReceiver({ keys, inbox });
  const app = fastify({ forceCloseConnections: true });
  const agency: Agency = {
    receiver,
    down: false,
    async accept(agencyNumber) {
      const rows = await waitUntil(async () => (await receiver.list()).length > 0 && receiver.list(), { what: 'the report at the agency' });
      const [row] = rows;
      if (row === undefined || rows.length !== 1) throw new Error(`expected one report, there are ${rows.length}`);
      await receiver.accept(row.deliveryId, { officer: OFFICER, agencyNumber });
    },
    async close() {
      await receiver.stop();
      await app.close();
      await inbox.close();
      await test.drop();
    },
  };
  app.addHook('onRequest', async (_request, reply) => {
    if (agency.down) await reply.code(503).send();
  });
  await app.register(receiverPlugin, { receiver, keys });
  await app.listen({ host: '127.0.0.1', port });
  receiver.start();
  return agency;
}
