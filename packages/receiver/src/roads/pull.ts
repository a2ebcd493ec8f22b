import { type Clock, type Json, problemOf, systemClock, ZhidaError, isRecord } from '@zhida/core';
import { type KeyDirectory, signAssertion } from '@zhida/signing';
import { linesIn } from '../attachments.js';
import { type ReceiverLogger, silentLogger } from '../logger.js';
import type { Receiver } from '../receiver.js';
import { createRounds, type Rounds } from '../rounds.js';

export interface PullerOptions {
  readonly receiver: Receiver;
  readonly keys: KeyDirectory;
  /** The relay to fetch from, `relay:…`; its address is that of its trust file. */
  readonly relay: string;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
  readonly logger?: ReceiverLogger;
  /** `attachments`: for an agency that is pushed to, and fetches what comes after a report. @defaultValue all */
  readonly fetches?: 'all' | 'attachments';
  /** @defaultValue 10 000 */
  readonly everyMs?: number;
}

/** Fetches what waits at a relay, for an agency whose network takes no call from outside. */
export interface Puller extends Rounds {
  /** One round over all pages, reports before attachments; @returns how many receipts the relay has taken. */
  pullOnce(): Promise<number>;
}

const TIMEOUT_MS = 30_000;
/** 20 MiB, sealed and in base64, over a line of half a megabit a second. The time-out covers the whole body. */
const ATTACHMENT_TIMEOUT_MS = 600_000;
const PAGES_MAX = 1_000;

export function createPuller(options: PullerOptions): Puller {
  const { receiver, logger = silentLogger, fetches = 'all', everyMs = 10_000 } = options;
  const { get, post } = relayCalls(options);

  async function takeEnvelope(envelope: string): Promise<boolean> {
    const answer = await receiver.receiveCarried(new TextEncoder().encode(envelope));
    return answer.status === 200 && post('/v1/agency/receipts', answer.body);
  }

  /** One that the relay cannot give, or that breaks off, keeps none behind it: it comes again in the next round. */
  async function takeAttachment(attachmentId: string): Promise<boolean> {
    try {
      const response = await get(`/v1/agency/attachments/${attachmentId}`, ATTACHMENT_TIMEOUT_MS);
      if (response.body === null) return false;
      const answer = await receiver.receiveAttachment(linesIn(response.body));
      return answer.status === 200 && (await post('/v1/agency/attachment-receipts', answer.body));
    } catch (error) {
      logger.warn({ relay: options.relay, code: problemOf(error).code }, 'an attachment could not be fetched');
      return false;
    }
  }

  async function allPages(path: string, list: PageList, take: (item: string) => Promise<boolean>): Promise<number> {
    let taken = 0;
    let after = '';
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { items, next } = readPage((await (await get(`${path}?after=${after}`)).json()) as Json, list);
      for (const item of items) if (await take(item)) taken += 1;
      if (next === null) break;
      after = next;
    }
    return taken;
  }

  const pullReports = () => allPages('/v1/agency/inbox', ENVELOPES, takeEnvelope);
  const pullAttachments = () => allPages('/v1/agency/attachments', ATTACHMENTS, takeAttachment);

  async function pullOnce(): Promise<number> {
    const reports = fetches === 'all' ? await pullReports() : 0;
    return reports + (await pullAttachments());
  }

  const failed = (error: unknown): void => logger.error({ relay: options.relay, code: problemOf(error).code }, 'nothing could be fetched');
  // Side by side: the next report never waits for the films of the last one on a slow line (INV-9).
  const runs = fetches === 'all' ? [pullReports, pullAttachments] : [pullAttachments];
  const rounds = runs.map((run) => createRounds({ run, everyMs, failed }));
  return {
    pullOnce,
    start() {
      for (const round of rounds) round.start();
    },
    async stop() {
      await Promise.all(rounds.map((round) => round.stop()));
    },
  };
}

interface RelayCalls {
  /** @throws ZhidaError `ZD_ERR_HTTP` for no answer, and for any but 200. */
  readonly get: (path: string, timeoutMs?: number) => Promise<Response>;
  /** Posts a statement; lost on the way it is no loss: the next round brings what it is for again, and the same receipt. */
  readonly post: (path: string, jws: string) => Promise<boolean>;
}

function relayCalls({ keys, relay, clock = systemClock, fetch: call = globalThis.fetch }: PullerOptions): RelayCalls {
  async function ask(path: string, init: RequestInit, timeoutMs = TIMEOUT_MS): Promise<Response> {
    const pinned = keys.trusted.party(relay);
    if (pinned === undefined) throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'the relay is not pinned here', { at: 'relay' });
    return call(pinned.baseUrl + path, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) }).catch((cause: unknown) => {
      throw new ZhidaError('ZD_ERR_HTTP', 'the relay is not reached', { at: 'relay', cause });
    });
  }

  return {
    async get(path, timeoutMs) {
      const token = await signAssertion({ keys, audience: relay, scope: 'inbox:read', lifetimeSeconds: 300, now: clock.now() });
      const response = await ask(path, { headers: { authorization: `Bearer ${token}` } }, timeoutMs);
      if (response.status === 200) return response;
      await response.body?.cancel();
      throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not answer as its contract says', { at: 'status' });
    },
    async post(path, jws) {
      const posted = await ask(path, { method: 'POST', headers: { 'content-type': 'application/jose' }, body: jws });
      await posted.body?.cancel();
      return posted.status === 200;
    },
  };
}

/** Where a page keeps its items, and which member of each is asked for. */
interface PageList {
  readonly list: string;
  readonly member: string;
}
const ENVELOPES: PageList = { list: 'deliveries', member: 'envelope' };
const ATTACHMENTS: PageList = { list: 'attachments', member: 'attachmentId' };

function readPage(value: Json, { list, member }: PageList): { items: string[]; next: string | null } {
  const listed = isRecord(value) ? value[list] : undefined;
  if (!isRecord(value) || !Array.isArray(listed))
    throw new ZhidaError('ZD_ERR_HTTP', 'the relay’s page is not as its contract says', { at: list });
  const items = listed.flatMap((item: Json) => {
    const wanted = isRecord(item) ? item[member] : undefined;
    return typeof wanted === 'string' ? [wanted] : [];
  });
  return { items, next: typeof value['next'] === 'string' ? value['next'] : null };
}
