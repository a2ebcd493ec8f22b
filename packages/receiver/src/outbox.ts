import { type Clock, ZhidaError } from '@zhida/core';
import type { KeyDirectory } from '@zhida/signing';
import type { DueMessage, Inbox } from './inbox.js';
import type { ReceiverLogger } from './logger.js';
import type { Vault } from './vault.js';

/** How signed statements reach the relay. Durations are data, so that a test can run the whole ladder. */
export interface OutboxSettings {
  /** Seconds to wait after the first, second … failed attempt. */
  readonly ladderSeconds: readonly number[];
  /** Seconds between attempts after the ladder: for ever, because nothing gives up. */
  readonly thenEverySeconds: number;
  readonly attemptTimeoutMs: number;
  /** How often a running receiver looks for what is due. */
  readonly sweepEveryMs: number;
  /** Messages sent to one relay in one sweep. */
  readonly batch: number;
}

export const OUTBOX_DEFAULTS: OutboxSettings = {
  ladderSeconds: [5, 15, 30, 60, 120, 300, 600, 1800],
  thenEverySeconds: 3600,
  attemptTimeoutMs: 10_000,
  sweepEveryMs: 1000,
  batch: 50,
};

const PATHS = { receipt: '/v1/agency/receipts', feedback: '/v1/agency/feedback', opening: '/v1/agency/openings' } as const;

export interface OutboxDeps {
  readonly keys: KeyDirectory;
  readonly inbox: Inbox;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly logger: ReceiverLogger;
  readonly fetch: typeof globalThis.fetch;
  readonly settings: OutboxSettings;
}

/** What one sweep did. */
export interface FlushResult {
  readonly sent: number;
  readonly failed: number;
}

/** Fills and checks the settings once, at start. @throws ZhidaError `ZD_ERR_OPTION_INVALID`. */
export function resolveOutbox(given: Partial<OutboxSettings> = {}): OutboxSettings {
  const settings = { ...OUTBOX_DEFAULTS, ...given };
  const numbers = [...settings.ladderSeconds, settings.thenEverySeconds, settings.attemptTimeoutMs, settings.sweepEveryMs, settings.batch];
  if (numbers.some((value) => !(value > 0))) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'every duration and limit of the outbox must be above zero', { at: 'outbox' });
  }
  return settings;
}

/** Seconds from a failed attempt to the next: `attempts` is how many failed before this one. */
function delaySeconds(settings: OutboxSettings, attempts: number): number {
  return settings.ladderSeconds[attempts] ?? settings.thenEverySeconds;
}

/** Statements on their way to one relay at once: each waits for a commit there, and after an hour away there are many. */
const LANES = 4;

/**
 * Sends what is due, once. A relay that is away costs time, never a receipt: only an answer 200 ends a message, and the
 * relay counts the same statement once however often it comes.
 */
export async function flushOutbox(deps: OutboxDeps): Promise<FlushResult> {
  const byRelay = new Map<string, DueMessage[]>();
  for (const message of await deps.inbox.due(deps.clock.now(), deps.settings.batch)) {
    const others = byRelay.get(message.relay);
    if (others === undefined) byRelay.set(message.relay, [message]);
    else others.push(message);
  }
  const results = await Promise.all([...byRelay.values()].map(async (messages) => flushTo(deps, messages)));
  const sum = (of: keyof FlushResult): number => results.reduce((total, result) => total + result[of], 0);
  return { sent: sum('sent'), failed: sum('failed') };
}

/** The first goes alone. One time-out says enough about a relay: the rest of its messages keep their turn for the next sweep. */
async function flushTo(deps: OutboxDeps, waiting: DueMessage[]): Promise<FlushResult> {
  let sent = 0;
  let failed = 0;
  let away = false;
  async function sendNext(): Promise<void> {
    const message = away ? undefined : waiting.shift();
    if (message === undefined) return;
    const outcome = await send(deps, message);
    if (outcome === 'taken') sent += 1;
    else failed += 1;
    away ||= outcome === 'unreachable';
  }
  async function lane(): Promise<void> {
    while (!away && waiting.length > 0) await sendNext();
  }
  await sendNext();
  await Promise.all(Array.from({ length: LANES }, lane));
  return { sent, failed };
}

async function send(deps: OutboxDeps, message: DueMessage): Promise<string> {
  const { inbox, clock, settings, logger } = deps;
  const outcome = await post(deps, message);
  if (outcome === 'taken') {
    await inbox.sent(message.id, clock.now());
    return outcome;
  }
  await inbox.postponed(message.id, clock.now() + delaySeconds(settings, message.attempts) * 1000);
  const about = { messageId: message.id, deliveryId: message.deliveryId, attempts: message.attempts + 1, outcome };
  if (outcome === 'unreadable') logger.error(about, 'a statement of ours cannot be opened');
  else logger.warn(about, 'statement not taken');
  return outcome;
}

/** `taken`, or in one word why not. */
async function post(deps: OutboxDeps, message: DueMessage): Promise<string> {
  const relay = deps.keys.trusted.party(message.relay);
  // An unpinned relay holds its messages; a trust file brings them on their way again.
  if (relay === undefined) return 'relay-not-pinned';
  let jws: string;
  try {
    jws = new TextDecoder().decode(deps.vault.open(message.wrappedKey, message.deliveryId, 'outbox', message.sealedJws));
  } catch {
    // One that this key does not open must not keep those behind it; it comes again, for the day the right key is back.
    return 'unreadable';
  }
  try {
    const response = await deps.fetch(relay.baseUrl + PATHS[message.kind], {
      method: 'POST',
      headers: { 'content-type': 'application/jose' },
      body: jws,
      // A redirect would carry a statement to an address nobody pinned.
      redirect: 'manual',
      signal: AbortSignal.timeout(deps.settings.attemptTimeoutMs),
    });
    await response.body?.cancel();
    return response.status === 200 ? 'taken' : `status-${response.status}`;
  } catch {
    return 'unreachable';
  }
}
