import { openDatabase } from '@zhida/database';
import { createTestDatabase, frozenClock, type TestDatabase } from '@zhida/testkit';
import { openPostgresInbox, type ReceiverSchema } from '../src/postgres.js';
import { describeInbox } from '../src/testing.js';
import { createVault } from '../src/vault.js';
import { makePair, type Pair } from './keys.js';

const clock = frozenClock('2026-05-03T21:10:00+08:00');
let database: TestDatabase | undefined;
let pair: Pair | undefined;

describeInbox('PostgreSQL', {
  open: async ({ claimMs }) => {
    pair ??= await makePair(clock);
    database ??= await createTestDatabase();
    const inbox = await openPostgresInbox({
      database: openDatabase<ReceiverSchema>({ url: database.url }),
      keys: pair.agency,
      clock,
      claimMs,
    });
    return { inbox, wrappedKey: createVault(pair.agency).newKey() };
  },
  cleanUp: async () => {
    await database?.drop();
    await pair?.remove();
  },
});
