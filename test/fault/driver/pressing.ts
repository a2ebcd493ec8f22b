import { createHash, randomBytes } from 'node:crypto';
import { createId, isoNow, systemClock } from '@zhida/core';
import { FACILITY, STATION, TOWNSHIP } from '../support/profile.js';
import { attach, attest, logCall, lookUp, press, type PressWhat, type ReportAnswer, type StatusAnswer } from '../support/press.js';
import type { Pace } from './pace.js';
import type { Shown } from './shown.js';
import type { Stack } from './stack.js';
import type { Answered, Told } from './verdict.js';

/** Whom the hospital talks to. */
export type Side = Pick<Stack, 'balancer' | 'gateway' | 'agencies'>;

export interface Pressing {
  readonly reports: number;
  readonly pressers: number;
  readonly isEnough: () => boolean;
  readonly random: () => number;
  readonly pace: Pace;
}

/** What the hospital was answered for, and what it was shown. */
export interface Hospital extends Told {
  readonly answered: Map<string, Answered>;
  readonly calls: Set<string>;
  readonly attachments: Map<string, { readonly reportId: string; readonly sha256: string }>;
  readonly attested: Map<string, number>;
  readonly seen: Shown[];
  /** Headlines that said more than their lines; what was never answered, and answered reports nobody would show. */
  readonly wrong: { readonly false: string[]; readonly lost: string[] };
}

export function emptyHospital(): Hospital {
  return {
    answered: new Map(),
    calls: new Set(),
    attachments: new Map(),
    attested: new Map(),
    seen: [],
    wrong: { false: [], lost: [] },
  };
}

/** So many of the reports somebody also telephones about. */
const CALLED = 0.04;
/** After so many somebody looks how an earlier one stands. */
const ASKED = 0.05;
/** Of so many presses in a row each of {@link RARE} comes once, in an order of the seed. */
const ROUND = 64;
const RARE = ['follow-up', 'correction', 'error-notice', 'attachment', 'township'] as const;
type Rare = (typeof RARE)[number];
/** Each try that meets a recovering database is another process its server must begin and end. */
const AGAIN_MS = 300;
/** Nobody answers any more: the run ends, and says so. */
const UNANSWERED_MS = 600_000;
/** Presses run ahead of deliveries by so many at most, or nearly everything would be delivered after the last fault; but not for longer than this. */
const AHEAD = 400;
const AHEAD_MS = 2_000;
const ATTACHMENT_BYTES = 2_000;

/** Each press, call, attachment and attestation is repeated in the same words until it is answered, as a gateway does. */
export async function pressAll(side: Side, { reports, pressers, isEnough, random, pace }: Pressing, hospital: Hospital): Promise<void> {
  const rareAt = rareIn(random);
  const { answered, wrong } = hospital;
  let pressed = 0;
  let answeredAt = pace.now();
  let initial: string | undefined;
  const isGone = (): boolean => pace.now() - answeredAt > UNANSWERED_MS;

  /** @returns `undefined` only where nobody has answered anything for long: what was asked is lost then. */
  async function untilAnswered<Answer>(what: string, ask: () => Promise<Answer | undefined>): Promise<Answer | undefined> {
    while (!isGone()) {
      const answer = await ask();
      if (answer !== undefined) {
        answeredAt = pace.now();
        return answer;
      }
      await pace.delay(AGAIN_MS);
    }
    wrong.lost.push(`${what} was never answered`);
    return undefined;
  }

  async function presser(): Promise<void> {
    while (pressed < reports && !isEnough() && !isGone()) {
      const rare = rareAt(pressed);
      pressed += 1;
      await keepPace(side, answered.size, pace);
      const pressId = `press-${createId('prs')}`;
      const { what, chainId } = whatOf(rare, initial);
      const answer = await untilAnswered(
        `press ${pressId}`,
        async () => (await press(side.gateway, side.balancer.url, pressId, what)).answer,
      );
      if (answer === undefined) return;
      const { reportId, number } = answer;
      answered.set(pressId, { reportId, number, ...(chainId === undefined ? {} : { chainId }) });
      const earlier = initial;
      if (rare === undefined) initial = reportId;
      if (random() < CALLED)
        await untilAnswered(`a call about ${reportId}`, callAbout(side, hospital, reportId, what.facility ?? FACILITY));
      if (rare === 'attachment') await untilAnswered(`an attachment of ${reportId}`, attachTo(side, hospital, reportId));
      if (rare === 'township') await untilAnswered(`an attestation of ${reportId}`, handOver(side, hospital, answer));
      if (earlier !== undefined && random() < ASKED) await untilAnswered(`how ${earlier} stands`, () => look(side, hospital, earlier));
    }
  }
  await Promise.all(Array.from({ length: pressers }, presser));
  if (isGone()) wrong.lost.push(`nothing was answered for ${UNANSWERED_MS / 1000} s`);
}

/** @returns what is rare about the press of this index, if anything. */
function rareIn(random: () => number): (index: number) => Rare | undefined {
  const places = Array.from({ length: ROUND }, (_, place) => ({ place, at: random() })).toSorted((a, b) => a.at - b.at);
  const rareOf = new Map(RARE.map((rare, turn) => [places[turn]?.place, rare]));
  return (index) => rareOf.get(index % ROUND);
}

/** @param initial the first report of a case that may go on; where there is none yet, a case begins. */
function whatOf(rare: Rare | undefined, initial: string | undefined): { what: PressWhat; chainId?: string } {
  if (rare === 'township') return { what: { facility: TOWNSHIP } };
  if (rare === undefined || rare === 'attachment' || initial === undefined) return { what: {} };
  const chain = rare === 'follow-up' ? { id: initial } : { id: initial, replaces: initial };
  const reason = rare === 'error-notice' ? { errorReason: 'wrong-patient' } : {};
  return { what: { report: { kind: rare, chain, ...reason } }, chainId: initial };
}

/** Taken, or refused for what no repeat mends: then it is missing in the end. */
const isAnswered = (status: number | undefined): true | undefined => (status !== undefined && status < 500 ? true : undefined);

function callAbout({ gateway, balancer }: Side, { calls }: Hospital, reportId: string, facility: string): () => Promise<true | undefined> {
  const call = { callId: createId('cal'), reportId, facility, at: isoNow(gateway.clock) };
  return async () => {
    const done = isAnswered(await logCall(gateway, balancer.url, call));
    if (done) calls.add(call.callId);
    return done;
  };
}

function attachTo({ gateway, balancer }: Side, { attachments }: Hospital, reportId: string): () => Promise<true | undefined> {
  const attached = { attachmentId: createId('att'), reportId, bytes: randomBytes(ATTACHMENT_BYTES) };
  const sha256 = createHash('sha256').update(attached.bytes).digest('hex');
  return async () => {
    const done = isAnswered(await attach(gateway, balancer.url, attached));
    if (done) attachments.set(attached.attachmentId, { reportId, sha256 });
    return done;
  };
}

/** The station of a township has no system: somebody drives there, and says so. */
function handOver({ gateway, balancer }: Side, { attested }: Hospital, { deliveries }: ReportAnswer): () => Promise<true | undefined> {
  const deliveryId = deliveries.find(({ recipient }) => recipient.party === STATION)?.deliveryId ?? 'none';
  const handover = { deliveryId, facility: TOWNSHIP, at: isoNow(gateway.clock) };
  attested.set(deliveryId, systemClock.now());
  return async () => isAnswered(await attest(gateway, balancer.url, handover));
}

const TOO_MANY = 429;
const RANKS = ['open', 'attested', 'stored', 'accepted'];
const HEADLINES = ['submitted', 'attested', 'stored', 'accepted'];

/** Keeps what the relay says to whoever asks, with the instant of the answer. @returns `undefined` where it is to be asked again. */
async function look({ gateway, balancer }: Side, { seen, wrong }: Hospital, reportId: string): Promise<true | undefined> {
  const { status = 0, answer } = await lookUp(gateway, balancer.url, reportId);
  if (answer === undefined) {
    if (status < 400 || status === TOO_MANY || status >= 500) return undefined;
    wrong.lost.push(`report ${reportId} was answered for, and is shown to nobody: ${status}`);
    return true;
  }
  const atMs = systemClock.now();
  for (const { deliveryId, state } of answer.lines) seen.push({ deliveryId, state, atMs });
  if (!isHeadlineTrue(answer)) wrong.false.push(`${reportId} has the headline ${answer.headline}`);
  return true;
}

/** The one headline says what the farthest line of the police under it says; a word this driver does not know it cannot call true. */
function isHeadlineTrue({ headline, lines }: StatusAnswer): boolean {
  const ranks = lines.filter(({ recipient }) => recipient.kind === 'police').map(({ state }) => RANKS.indexOf(state));
  const rank = HEADLINES.indexOf(headline);
  return rank >= 0 && !ranks.includes(-1) && rank === Math.max(...ranks);
}

async function keepPace({ agencies }: Side, answered: number, pace: Pace): Promise<void> {
  const until = pace.now() + AHEAD_MS;
  const ahead = (): number => answered * agencies.length - agencies.reduce((sum, { truth }) => sum + truth.stored.size, 0);
  while (ahead() > AHEAD && pace.now() < until) await pace.delay(100);
}
