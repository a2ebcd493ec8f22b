import { join } from 'node:path';
import type { KeyMode } from '@zhida/signing';
import type { FrozenClock } from '@zhida/testkit';
import fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify';
import { openFileInbox } from '../src/file.js';
import { addOfficer, createReceiver, type Inbox, receiverPlugin } from '../src/index.js';
import { makePair, type Pair } from './keys.js';
import { push, writeLetter } from './sample-report.js';

/** An agency over files, with the receiver's routes and one officer, P1024. */
export interface AgencyApp {
  readonly pair: Pair;
  readonly inbox: Inbox;
  readonly app: FastifyInstance;
  /** What the officer signs in with. */
  readonly code: string;
  /** A report pushed to it, and its answer. */
  receive(
    options?: Parameters<typeof writeLetter>[2],
  ): Promise<{ claims: Awaited<ReturnType<typeof writeLetter>>['claims']; answer: LightMyRequestResponse }>;
  close(): Promise<void>;
}

export async function openAgencyApp(clock: FrozenClock, mode: KeyMode = 'test'): Promise<AgencyApp> {
  const pair = await makePair(clock, { mode });
  const { code } = await addOfficer(pair.agency.directory, { id: 'P1024', name: '警员<甲>' });
  const inbox = await openFileInbox({ directory: join(pair.root, 'inbox'), keys: pair.agency, clock });
  const app = fastify();
  await app.register(receiverPlugin, { receiver: createReceiver({ keys: pair.agency, inbox, clock }), keys: pair.agency, clock });
  return {
    pair,
    inbox,
    app,
    code,
    async receive(options = {}) {
      const letter = await writeLetter(pair, clock.now(), options);
      const { body, headers } = await push(pair, letter, clock.now());
      const answer = await app.inject({
        method: 'POST',
        url: '/v1/envelopes',
        headers: { 'content-type': 'application/jose', ...headers },
        body,
      });
      return { claims: letter.claims, answer };
    },
    async close() {
      await app.close();
      await inbox.close();
      await pair.remove();
    },
  };
}
