import { dayRoot } from '@zhida/audit-log';
import {
  type Clock,
  DEFAULT_ZONE,
  formatPartialDate,
  type Json,
  localDate,
  problemOf,
  systemClock,
  ZhidaError,
  zoneOffsetMs,
  isRecord,
} from '@zhida/core';
import { EXCHANGE_IDS_MAX, type ExchangeClaims, type KeyDirectory, signExchange, verifyExchange } from '@zhida/signing';
import type { Inbox } from './inbox.js';
import { type ReceiverLogger, silentLogger } from './logger.js';
import { createRounds, type Rounds } from './rounds.js';

export interface ExchangerOptions {
  readonly inbox: Inbox;
  readonly keys: KeyDirectory;
  /** The relay to compare with; its address is that of its trust file. */
  readonly relay: string;
  readonly clock?: Clock;
  readonly fetch?: typeof globalThis.fetch;
  readonly logger?: ReceiverLogger;
  /** @defaultValue 600 000 */
  readonly everyMs?: number;
}

/** How one day stands between this agency and a relay. */
export interface ExchangedDay {
  readonly day: string;
  readonly count: number;
  /** `unanswered`: the relay was not reached, or is behind a gate and its answer has not come by file yet. */
  readonly outcome: 'agrees' | 'differs' | 'unanswered';
}

/** The daily exchange with one relay. */
export interface Exchanger extends Rounds {
  /** Tells the relay of each of the last days that is not agreed yet; @returns how each stands. */
  exchangeOnce(): Promise<readonly ExchangedDay[]>;
  /**
   * Takes the relay's own word of a day where it comes by another way than the answer, such as a file.
   *
   * @throws ZhidaError as `verifyExchange` does; `ZD_ERR_PARTY_UNKNOWN` where it is another relay's.
   */
  takeAnswer(jws: string): Promise<ExchangedDay>;
}

/** A day is told once what was late has had time to come. */
const AFTER_MIDNIGHT_MS = 4 * 3_600_000;
const DAY_MS = 86_400_000;
/** A day that is not agreed is told again after this. */
const AGAIN_MS = 3_600_000;
/** Days looked back, for an agency that was away. */
const DAYS_BACK = 7;
const TIMEOUT_MS = 30_000;

/**
 * Tells a relay each day how many receipts this agency has signed for its deliveries, and the Merkle root over them; the relay answers
 * with its own word, signed. A difference is logged here, called out there, and asked about again until it is gone.
 */
export function createExchanger(options: ExchangerOptions): Exchanger {
  const { clock = systemClock, logger = silentLogger, relay, everyMs = 600_000 } = options;
  /** When a day is told next; never again once it is agreed. */
  const nextMs = new Map<string, number>();

  /** What was told last of a day: as long as it holds it is told in the same bytes, so that a gate that stands still piles nothing up. */
  const told = new Map<string, ExchangeClaims>();

  async function exchangeDay(startMs: number): Promise<ExchangedDay> {
    const word = await wordOf(options, clock, startMs);
    const before = told.get(word.day);
    const claims = before !== undefined && isSameWord(before, word) ? before : word;
    told.set(claims.day, claims);
    const outcome = await tell(options, claims).catch((error: unknown) => {
      logger.warn({ day: claims.day, relay, code: problemOf(error).code }, 'a day could not be exchanged');
      return 'unanswered' as const;
    });
    return settle(claims, outcome);
  }

  function settle({ day, count }: ExchangeClaims, outcome: ExchangedDay['outcome']): ExchangedDay {
    nextMs.set(day, outcome === 'agrees' ? Number.POSITIVE_INFINITY : clock.now() + AGAIN_MS);
    if (outcome === 'differs') logger.error({ day, relay, count }, 'the relay says something else of this day');
    return { day, count, outcome };
  }

  async function takeAnswer(jws: string): Promise<ExchangedDay> {
    const own = await verifyExchange(jws, { trusted: options.keys.trusted });
    if (own.iss !== relay) throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'this is the word of another relay', { at: 'iss' });
    const claims = await wordOf(options, clock, startOfDay(Date.parse(`${own.day}T12:00:00Z`)));
    return settle(claims, isSameWord(own, claims) ? 'agrees' : 'differs');
  }

  async function exchangeOnce(): Promise<readonly ExchangedDay[]> {
    const days: ExchangedDay[] = [];
    for (const startMs of closedDays(clock.now()))
      if ((nextMs.get(dayText(startMs)) ?? 0) <= clock.now()) days.push(await exchangeDay(startMs));
    return days;
  }

  const failed = (error: unknown): void => logger.error({ code: problemOf(error).code }, 'the days could not be read');
  return { exchangeOnce, takeAnswer, ...createRounds({ run: exchangeOnce, everyMs, failed }) };
}

/** Beginnings of the days that are over for long enough, the oldest first. */
function closedDays(nowMs: number): number[] {
  const latest = startOfDay(nowMs - AFTER_MIDNIGHT_MS) - DAY_MS;
  return Array.from({ length: DAYS_BACK }, (_, back) => latest - (DAYS_BACK - 1 - back) * DAY_MS);
}

function startOfDay(instantMs: number): number {
  const offset = zoneOffsetMs(instantMs, DEFAULT_ZONE);
  return Math.floor((instantMs + offset) / DAY_MS) * DAY_MS - offset;
}

function dayText(startMs: number): string {
  return formatPartialDate(localDate(startMs, DEFAULT_ZONE));
}

async function wordOf({ inbox, keys, relay }: ExchangerOptions, clock: Clock, startMs: number): Promise<ExchangeClaims> {
  const receipts = await inbox.receiptsBetween(relay, startMs, startMs + DAY_MS);
  return {
    v: '1',
    mode: keys.mode,
    iss: keys.party,
    aud: relay,
    day: dayText(startMs),
    ...dayRoot(receipts),
    receiptIds: receipts.length > EXCHANGE_IDS_MAX ? [] : receipts.map(({ receiptId }) => receiptId).toSorted(),
    at: new Date(clock.now()).toISOString(),
  };
}

async function tell({ keys, relay, fetch = globalThis.fetch }: ExchangerOptions, claims: ExchangeClaims): Promise<ExchangedDay['outcome']> {
  const pinned = keys.trusted.party(relay);
  if (pinned === undefined) throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'the relay is not pinned here', { at: 'relay' });
  const response = await fetch(`${pinned.baseUrl}/v1/agency/exchanges`, {
    method: 'POST',
    headers: { 'content-type': 'application/jose' },
    body: await signExchange(claims, keys),
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_HTTP', 'the relay is not reached', { at: 'relay', cause });
  });
  const text = await response.text();
  if (response.status !== 200) throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not take the day', { at: 'status' });
  const answer = text === '' ? null : (JSON.parse(text) as Json);
  const statement = isRecord(answer) ? answer['statement'] : undefined;
  if (typeof statement !== 'string') return 'unanswered';
  const own = await verifyExchange(statement, { trusted: keys.trusted });
  if (own.iss !== relay || own.day !== claims.day) throw new ZhidaError('ZD_ERR_HTTP', 'the relay spoke of another day', { at: 'day' });
  return isSameWord(own, claims) ? 'agrees' : 'differs';
}

function isSameWord(one: ExchangeClaims, other: ExchangeClaims): boolean {
  return one.count === other.count && one.root === other.root;
}
