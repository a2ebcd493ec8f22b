import { ZhidaError } from '@zhida/core';

/** Durations and limits, all with a stated unit. */
export interface GatewaySettings {
  /** How long a press waits for the relay's 202 before the page is told `held`. */
  readonly relayAnswerMs: number;
  /** Pauses between attempts to hand a held press to the relay; the last one repeats for ever. */
  readonly outboxLadderMs: readonly number[];
  /** Pause between two looks at the held presses. */
  readonly outboxSweepMs: number;
  /** A press ticket's life; past it the press is still taken and flagged. At most 72 h. */
  readonly ticketHours: number;
  /** A feed token's life. At most 900. */
  readonly accessTokenSeconds: number;
  /** 先救治: how long a deferred prompt stays quiet. */
  readonly deferMinutes: number;
  /** 想先请教: how long a prompt stays quiet meanwhile. */
  readonly consultMinutes: number;
  /** How often one prompt may be deferred. */
  readonly maxDeferrals: number;
  /** Gap that ends an episode. */
  readonly episodeGapHours: number;
  /** How long the text of a visit that led to no report is kept, and the gateway's copy of a report the relay has taken. */
  readonly keepSnapshotDays: number;
  /** How long a message of a feed is kept, sealed, after it came; one set aside for as long as the text of a visit, so that it can be replayed. */
  readonly keepMessageDays: number;
  /** How long a message that comes again is known as the one that came before, counted from when it came last. Nothing of what it said is kept for that. */
  readonly knowRepeatDays: number;
  /** Pause between two looks for messages of feeds that wait to be worked on. */
  readonly feedSweepMs: number;
  /** Pause between two looks for deferred prompts that are due, and at the trust files. */
  readonly reminderSweepMs: number;
  /** Pause between two sweeps that erase what is past its time. */
  readonly purgeSweepMs: number;
  /** Pause between two looks for prompts another process has changed. */
  readonly streamPollMs: number;
  /** Open event streams; beyond it the lists are asked for instead. */
  readonly maxStreams: number;
  /** Largest body of `POST /v1/encounters`. */
  readonly maxBodyBytes: number;
  /** Largest body of every other route, a report's among them. */
  readonly maxReportBytes: number;
}

export const GATEWAY_DEFAULTS: GatewaySettings = {
  relayAnswerMs: 3_000,
  outboxLadderMs: [1_000, 2_000, 5_000, 10_000, 30_000, 60_000],
  outboxSweepMs: 500,
  ticketHours: 72,
  accessTokenSeconds: 900,
  deferMinutes: 15,
  consultMinutes: 30,
  maxDeferrals: 2,
  episodeGapHours: 72,
  keepSnapshotDays: 90,
  keepMessageDays: 30,
  knowRepeatDays: 180,
  feedSweepMs: 1_000,
  reminderSweepMs: 1_000,
  purgeSweepMs: 3_600_000,
  streamPollMs: 1_000,
  maxStreams: 1_000,
  maxBodyBytes: 16 * 1024 * 1024,
  maxReportBytes: 1024 * 1024,
};

const UPPER_BOUNDS: Partial<Record<keyof GatewaySettings, number>> = { ticketHours: 72, accessTokenSeconds: 900 };

/**
 * Fills and checks the settings once, so that no later code needs to doubt them.
 *
 * @throws ZhidaError `ZD_ERR_OPTION_INVALID` naming the setting.
 */
export function resolveSettings(given: Partial<GatewaySettings> = {}): GatewaySettings {
  const settings = { ...GATEWAY_DEFAULTS, ...given };
  for (const [name, value] of Object.entries(settings) as [keyof GatewaySettings, number | readonly number[]][]) {
    const values = typeof value === 'number' ? [value] : value;
    const lowest = name === 'maxDeferrals' ? 0 : 1;
    const highest = UPPER_BOUNDS[name] ?? Number.MAX_SAFE_INTEGER;
    if (values.length === 0 || !values.every((item) => Number.isSafeInteger(item) && item >= lowest && item <= highest)) {
      throw new ZhidaError('ZD_ERR_OPTION_INVALID', `this setting is a whole number from ${lowest} to ${highest}`, {
        at: `settings.${name}`,
      });
    }
  }
  return settings;
}
