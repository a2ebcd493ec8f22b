import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createId, isoNow, systemClock } from '@zhida/core';
import { createReceiver, type Inbox, type ReceiveAnswer, type Receiver } from '@zhida/receiver';
import { openFileInbox } from '@zhida/receiver/file';
import { type KeyDirectory, openEnvelope, type OpenedEnvelope, signReceipt } from '@zhida/signing';
import { httpPost } from '../support/http-post.js';

/** How an agency behaves for a while. All but the first two are faults; some of them are lies. */
export const MOODS = [
  'stores',
  'slow',
  'down',
  'breaks',
  'hangs',
  'takes-and-is-silent',
  'no-receipt',
  'other-key',
  'other-report',
  'other-hash',
  'posts-before-it-answers',
] as const;
export type Mood = (typeof MOODS)[number];

interface Receipted {
  readonly deliveryId: string;
  readonly jws: string;
}

/** What truly happened at an agency, known here before anybody could be told. */
export interface Truth {
  /** Delivery id → report id. */
  readonly stored: Map<string, string>;
  readonly accepted: Set<string>;
  readonly feedback: Set<string>;
  /** Delivery id → hash of the receipt it was first answered with. */
  readonly receipts: Map<string, string>;
  /** Deliveries that were answered with different receipts. */
  readonly contradicted: Set<string>;
  /** The last receipts that were given, oldest first: what a lie may repeat. */
  readonly lastReceipts: Receipted[];
  arrivals: number;
}

/** An agency with the real receiver over a file inbox, behind a door with moods. */
export interface MoodyAgency {
  readonly url: string;
  readonly truth: Truth;
  mood: Mood;
  /** Statements that have not reached the relay. */
  waiting(): Promise<number>;
  conflicts(): Promise<number>;
  close(): Promise<void>;
}

export interface MoodyAgencyOptions {
  readonly keys: KeyDirectory;
  /** Another agency's keys, to sign with what proves nothing. */
  readonly otherKeys: KeyDirectory;
  readonly relayUrl: string;
  readonly directory: string;
  readonly random: () => number;
}

const OFFICER = { id: 'duty', name: '值班员' };
const SLOW_MS = 300;
const ACCEPTS = 0.3;
const FEEDS_BACK = 0.15;

/** The door's address is needed before the keys meet, so the agency is opened in two steps. */
export async function openDoor(): Promise<{ url: string; open(options: MoodyAgencyOptions): Promise<MoodyAgency> }> {
  let handle: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | undefined;
  const server = createServer((request, response) => {
    void handle?.(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async open(options) {
      const inbox = await openFileInbox({ directory: options.directory, keys: options.keys });
      const receiver = createReceiver({
        keys: options.keys,
        inbox,
        outbox: { sweepEveryMs: 200, ladderSeconds: [0.1, 0.5, 1], thenEverySeconds: 1 },
      });
      receiver.start();
      const truth: Truth = {
        stored: new Map(),
        accepted: new Set(),
        feedback: new Set(),
        receipts: new Map(),
        contradicted: new Set(),
        lastReceipts: [],
        arrivals: 0,
      };
      const agency: MoodyAgency = {
        url,
        truth,
        mood: 'stores',
        waiting: () => receiver.waiting(),
        async conflicts() {
          let conflicts = 0;
          for (const deliveryId of truth.stored.keys()) {
            const record = await inbox.find(deliveryId);
            if (record === undefined || record.conflicts > 0) conflicts += 1;
          }
          return conflicts;
        },
        async close() {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
          await receiver.stop();
          await inbox.close();
        },
      };
      handle = (request, response) => take({ ...options, receiver, inbox, truth }, agency.mood, request, response);
      return agency;
    },
  };
}

interface Taking extends MoodyAgencyOptions {
  readonly receiver: Receiver;
  readonly inbox: Inbox;
  readonly truth: Truth;
}

async function take(taking: Taking, mood: Mood, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  taking.truth.arrivals += 1;
  switch (mood) {
    case 'down':
      return void response.writeHead(503).end();
    case 'breaks':
      return void response.destroy();
    case 'hangs':
      return;
    case 'no-receipt':
      return void response.writeHead(200, { 'content-type': 'application/jose' }).end('OK');
    case 'other-key':
    case 'other-report':
    case 'other-hash':
      return lie(taking, mood, body, response);
    case 'takes-and-is-silent':
      await truly(taking, body, request);
      return;
    case 'slow':
      await delay(Math.floor(taking.random() * SLOW_MS));
      break;
    case 'stores':
    case 'posts-before-it-answers':
      break;
  }
  const answered = await truly(taking, body, request);
  if (mood === 'posts-before-it-answers' && answered.status === 200) await post(taking, answered.body);
  response.writeHead(answered.status, { 'content-type': answered.contentType }).end(answered.body);
}

/** The receiver takes it; officers act on some of it at once, so that acceptance may come to the relay before the receipt. */
async function truly(taking: Taking, body: Buffer, request: IncomingMessage): Promise<ReceiveAnswer> {
  const { truth, receiver, inbox, random } = taking;
  // The receiver takes nothing under a header that says another id than what is sealed.
  const deliveryId = String(request.headers['webhook-id']);
  const first = !truth.stored.has(deliveryId);
  if (first) truth.stored.set(deliveryId, '');
  const answered = await receiver.receive(body, request.headers);
  if (answered.status !== 200) return answered;
  const record = await inbox.find(deliveryId);
  truth.stored.set(deliveryId, record?.reportId ?? '');
  note(truth, { deliveryId, jws: answered.body });
  if (first && random() < ACCEPTS) {
    truth.accepted.add(deliveryId);
    await receiver.accept(deliveryId, { officer: OFFICER });
  }
  if (first && random() < FEEDS_BACK) {
    const code = record?.view === 'police' ? 'filed' : 'aid';
    truth.feedback.add((await receiver.feedback(deliveryId, { officer: OFFICER, code })).feedbackId);
  }
  return answered;
}

/** Hashes, because a run of a hundred thousand reports must not grow with every receipt. */
function note(truth: Truth, receipted: Receipted): void {
  const { deliveryId, jws } = receipted;
  const hash = createHash('sha256').update(jws).digest('base64url');
  if ((truth.receipts.get(deliveryId) ?? hash) !== hash) truth.contradicted.add(deliveryId);
  truth.receipts.set(deliveryId, hash);
  truth.lastReceipts.push(receipted);
  if (truth.lastReceipts.length > 2) truth.lastReceipts.shift();
}

/** Moods that answer with a receipt which proves nothing of what was sent. */
export const LIES = ['other-key', 'other-report', 'other-hash'] as const satisfies readonly Mood[];
type Lie = (typeof LIES)[number];

async function lie(taking: Taking, mood: Lie, body: Buffer, response: ServerResponse): Promise<void> {
  const envelope = await opened(taking, body);
  response.writeHead(200, { 'content-type': 'application/jose' }).end(await lieOf(taking, mood, envelope));
}

function lieOf(taking: Taking, mood: Lie, envelope: OpenedEnvelope): Promise<string> | string {
  switch (mood) {
    case 'other-key':
      return falseReceipt(envelope, taking.otherKeys, {});
    case 'other-hash':
      return falseReceipt(envelope, taking.keys, { payloadSha256: '0'.repeat(64) });
    case 'other-report': {
      const known = taking.truth.lastReceipts.find(({ deliveryId }) => deliveryId !== envelope.claims.deliveryId);
      // A receipt of this delivery's own words would be no lie but proof, so where no other is known it names one that nobody knows.
      return known?.jws ?? falseReceipt(envelope, taking.keys, { deliveryId: createId('dlv'), reportId: createId('rpt') });
    }
  }
}

async function falseReceipt({ claims, payloadSha256 }: OpenedEnvelope, keys: KeyDirectory, overrides: object): Promise<string> {
  const { mode, iss, deliveryId, reportId, sequence } = claims;
  const said = {
    v: '1',
    mode,
    iss: keys.party,
    aud: iss,
    receiptId: createId('rcp'),
    deliveryId,
    reportId,
    sequence,
    payloadSha256,
  } as const;
  return signReceipt({ ...said, stage: 'stored', agencyNumber: null, transferredTo: null, at: isoNow(systemClock), ...overrides }, keys);
}

function opened({ keys }: Taking, body: Buffer): Promise<OpenedEnvelope> {
  return openEnvelope({ envelope: body.toString('ascii'), keys, now: systemClock.now() });
}

async function post({ relayUrl }: Taking, jws: string): Promise<void> {
  const posted = { headers: { 'content-type': 'application/jose' }, body: jws, withinMs: 1_000 };
  // The same receipt comes as the answer; that this one was lost is nobody's loss.
  await httpPost(`${relayUrl}/v1/agency/receipts`, posted).catch(() => undefined);
}
