import { join } from 'node:path';
import { auditOrigin } from '@zhida/audit-log';
import { createSequencer, type Sequencer } from '@zhida/audit-log/postgres';
import { systemClock, ZhidaError } from '@zhida/core';
import { assertDurable, migrate } from '@zhida/database';
import { isReleaseKind } from '@zhida/report';
import { createSealer } from '@zhida/signing';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { createApp } from './app.js';
import { deliver, type DeliverContext } from './delivery/deliver.js';
import { createEgress, type Egress, type Post } from './delivery/egress.js';
import { createInProcessWorker, type InProcessWorker, type Work } from './delivery/in-process.js';
import { resolveLimits } from './delivery/limits.js';
import { createQueue, type WakeUpQueue, type WakeUpRequest } from './delivery/queue.js';
import { createQueueReport, type QueueReport } from './delivery/queue-report.js';
import { holdReleaser } from './delivery/release.js';
import { longestWaitMs } from './delivery/schedule.js';
import { type DeliverySettings, resolveDelivery } from './delivery/settings.js';
import { startSweep, sweepOnce } from './delivery/sweep.js';
import { createTurns } from './delivery/turns.js';
import { logChannel } from './escalation/channels/log.js';
import { escalationRules } from './escalation/rules.js';
import { type EscalationSweep, escalationSweeper } from './escalation/sweep.js';
import type { NoticeChannel } from './escalation/channel.js';
import { createEventHub, type EventHub } from './events/hub.js';
import { forwardOnce } from './forward/send.js';
import type { IntakeContext } from './intake/accept.js';
import { createReportWriter } from './intake/write-together.js';
import type { LedgerContext } from './ledger/context.js';
import { bringBack, dueDeliveries, facilitiesKnown } from './ledger/due.js';
import { createLedger, type Ledger } from './ledger/ledger.js';
import { pinParties } from './ledger/parties.js';
import { createLogger } from './logger.js';
import { createMetrics, type Metrics } from './metrics.js';
import { relayMigrations } from './migrations.js';
import type { RelayOptions } from './options.js';
import { roadsOf } from './roads/looks.js';
import { isKeptFrom, releaseRecipients } from './routing/route-report.js';
import type { RouteContext } from './routes/context.js';
import type { Priority } from './schema.js';

/** A running relay: HTTP, sweep, worker and the audit log's sequencer. */
export interface Relay {
  readonly app: FastifyInstance;
  readonly ledger: Ledger;
  readonly sequencer: Sequencer;
  /** Checks the database, listens, and begins to deliver. */
  start(): Promise<void>;
  /** Stops listening, lets attempts under way end, and closes the queue. The database stays the caller's. */
  stop(): Promise<void>;
  /** One look at the ledger; @returns how many deliveries were due. */
  sweepOnce(): Promise<number>;
  /** One look at the ladders of escalation, at what is held, and at the roster; sends what has to be told. */
  escalateOnce(): Promise<EscalationSweep>;
  /** Carries once what other relays and agencies have given to be forwarded; @returns how much arrived. */
  forwardOnce(): Promise<number>;
  /** Delivers in this process what is due now, until nothing is. */
  drain(): Promise<void>;
}

/**
 * Builds a relay over an open database and key directory.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` for an option out of bounds, `ZD_ERR_MODE_REFUSED` for keys of the other mode,
 * `ZD_ERR_KEY_MISSING` without a master key, `ZD_ERR_MIGRATION` if the tables cannot be made.
 */
export async function createRelay(options: RelayOptions): Promise<Relay> {
  const settings = resolveDelivery({ ...ladderOf(options), ...options.delivery });
  checkOptions(options);
  const parts = partsOf(options, settings);
  const { log, queue, here, events, sequencer, ledger, metrics } = parts;
  await migrate(options.database.pool, relayMigrations, { namespace: 'relay' });
  const app = await createApp(routeContextOf(parts), log);
  const sweep = sweeperOf(parts);
  const escalate = escalationOf(parts);
  let sweepers: readonly { stop(): Promise<void> }[] = [];

  async function sweepAndReport(): Promise<void> {
    try {
      await sweep();
    } catch (error) {
      metrics.sweep.failures += 1;
      log.error(nameOf(error), 'a sweep failed; the next one tries again');
    }
  }

  const carried = (error: unknown): void => log.error(nameOf(error), 'what is carried for others could not be looked at');
  const said = (error: unknown): void => log.error(nameOf(error), 'the escalation could not be looked at; the next sweep tries again');

  async function stop(): Promise<void> {
    Object.assign(parts.state, { running: false, stopping: true });
    await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
    sweepers = [];
    await app.close();
    // Each is written down as unknown and sent again with its id; an agency that is silent must not hold up the stop.
    for (const attempt of parts.underWay) attempt.abort('stopped');
    await Promise.all(parts.state.working);
    await here.stop();
    await queue.stop();
    await events.stop();
    await sequencer.stop();
    parts.egress.close();
  }

  return {
    app,
    ledger: createLedger(ledger),
    sequencer,
    async start() {
      try {
        await assertDurable(options.database.pool);
        await queue.start();
        Object.assign(parts.state, { running: true, stopping: false });
        events.start();
        sequencer.start();
        await app.listen({ host: options.listen.host, port: options.listen.port });
      } catch (error) {
        await stop();
        throw portTaken(error) ?? error;
      }
      const every = (look: () => Promise<unknown>) => startSweep(settings.sweepEveryMs, look);
      // Each by itself: a mail server or an agency of another relay that hangs delays no report.
      sweepers = [every(sweepAndReport), every(() => escalate().catch(said)), every(() => forwardOnce(parts).catch(carried))];
    },
    stop,
    sweepOnce: sweep,
    escalateOnce: escalate,
    forwardOnce: () => forwardOnce(parts),
    drain: () => drain(parts),
  };
}

/** Sweeps between two readings of the trust files. */
const SWEEPS_PER_TRUST_RELOAD = 5;

function portTaken(error: unknown): ZhidaError | undefined {
  if ((error as { code?: unknown }).code !== 'EADDRINUSE') return undefined;
  return new ZhidaError('ZD_ERR_PORT_TAKEN', 'another program listens on this port', { at: 'listen.port', cause: error });
}

function ladderOf({ profile }: RelayOptions): Partial<DeliverySettings> {
  const { ladderSeconds, thenEverySeconds } = profile;
  return { ...(ladderSeconds === undefined ? {} : { ladderSeconds }), ...(thenEverySeconds === undefined ? {} : { thenEverySeconds }) };
}

function checkOptions({ keys, mode, facilityCodes, profile }: RelayOptions): void {
  const refuse = (at: string, why: string): never => {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at });
  };
  if (keys.role !== 'relay') refuse('keys', 'a relay needs the keys of a relay');
  if (keys.mode !== mode) throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'the keys are of the other mode', { at: 'keys' });
  if (facilityCodes.length === 0) refuse('facilityCodes', 'a relay serves at least one facility');
  if (profile.recipients.every(({ view }) => isReleaseKind(view))) {
    refuse('profile.recipients', 'a report needs a recipient who does not wait for a release by another');
  }
  // Both are found out here, because a press must never fail for them.
  const twice = profile.recipients.findIndex(({ party }, index) => profile.recipients.findIndex((other) => other.party === party) < index);
  if (twice >= 0) refuse(`profile.recipients[${twice}]`, 'a party receives a report once');
  const unindexed = facilityCodes.findIndex((code) => profile.hospitalIndex[code] === undefined);
  if (unindexed >= 0) refuse(`facilityCodes[${unindexed}]`, 'the profile has no hospital index for this facility');
}

interface RunState {
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
interface Parts {
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
  readonly state: RunState;
  readonly egress: Egress;
  readonly post: Post;
  readonly random: () => number;
}

function partsOf(options: RelayOptions, settings: DeliverySettings): Parts {
  const { database } = options;
  const log = options.logger ?? createLogger();
  const clock = options.clock ?? systemClock;
  const metrics = createMetrics();
  const events = createEventHub(database, log);
  const ledger = ledgerOf(options, settings, { clock, events, log });
  const underWay = new Set<AbortController>();
  const state: RunState = { running: false, stopping: false, working: new Set(), formerFacilities: [] };
  const egress = createEgress();
  const { post = egress.post, random = Math.random } = options;
  const delivering: DeliverContext = {
    ledger,
    settings,
    post,
    random,
    underWay,
    log,
    metrics,
    turns: createTurns(ledger, () => [...options.facilityCodes, ...state.formerFacilities]),
    stopping: () => state.stopping,
  };
  const attempt: Work = async (deliveryId, strays) => {
    try {
      await deliver(delivering, deliveryId, strays);
    } catch (error) {
      log.error({ deliveryId, ...nameOf(error) }, 'an attempt could not be made or written down; the sweep tries again');
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
  const onError = (error: unknown): void => queueReport.complains(nameOf(error));
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
    onError: (error) => log.error(nameOf(error), 'the audit log could not be written'),
    onRepair: ({ file, what }) => log.warn({ file, what }, 'a file of the audit log was put right'),
  });
}

const ATTACHMENT_BYTES_MAX = 20 * 1024 * 1024;

function routeContextOf(parts: Parts): RouteContext {
  const { options, ledger, events, log, metrics, queue, here } = parts;
  const { keys, facilityCodes, mode, profile } = options;
  const committed = (deliveries: readonly { deliveryId: string; priority: Priority }[]): void => {
    if (!parts.state.running) return;
    const requests = deliveries.map(({ deliveryId, priority }): WakeUpRequest => ({ deliveryId, priority, fence: 0, retry: false }));
    // Not waited for: the press is durable, and a queue that is away must not delay its answer.
    void queue
      .add(requests)
      .catch(() => requests)
      .then((left) => {
        for (const { deliveryId } of left) here.run(deliveryId);
      });
  };
  const intake: IntakeContext = { ledger, profile, addressTable: options.addressTable, mode, writer: createReportWriter(), log, committed };
  const { attachmentBytesMax = ATTACHMENT_BYTES_MAX } = options;
  return { ledger, intake, keys, clock: ledger.clock, facilityCodes, mode, metrics, events, attachmentBytesMax, post: parts.post };
}

/** The sweep of every second, and every few of them a look at the trust files: `zhida trust add` reaches a running relay. */
function sweeperOf({ options, settings, ledger, queue, queueReport, here, log, metrics, state }: Parts): () => Promise<number> {
  const { facilityCodes, keys } = options;
  let runs = 0;
  const releasing = holdReleaser(ledger, log);
  const roads = roadsOf(options, ledger, log);
  const deps = {
    ledger,
    tenants: async () => [...facilityCodes, ...state.formerFacilities],
    settings,
    queue,
    queueReport,
    runHere: (deliveryId: string) => here.run(deliveryId),
    releaseHolds: releasing,
    log,
    metrics,
  };
  async function readTrust(): Promise<void> {
    try {
      state.formerFacilities = (await facilitiesKnown(ledger)).filter((facility) => !facilityCodes.includes(facility));
      await keys.reload();
      for (const tenant of facilityCodes) await pinParties(tenant, ledger);
    } catch (error) {
      // Deliveries go on to the parties known before.
      log.error(nameOf(error), 'the trust files cannot be read or written down');
    }
  }
  async function bringBackAll(): Promise<void> {
    for (const tenant of await deps.tenants()) {
      const count = await bringBack(tenant, ledger, longestWaitMs(settings));
      if (count > 0) log.error({ count }, 'deliveries were put off by a clock that runs ahead; they are due now');
    }
  }
  return async () => {
    if (runs % SWEEPS_PER_TRUST_RELOAD === 0) {
      await readTrust();
      await bringBackAll();
    }
    runs += 1;
    for (const { what, look } of roads) await look().catch((error: unknown) => log.error(nameOf(error), `${what} cannot be looked at`));
    return sweepOnce(deps);
  };
}

const REPEAT_MINUTES = 10;

function channelsOf({ escalation }: RelayOptions, log: Logger): readonly NoticeChannel[] {
  return escalation?.channels ?? [logChannel(log)];
}

function escalationOf({ options, ledger, log }: Parts): () => Promise<EscalationSweep> {
  const { fallbackContact, upperContact, repeatMinutes = REPEAT_MINUTES, locale = 'zh-CN' } = options.escalation ?? {};
  const channels = channelsOf(options, log);
  const deps = { ledger, channels, fallbackContact, upperContact, repeatMs: repeatMinutes * 60_000, locale, mode: options.mode, log };
  const { facilityCodes } = options;
  // What a facility has sent is escalated also after it was taken out of the configuration.
  return escalationSweeper(deps, async () => [...new Set([...facilityCodes, ...(await facilitiesKnown(ledger))])]);
}

async function drain({ settings: { sweepPerEndpoint: perEndpoint, breakerPauseMs }, ledger, here }: Parts): Promise<void> {
  let before = '';
  for (;;) {
    // What a sweep has begun is not due any more, and not done either.
    await here.idle();
    const tenants = await facilitiesKnown(ledger);
    const due = await Promise.all(tenants.map(async (tenant) => dueDeliveries(tenant, ledger, { perEndpoint, breakerPauseMs })));
    const now = due
      .flat()
      .map(({ deliveryId, fence }) => `${deliveryId} ${fence}`)
      .join(',');
    // Nothing due, or nothing that moved: what cannot be claimed or held now is left to the sweep.
    if (now === before || now === '') return;
    before = now;
    for (const { deliveryId } of due.flat()) here.run(deliveryId);
  }
}

/** What may be said of a foreign error in a log: its message may quote a row. */
function nameOf(error: unknown): { error: string; code: string | undefined } {
  const code = (error as { code?: unknown } | undefined)?.code;
  return { error: error instanceof Error ? error.name : typeof error, code: typeof code === 'string' ? code : undefined };
}
