import { type Clock, problemOf, ZhidaError } from '@zhida/core';
import { type KeyDirectory, verifyExchange } from '@zhida/signing';
import { createExchanger, type Exchanger } from './exchange.js';
import type { Inbox } from './inbox.js';
import { type ReceiverLogger, silentLogger } from './logger.js';
import type { Receiver } from './receiver.js';
import { createFerry, ferryFetch } from './roads/ferry.js';
import { createPuller } from './roads/pull.js';
import { createRounds, type Rounds } from './rounds.js';

export interface RelayRoundsOptions {
  readonly receiver: Receiver;
  readonly inbox: Inbox;
  readonly keys: KeyDirectory;
  /** The relay whose inbox reports are fetched from; the others push. */
  readonly fetchFrom?: string | undefined;
  /** Directories of a one-way gate; with one, nothing else than files goes between this agency and its relays. */
  readonly ferry?: { readonly in: string; readonly out: string } | undefined;
  readonly clock?: Clock;
  readonly logger?: ReceiverLogger;
  /** @defaultValue the global fetch */
  readonly fetch?: typeof globalThis.fetch;
  /** Between two looks at the key directory. @defaultValue 5 000 */
  readonly lookEveryMs?: number;
}

/** What an agency does of its own accord with the relays it has pinned. */
export interface RelayRounds {
  /** Begins with the relays pinned now; those pinned later join within {@link RelayRoundsOptions.lookEveryMs}. */
  start(): void;
  /** Reads keys and trust files again and follows them; @returns the relays there are rounds with. */
  lookOnce(): Promise<readonly string[]>;
  /** Resolves when every round under way is over. */
  stop(): Promise<void>;
}

interface OfRelay {
  readonly exchanger: Exchanger;
  readonly rounds: readonly Rounds[];
}

/**
 * The daily exchange with each pinned relay, the fetching of attachments (and reports, from `fetchFrom`), and the ferry where there is
 * one. Own keys and trust files are read again every few seconds, so that a rotation or a new relay needs no restart.
 */
export function createRelayRounds(options: RelayRoundsOptions): RelayRounds {
  const { keys, ferry, logger = silentLogger, lookEveryMs = 5_000 } = options;
  const relays = new Map<string, OfRelay>();
  const gate = ferry === undefined ? undefined : createFerry({ ...optionsOf(options), ...ferry, exchanged });

  /** Hands a relay's own word of a day to the rounds with that relay. */
  async function exchanged(jws: string): Promise<void> {
    const { iss } = await verifyExchange(jws, { trusted: keys.trusted });
    const relay = relays.get(iss);
    if (relay === undefined) throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'nothing is exchanged with this relay', { at: 'iss' });
    await relay.exchanger.takeAnswer(jws);
  }

  async function lookOnce(): Promise<readonly string[]> {
    await keys.reload();
    const pinned = keys.trusted.all().flatMap(({ party, role }) => (role === 'relay' ? [party] : []));
    for (const [party, { rounds }] of relays) {
      if (pinned.includes(party)) continue;
      relays.delete(party);
      await Promise.all(rounds.map((round) => round.stop()));
    }
    for (const party of pinned) {
      if (relays.has(party)) continue;
      const added = roundsWith(options, party);
      relays.set(party, added);
      for (const round of added.rounds) round.start();
    }
    return [...relays.keys()];
  }

  // The parties known before stay, and so do their rounds.
  const failed = (error: unknown): void => logger.error({ code: problemOf(error).code }, 'keys or trust files cannot be read');
  const looks = createRounds({ run: lookOnce, everyMs: lookEveryMs, failed });
  return {
    start() {
      looks.start();
      gate?.start();
    },
    lookOnce,
    async stop() {
      await looks.stop();
      await gate?.stop();
      await Promise.all([...relays.values()].flatMap(({ rounds }) => rounds.map((round) => round.stop())));
    },
  };
}

/** Attachments are fetched from every relay that is pinned: they follow what was pushed. Behind a gate they come as files. */
function roundsWith(options: RelayRoundsOptions, relay: string): OfRelay {
  const { ferry, fetchFrom } = options;
  const common = { ...optionsOf(options), relay };
  const exchanger = createExchanger({ ...common, ...(ferry === undefined ? {} : { fetch: ferryFetch(ferry.out) }) });
  const fetches = relay === fetchFrom ? 'all' : 'attachments';
  const puller = ferry === undefined || relay === fetchFrom ? [createPuller({ ...common, fetches })] : [];
  return { exchanger, rounds: [exchanger, ...puller] };
}

function optionsOf({ receiver, inbox, keys, clock, logger, fetch }: RelayRoundsOptions) {
  return {
    receiver,
    inbox,
    keys,
    ...(clock === undefined ? {} : { clock }),
    ...(logger === undefined ? {} : { logger }),
    ...(fetch === undefined ? {} : { fetch }),
  };
}
