import { ZhidaError } from '@zhida/core';

/** Bounds of a listener; every buffer, queue and wait has one. */
export interface MllpLimits {
  /** Bytes of one frame. A larger one is refused by its header and its rest is skipped. @defaultValue 16 MiB */
  readonly frameBytes: number;
  /** Bytes of complete frames one connection may have waiting; beyond it the sender has to wait. @defaultValue 64 MiB */
  readonly waitingBytes: number;
  /** Connections at one time; the next is closed at once. @defaultValue 64 */
  readonly connections: number;
  /** A connection without a byte and with nothing under way is closed after this long. @defaultValue 600 000 ms */
  readonly idleMs: number;
  /** A frame that has begun has to end within this. @defaultValue 60 000 ms */
  readonly frameMs: number;
  /** Bytes outside any frame before a connection is given up: whoever talks so does not talk MLLP. @defaultValue 64 KiB */
  readonly noiseBytes: number;
  /** How long `stop` waits for messages under way. @defaultValue 10 000 ms */
  readonly stopMs: number;
}

export const MLLP_LIMITS: MllpLimits = {
  frameBytes: 16 * 1024 * 1024,
  waitingBytes: 64 * 1024 * 1024,
  connections: 64,
  idleMs: 600_000,
  frameMs: 60_000,
  noiseBytes: 64 * 1024,
  stopMs: 10_000,
};

/** The limits with the caller's in the place of the defaults. @throws ZhidaError `ZD_ERR_OPTION_INVALID` for what is no whole number above 0. */
export function resolveLimits(given: Partial<MllpLimits> = {}): MllpLimits {
  const limits = { ...MLLP_LIMITS, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'a limit is not a whole number above 0', { at: `limits.${name}` });
    }
  }
  return limits;
}
