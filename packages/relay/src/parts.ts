import { join } from 'node:path';
import { auditOrigin } from '@zhida/audit-log';
import { createSequencer, type Sequencer } from '@zhida/audit-log/postgres';
import { aboutError, systemClock } from '@zhida/core';
import { createSealer } from '@zhida/signing';
import type { Logger } from 'pino';
import { deliver, type DeliverContext } from './delivery/deliver.js';
import { createEgress, type Egress, type Post } from './delivery/egress.js';
import { createInProcessWorker, type InProcessWorker, type Work } from './delivery/in-process.js';
import { resolveLimits } from './delivery/limits.js';
import { createQueue, type WakeUpQueue } from './delivery/queue.js';
import { createQueueReport, type QueueReport } from './delivery/queue-report.js';
import type { DeliverySettings } from './delivery/settings.js';
import { createTurns } from './delivery/turns.js';
import type { NoticeChannel } from './escalation/channel.js';
import { logChannel } from './escalation/channels/log.js';
import { escalationRules } from './escalation/rules.js';
import { createEventHub, type EventHub } from './events/hub.js';
import type { LedgerContext } from './ledger/context.js';
import { createLogger } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createShares, type Shares, sharesAtOnce } from './roads/shares.js';
import type { RelayOptions } from './options.js';
import { isKeptFrom, releaseRecipients } from './routing/route-report.js';

export interface RunState {
  /** Between `start` and `stop`; before and after, what is pressed waits in the ledger. */
  running: boolean;
  /** From `stop` on no attempt begins. */
  stopping: boolean;
  /** Attempts from their claim to their last written word. */
  readonly working: Set<Promise<unknown>>;
  /** Facilities that were taken out of the configuration; what they have sent is owed all the same. */
  formerFacilities: readonly string[];
}

/** What is running or can be started; `createRelay` only knits these together. */
export interface Parts {
  readonly options: RelayOptions;
  readonly settings: DeliverySettings;
  readonly log: Logger;
  readonly ledger: LedgerContext;
  readonly events: EventHub;
  readonly here: InProcessWorker;
  readonly underWay: Set<AbortController>;
  readonly queue: WakeUpQueue;
  readonly queueReport: QueueReport;
  readonly sequencer: Sequencer;
  readonly metrics: Metrics;
  readonly shares: Shares;
  readonly state: RunState;
  readonly egress: Egress;
  readonly post: Post;
  readonly random: () => number;
}

export function partsOf(options: RelayOptions, settings: DeliverySettings): Parts {
  const { database } = options;
  const log = options.logger ?? createLogger();
  const clock = options.clock ?? systemClock;
  const metrics = createMetrics();
  const events = createEventHub(database, log);
  const ledger = ledgerOf(options, settings, { clock, events, log });
  const underWay = new Set<AbortController>();
  const state: RunState = { running: false, stopping: false, working: new Set(), formerFacilities: [] };
  const egress = createEgress();
  const shares = createShares(settings.attemptTimeoutMs, log, sharesAtOnce(process.env['UV_THREADPOOL_SIZE']));
  const { post = egress.post, random = Math.random } = options;
  const delivering: DeliverContext = {
    ledger,
    settings,
    post,
    random,
    underWay,
    log,
    metrics,
    shares,
    turns: createTurns(ledger, () => [...options.facilityCodes, ...state.formerFacilities]),
    stopping: () => state.stopping,
  };
  const attempt: Work = async (deliveryId, strays) => {
    try {
      await deliver(delivering, deliveryId, strays);
    } catch (error) {
      log.error({ deliveryId, ...aboutError(error) }, 'an attempt could not be made or written down; the sweep tries again');
    }
  };
  const work: Work = async (deliveryId, strays) => {
    if (state.stopping) return;
    const done = attempt(deliveryId, strays).finally(() => state.working.delete(done));
    state.working.add(done);
    await done;
  };
  const here = createInProcessWorker(settings.concurrency, work);
  const queueReport = createQueueReport(log, clock);
  const onError = (error: unknown): void => queueReport.complains(aboutError(error));
  const queue = createQueue({ options: options.queue, settings, deliver: work, onError });
  return {
    options,
    settings,
    log,
    ledger,
    events,
    here,
    underWay,
    queue,
    queueReport,
    sequencer: sequencerOf(options, ledger, log),
    metrics,
    shares,
    state,
    egress,
    post,
    random,
  };
}

function ledgerOf(
  options: RelayOptions,
  settings: DeliverySettings,
  { clock, events, log }: Pick<LedgerContext, 'clock'> & { readonly events: EventHub; readonly log: Logger },
): LedgerContext {
  const { database, keys, profile } = options;
  const recipients = new Map(profile.recipients.map((recipient) => [recipient.party, recipient]));
  const recipientOf = (party: string) => recipients.get(party);
  return {
    db: database.db,
    clock,
    sealer: createSealer(keys.masterKey),
    keys,
    recipientOf,
    releaseRecipients: (facility, kind, conflicts) => releaseRecipients(kind, { profile, facility, conflicts }),
    isKeptFrom: (facility, party, conflicts) => isKeptFrom(party, { profile, facility, conflicts }),
    nameOf: (party) => recipientOf(party)?.name ?? { zh: party, en: party },
    escalation: escalationRules(
      profile,
      channelsOf(options, log).map(({ name }) => name),
      options.escalation?.calendar,
    ),
    changed: (reportId) => events.changed(reportId),
    limitsOf: resolveLimits(options, settings),
  };
}

function sequencerOf({ database, keys, dataDirectory }: RelayOptions, ledger: LedgerContext, log: Logger): Sequencer {
  const origin = auditOrigin(keys);
  return createSequencer({
    pool: database.pool,
    directory: join(dataDirectory, 'audit'),
    origin,
    signer: { name: origin, privateKey: keys.signingKey.privateKey },
    clock: ledger.clock,
    onError: (error) => log.error(aboutError(error), 'the audit log could not be written'),
    onRepair: ({ file, what }) => log.warn({ file, what }, 'a file of the audit log was put right'),
  });
}

/** Where alarms are told: the log at least. */
export function channelsOf({ escalation }: RelayOptions, log: Logger): readonly NoticeChannel[] {
  return escalation?.channels ?? [logChannel(log)];
}
