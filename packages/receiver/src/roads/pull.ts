import { type Clock, type Json, systemClock, ZhidaError } from '@zhida/core';
import { type KeyDirectory, signAssertion } from '@zhida/signing';
import { isRecord } from '../body.js';
import { type ReceiverLogger, silentLogger } from '../logger.js';
import type { Receiver } from '../receiver.js';

export interface PullerOptions {
  readonly receiver: Receiver;
  readonly keys: KeyDirectory;
  /** The relay to fetch from, `relay:…`; its address is that of its trust file. */
  readonly relay: string;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
  readonly logger?: ReceiverLogger;
  /** @defaultValue 10 000 */
  readonly everyMs?: number;
}

/** Fetches what waits at a relay, for an agency whose network takes no call from outside. */
export interface Puller {
  /** One round over all pages; @returns how many receipts the relay has taken. */
  pullOnce(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}

const TIMEOUT_MS = 30_000;
const PAGES_MAX = 1_000;

export function createPuller(options: PullerOptions): Puller {
  const { receiver, keys, relay, clock = systemClock, logger = silentLogger, everyMs = 10_000 } = options;
  const call = options.fetch ?? globalThis.fetch;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<unknown> = Promise.resolve();

  async function ask(path: string, init: RequestInit): Promise<Response> {
    const pinned = keys.trusted.party(relay);
    if (pinned === undefined) throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'the relay is not pinned here', { at: 'relay' });
    return call(pinned.baseUrl + path, { ...init, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
  }

  async function takeOne(envelope: string): Promise<boolean> {
    const answer = await receiver.receiveCarried(new TextEncoder().encode(envelope));
    if (answer.status !== 200) return false;
    // Lost on the way, it is no loss: the next round brings the delivery again, and the same receipt.
    const posted = await ask('/v1/agency/receipts', { method: 'POST', headers: { 'content-type': 'application/jose' }, body: answer.body });
    await posted.body?.cancel();
    return posted.status === 200;
  }

  async function pullOnce(): Promise<number> {
    let taken = 0;
    let after = '';
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const token = await signAssertion({ keys, audience: relay, scope: 'inbox:read', lifetimeSeconds: 300, now: clock.now() });
      const response = await ask(`/v1/agency/inbox?after=${after}`, { headers: { authorization: `Bearer ${token}` } });
      if (response.status !== 200) throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not answer with an inbox', { at: 'status' });
      const { envelopes, next } = readPage((await response.json()) as Json);
      for (const envelope of envelopes) if (await takeOne(envelope)) taken += 1;
      if (next === null) break;
      after = next;
    }
    return taken;
  }

  function schedule(delayMs: number): void {
    timer = setTimeout(() => {
      round = pullOnce()
        .catch((error: unknown) => logger.error({ error: error instanceof Error ? error.name : typeof error }, 'nothing could be fetched'))
        .finally(() => {
          if (timer !== undefined) schedule(everyMs);
        });
    }, delayMs);
  }

  return {
    pullOnce,
    start: () => {
      if (timer === undefined) schedule(0);
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await round;
    },
  };
}

function readPage(value: Json): { envelopes: string[]; next: string | null } {
  if (!isRecord(value) || !Array.isArray(value['deliveries']))
    throw new ZhidaError('ZD_ERR_HTTP', 'the relay’s inbox is not as its contract says', { at: 'deliveries' });
  const envelopes = value['deliveries'].flatMap((item: Json) =>
    isRecord(item) && typeof item['envelope'] === 'string' ? [item['envelope']] : [],
  );
  return { envelopes, next: typeof value['next'] === 'string' ? value['next'] : null };
}
