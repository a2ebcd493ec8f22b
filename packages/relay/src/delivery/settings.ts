import { ZhidaError } from '@zhida/core';

/** How the relay delivers. Units last; every duration may be a fraction. */
export interface DeliverySettings {
  /** Waits after the first, second … attempt that brought no receipt. */
  readonly ladderSeconds: readonly number[];
  /** The wait after the ladder's end, for ever: nothing gives up. */
  readonly thenEverySeconds: number;
  /** The largest part of a wait that is added by chance, so that agencies coming back are not hit at one instant. */
  readonly jitterRatio: number;
  readonly attemptTimeoutMs: number;
  readonly leaseMs: number;
  /** What an attempt may take besides its HTTP time-out: opening, signing, encrypting, writing down. */
  readonly leaseMarginMs: number;
  readonly sweepEveryMs: number;
  /** Deliveries the sweep wakes for one recipient; each goes on with what is due there next. */
  readonly sweepPerEndpoint: number;
  /** Attempts running at once in this process; several times that of one endpoint, so that some that hang leave room. */
  readonly concurrency: number;
  /** Attempts under way at one endpoint, in all processes together, where its policy names no other number. */
  readonly endpointConcurrency: number;
  /** Attempts that may begin at one endpoint in one second, where its policy names no other number. */
  readonly endpointPerSecond: number;
  /** Failures of an endpoint in a row after which its breaker opens. */
  readonly breakerAfter: number;
  /** From one probe to the next while a breaker is open. */
  readonly breakerPauseMs: number;
  /** A delivery due for so long that the queue evidently does not wake it; the sweep then runs it in this process. */
  readonly overdueAfterMs: number;
  /** A queue that does not take a job in this time counts as away. */
  readonly queueTimeoutMs: number;
}

export const DELIVERY_DEFAULTS: DeliverySettings = {
  ladderSeconds: [5, 15, 30, 60, 120, 300, 600, 1800],
  thenEverySeconds: 3600,
  jitterRatio: 0.1,
  attemptTimeoutMs: 15_000,
  leaseMs: 30_000,
  leaseMarginMs: 5_000,
  sweepEveryMs: 1_000,
  sweepPerEndpoint: 32,
  concurrency: 64,
  endpointConcurrency: 8,
  endpointPerSecond: 100,
  breakerAfter: 5,
  breakerPauseMs: 5_000,
  overdueAfterMs: 30_000,
  queueTimeoutMs: 2_000,
};

/**
 * Fills and bounds the settings once, at construction, so that no later code needs to doubt them.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the first setting out of bounds. A lease no longer than the HTTP
 * time-out would let two workers send at once, so that is refused here and not found out at night.
 */
export function resolveDelivery(options: Partial<DeliverySettings> = {}): DeliverySettings {
  const settings = { ...DELIVERY_DEFAULTS, ...options };
  for (const [name, value] of Object.entries(settings)) {
    const positive = (number: unknown): boolean => typeof number === 'number' && Number.isFinite(number) && number > 0;
    const good = Array.isArray(value) ? value.length > 0 && value.every(positive) : positive(value) || name === 'jitterRatio';
    if (!good) throw refused(name, 'must be a positive number');
  }
  if (!(settings.jitterRatio >= 0 && settings.jitterRatio <= 0.1)) throw refused('jitterRatio', 'must lie between 0 and 0.1');
  for (const name of ['sweepPerEndpoint', 'concurrency', 'endpointConcurrency', 'breakerAfter'] as const) {
    if (!Number.isInteger(settings[name])) throw refused(name, 'must be a whole number');
  }
  if (settings.leaseMs < settings.attemptTimeoutMs + settings.leaseMarginMs) {
    throw refused('leaseMs', 'must be at least attemptTimeoutMs + leaseMarginMs');
  }
  return settings;
}

/** Every duration divided by `divisor`: the fault tests run the very same ladder, faster. */
export function dividedBy(settings: DeliverySettings, divisor: number): DeliverySettings {
  return {
    ...settings,
    ladderSeconds: settings.ladderSeconds.map((seconds) => seconds / divisor),
    thenEverySeconds: settings.thenEverySeconds / divisor,
    attemptTimeoutMs: settings.attemptTimeoutMs / divisor,
    leaseMs: settings.leaseMs / divisor,
    leaseMarginMs: settings.leaseMarginMs / divisor,
    sweepEveryMs: settings.sweepEveryMs / divisor,
    overdueAfterMs: settings.overdueAfterMs / divisor,
    queueTimeoutMs: settings.queueTimeoutMs / divisor,
    breakerPauseMs: settings.breakerPauseMs / divisor,
  };
}

function refused(name: string, why: string): ZhidaError {
  return new ZhidaError('ZD_ERR_OPTION_INVALID', `delivery.${name} ${why}`, { at: `delivery.${name}` });
}
