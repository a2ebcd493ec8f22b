import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '@zhida/core';
import { createPuller, createReceiver, type Inbox, type Puller, type ReceiveAnswer, type Receiver } from '@zhida/receiver';
import { openFileInbox } from '@zhida/receiver/file';
import type { KeyDirectory } from '@zhida/signing';
import { RELAY } from '../support/profile.js';
import { type Carrier, createCarrier } from './carrier.js';
import { lieAbout, LIES } from './lies.js';
import { officersAct } from './officers.js';
import { emptyTruth, noteReceipt, type Truth } from './truth.js';

/** How an agency behaves for a while. All but the first two are faults; some of them are lies. */
export const MOODS = [
  'stores',
  'slow',
  'down',
  'breaks',
  'hangs',
  'takes-and-is-silent',
  'no-receipt',
  ...LIES,
  'posts-before-it-answers',
  'says-twice',
  'last-first',
] as const;
export type Mood = (typeof MOODS)[number];

/** An agency with the real receiver over a file inbox, behind a door with moods. */
export interface MoodyAgency {
  readonly url: string;
  readonly truth: Truth;
  mood: Mood;
  /** How many of its receipts and feedbacks the relay has taken a second time. */
  saidTwice(): number;
  /** Statements that have not reached the relay. */
  waiting(): Promise<number>;
  conflicts(): Promise<number>;
  readonly getsAttachments: boolean;
  /** Of a delivery: attachment id → SHA-256 of its bytes, lower-case hex. */
  attachmentsOf(deliveryId: string): Promise<ReadonlyMap<string, string>>;
  close(): Promise<void>;
}

export interface MoodyAgencyOptions {
  /** Whether its kind is shown attachments, as the view matrix says. */
  readonly getsAttachments: boolean;
  readonly keys: KeyDirectory;
  /** Another agency's keys, to sign with what proves nothing. */
  readonly otherKeys: KeyDirectory;
  readonly relayUrl: string;
  readonly directory: string;
  readonly random: () => number;
}

const SLOW_MS = 300;
/** In the mood `last-first` answers wait for so many others, and not longer than this. */
const GATHERED = { most: 4, withinMs: 400 };
/** How long they wait then for what the officers have said to come to the relay before them. */
const FLUSH_MS = 500;

/** A tenth of what an agency does by default. */
const FETCH_EVERY_MS = 1_000;

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
      const taking = await openReceiver(options, () => agency.mood);
      const { receiver, inbox, truth, carrier } = taking;
      const agency: MoodyAgency = {
        url,
        truth,
        mood: 'stores',
        getsAttachments: options.getsAttachments,
        saidTwice: () => carrier.again(),
        waiting: () => receiver.waiting(),
        async conflicts() {
          let conflicts = 0;
          for (const deliveryId of truth.stored.keys()) {
            const record = await inbox.find(deliveryId);
            if (record === undefined || record.conflicts > 0) conflicts += 1;
          }
          return conflicts;
        },
        async attachmentsOf(deliveryId) {
          return new Map((await inbox.attachments(deliveryId)).map(({ attachmentId, sha256 }) => [attachmentId, sha256]));
        },
        async close() {
          server.closeAllConnections();
          await new Promise((resolve) => server.close(resolve));
          await taking.puller.stop();
          await receiver.stop();
          await inbox.close();
        },
      };
      handle = (request, response) => take(taking, agency.mood, request, response);
      return agency;
    },
  };
}

interface Taking extends MoodyAgencyOptions {
  readonly receiver: Receiver;
  readonly inbox: Inbox;
  readonly truth: Truth;
  readonly carrier: Carrier;
  /** Fetches attachments, which are not pushed. */
  readonly puller: Puller;
  /** Answers that wait for others, in the order in which they were asked for. */
  readonly gathered: Gathered[];
}

/** An answer that is not given yet, and ids of what the officers have said about its delivery. */
interface Gathered {
  readonly said: readonly string[];
  readonly give: () => void;
}

async function openReceiver(options: MoodyAgencyOptions, moodNow: () => Mood): Promise<Taking> {
  const inbox = await openFileInbox({ directory: options.directory, keys: options.keys });
  const carrier = createCarrier(() => moodFor(moodNow(), options.random) === 'says-twice');
  const receiver = createReceiver({
    keys: options.keys,
    inbox,
    fetch: carrier.fetch,
    outbox: { sweepEveryMs: 200, ladderSeconds: [0.1, 0.5, 1], thenEverySeconds: 1 },
  });
  receiver.start();
  const puller = createPuller({ receiver, keys: options.keys, relay: RELAY, fetches: 'attachments', everyMs: FETCH_EVERY_MS });
  puller.start();
  return { ...options, receiver, inbox, carrier, puller, truth: emptyTruth(), gathered: [] };
}

/** Also one that is in order says something twice now and then, or something later first. */
const QUIRK = 0.08;

function moodFor(mood: Mood, random: () => number): Mood {
  if (mood !== 'stores' && mood !== 'slow') return mood;
  const chance = random();
  if (chance < QUIRK) return 'says-twice';
  return chance < 2 * QUIRK ? 'last-first' : mood;
}

async function take(taking: Taking, moodNow: Mood, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { truth, keys, otherKeys, random } = taking;
  truth.arrivals += 1;
  const mood = moodFor(moodNow, random);
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
    case 'other-hash': {
      const { lastReceipts } = truth;
      const jws = await lieAbout(body.toString('ascii'), mood, { keys, otherKeys, lastReceipts });
      return void response.writeHead(200, { 'content-type': 'application/jose' }).end(jws);
    }
    case 'takes-and-is-silent':
      return void (await truly(taking, body, request));
    case 'slow':
      await delay(Math.floor(random() * SLOW_MS));
      break;
  }
  const { answered, said } = await truly(taking, body, request, mood === 'last-first');
  const give = (): void => void response.writeHead(answered.status, { 'content-type': answered.contentType }).end(answered.body);
  if (mood === 'last-first') return gather(taking, { said, give });
  if ((mood === 'posts-before-it-answers' || mood === 'says-twice') && answered.status === 200)
    await taking.carrier.post(`${taking.relayUrl}/v1/agency/receipts`, answered.body);
  give();
}

/** Lets an answer wait for others; they are given the newest first, after what the officers have said meanwhile. */
function gather(taking: Taking, answer: Gathered): void {
  const { gathered } = taking;
  gathered.push(answer);
  if (gathered.length === 1) setTimeout(() => void giveAll(taking, gathered.splice(0)), GATHERED.withinMs);
  if (gathered.length >= GATHERED.most) void giveAll(taking, gathered.splice(0));
}

async function giveAll({ truth, receiver, carrier }: Taking, answers: readonly Gathered[]): Promise<void> {
  if (answers.length === 0) return;
  await Promise.race([receiver.flushOutbox().catch(() => undefined), delay(FLUSH_MS)]);
  for (const [place, { said, give }] of answers.toReversed().entries()) {
    if (place < answers.length - 1) truth.outOfOrder += 1;
    truth.outOfOrder += said.filter((id) => carrier.taken.has(id)).length;
    give();
  }
}

/** The receiver takes it; officers act on some of it at once, so that acceptance may come to the relay before the receipt. */
async function truly(
  taking: Taking,
  body: Buffer,
  request: IncomingMessage,
  lastFirst = false,
): Promise<{ answered: ReceiveAnswer; said: readonly string[] }> {
  const { truth, receiver, inbox } = taking;
  // The receiver takes nothing under a header that says another id than what is sealed.
  const deliveryId = String(request.headers['webhook-id']);
  const first = !truth.stored.has(deliveryId);
  const sinceMs = truth.stored.get(deliveryId)?.sinceMs ?? systemClock.now();
  if (first) truth.stored.set(deliveryId, { reportId: '', sinceMs });
  const answered = await receiver.receive(body, request.headers);
  if (answered.status !== 200) return { answered, said: [] };
  const record = await inbox.find(deliveryId);
  truth.stored.set(deliveryId, { reportId: record?.reportId ?? '', sinceMs });
  noteReceipt(truth, { deliveryId, jws: answered.body });
  return { answered, said: first && record !== undefined ? await officersAct(taking, record, lastFirst) : [] };
}
