import type { Sequencer } from '@zhida/audit-log/postgres';
import { aboutError, checkExercises, ZhidaError, asPortTaken, yearsNotKnown } from '@zhida/core';
import { assertDurable, migrate } from '@zhida/database';
import { formatReportNumber } from '@zhida/report';
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.js';
import type { WakeUpRequest } from './delivery/queue.js';
import { type DeliverySettings, resolveDelivery } from './delivery/settings.js';
import { startSweep } from './delivery/sweep.js';
import { NO_CALENDAR } from './escalation/ladder.js';
import { type EscalationSweep, escalationSweeper } from './escalation/sweep.js';
import { forwardOnce } from './forward/send.js';
import { createAdmission } from './intake/admission.js';
import type { IntakeContext } from './intake/accept.js';
import { createReportWriter } from './intake/write-together.js';
import { facilitiesKnown } from './ledger/due.js';
import { createLedger, type Ledger } from './ledger/ledger.js';
import { relayMigrations } from './migrations.js';
import type { RelayOptions } from './options.js';
import { channelsOf, type Parts, partsOf } from './parts.js';
import type { RouteContext } from './routes/context.js';
import { checkProfile } from './routing/check-profile.js';
import type { Priority } from './schema.js';
import { drain, roadSweepersOf, sweeperOf } from './sweeper.js';

/** A running relay: HTTP, sweep, worker and the audit log's sequencer. */
export interface Relay {
  readonly app: FastifyInstance;
  readonly ledger: Ledger;
  readonly sequencer: Sequencer;
  /** Checks the database, listens, and begins to deliver. */
  start(): Promise<void>;
  /** Stops listening, lets attempts under way end, and closes the queue. The database stays the caller's. */
  stop(): Promise<void>;
  /** One look at the roads and at the ledger; @returns how many deliveries were due. */
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
  checkChannels(options);
  checkProfile(options);
  const parts = partsOf(options, settings);
  const { log, queue, events, sequencer, ledger } = parts;
  await migrate(options.database.pool, relayMigrations, { namespace: 'relay' });
  const app = await createApp(routeContextOf(parts), log);
  const sweep = sweeperOf(parts);
  const roads = roadSweepersOf(parts);
  const escalate = escalationOf(parts);
  let sweepers: readonly { stop(): Promise<void> }[] = [];

  async function stop(): Promise<void> {
    Object.assign(parts.state, { running: false, stopping: true });
    await Promise.all(sweepers.map((sweeper) => sweeper.stop()));
    sweepers = [];
    await stopParts(app, parts);
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
        throw asPortTaken(error) ?? error;
      }
      sayWhatCalendarLacks(parts);
      sweepers = startSweeps(parts, { sweep, roads, escalate });
    },
    stop,
    async sweepOnce() {
      for (const look of roads) await look();
      return sweep();
    },
    escalateOnce: escalate,
    forwardOnce: () => forwardOnce(parts),
    drain: () => drain(parts),
  };
}

/** Until somebody adds the year, its deadlines are counted by weekends and the fixed days off alone. */
function sayWhatCalendarLacks({ options, ledger, log }: Parts): void {
  const years = yearsNotKnown(ledger.clock.now(), options.escalation?.calendar ?? NO_CALENDAR);
  if (years.length > 0) log.warn({ years }, 'the legal calendar lacks years that are near; their deadlines are counted without holidays');
}

interface Looks {
  readonly sweep: () => Promise<number>;
  readonly roads: readonly (() => Promise<void>)[];
  readonly escalate: () => Promise<EscalationSweep>;
}

/** Each by itself: a mail server, a file share or an agency of another relay that hangs delays no report. */
function startSweeps(parts: Parts, { sweep, roads, escalate }: Looks): readonly { stop(): Promise<void> }[] {
  const { log, metrics, settings } = parts;
  const every = (look: () => Promise<unknown>, failed: string) =>
    startSweep(settings.sweepEveryMs, () => look().catch((error: unknown) => log.error(aboutError(error), failed)));
  const counted = (): Promise<number> =>
    sweep().catch((error: unknown) => {
      metrics.sweep.failures += 1;
      throw error;
    });
  return [
    every(counted, 'a sweep failed; the next one tries again'),
    ...roads.map((look) => every(look, 'what is beside the deliveries could not be looked at')),
    every(escalate, 'the escalation could not be looked at; the next sweep tries again'),
    every(() => forwardOnce(parts), 'what is carried for others could not be looked at'),
  ];
}

async function stopParts(app: FastifyInstance, { underWay, state, here, queue, events, sequencer, egress }: Parts): Promise<void> {
  await app.close();
  // Each is written down as unknown and sent again with its id; an agency that is silent must not hold up the stop.
  for (const attempt of underWay) attempt.abort('stopped');
  await Promise.all(state.working);
  await here.stop();
  await queue.stop();
  await events.stop();
  await sequencer.stop();
  egress.close();
}

function ladderOf({ profile }: RelayOptions): Partial<DeliverySettings> {
  const { ladderSeconds, thenEverySeconds } = profile;
  return { ...(ladderSeconds === undefined ? {} : { ladderSeconds }), ...(thenEverySeconds === undefined ? {} : { thenEverySeconds }) };
}

function checkOptions({ keys, mode, facilityCodes, profile, exercises = [], pressesUnderWayMax = 1 }: RelayOptions): void {
  const refuse = (at: string, why: string): never => {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', why, { at });
  };
  if (keys.role !== 'relay') refuse('keys', 'a relay needs the keys of a relay');
  if (keys.mode !== mode) throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'the keys are of the other mode', { at: 'keys' });
  if (facilityCodes.length === 0) refuse('facilityCodes', 'a relay serves at least one facility');
  if (!Number.isInteger(pressesUnderWayMax) || pressesUnderWayMax < 1) refuse('pressesUnderWayMax', 'a relay works on at least one press');
  checkExercises(exercises);
  if (mode === 'test' && exercises.length > 0) refuse('exercises', 'an exercise goes over the lines of production');
  // All of these are found out here, because a press must never fail for them.
  const unindexed = facilityCodes.findIndex((code) => profile.hospitalIndex[code] === undefined);
  if (unindexed >= 0) refuse(`facilityCodes[${unindexed}]`, 'the profile has no hospital index for this facility');
  const indexes = facilityCodes.map((code) => profile.hospitalIndex[code] ?? 0);
  const shared = indexes.findIndex((index, at) => indexes.indexOf(index) < at);
  if (shared >= 0) refuse(`facilityCodes[${shared}]`, 'another facility has this hospital index: both would give the same numbers');
  for (const hospitalIndex of indexes)
    formatReportNumber({ regionCode: profile.regionCode, date: { year: 2026, month: 1, day: 1 }, hospitalIndex, serial: 1 });
}

/** Notices are queued by the channel's name: two of one name would undo the alarm they are queued with (INV-7). */
function checkChannels({ escalation }: RelayOptions): void {
  const names = escalation?.channels?.map(({ name }) => name) ?? [];
  const again = names.findIndex((name, at) => names.indexOf(name) < at);
  if (again < 0) return;
  throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'another channel has this name', { at: `escalation.channels[${again}].name` });
}

const PRESSES_UNDER_WAY_MAX = 256;
const ATTACHMENT_BYTES_MAX = 20 * 1024 * 1024;

function routeContextOf(parts: Parts): RouteContext {
  const { options, ledger, events, log, metrics, queue, here } = parts;
  const { keys, facilityCodes, mode, profile, addressTable, exercises = [] } = options;
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
  const intake: IntakeContext = { ledger, profile, addressTable, mode, exercises, writer: createReportWriter(), log, committed };
  const { attachmentBytesMax = ATTACHMENT_BYTES_MAX, escalation: { calendar = NO_CALENDAR } = {} } = options;
  const { shares, post } = parts;
  const { clock } = ledger;
  const admission = createAdmission(options.pressesUnderWayMax ?? PRESSES_UNDER_WAY_MAX, () => {
    metrics.intake.busy += 1;
  });
  return { ledger, intake, admission, keys, clock, facilityCodes, mode, metrics, events, shares, attachmentBytesMax, calendar, post };
}

const REPEAT_MINUTES = 10;

function escalationOf({ options, ledger, log }: Parts): () => Promise<EscalationSweep> {
  const { fallbackContact, upperContact, repeatMinutes = REPEAT_MINUTES, locale = 'zh-CN' } = options.escalation ?? {};
  const channels = channelsOf(options, log);
  const deps = { ledger, channels, fallbackContact, upperContact, repeatMs: repeatMinutes * 60_000, locale, mode: options.mode, log };
  const { facilityCodes } = options;
  // What a facility has sent is escalated also after it was taken out of the configuration.
  return escalationSweeper(deps, async () => [...new Set([...facilityCodes, ...(await facilitiesKnown(ledger))])]);
}
