import { type Clock, ZhidaError, systemClock } from '@zhida/core';
import { setTimeout as pause } from 'node:timers/promises';
import type { BundleOptions } from '../snapshots-from-bundle.js';

export interface FhirSourceOptions {
  /** Base URL of the FHIR service, http or https. Nothing outside its origin is ever asked, redirects are not followed. */
  readonly baseUrl: string;
  /** Headers of a request, asked for anew each time: an access token ages. */
  readonly headers?: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** How the bundles are read. */
  readonly bundle?: BundleOptions;
  /** Resources asked for in one page (`_count`). @defaultValue 200 */
  readonly pageSize?: number;
  /** Pages of one search. A longer list of changes is pulled in parts; of a longer record what is beyond is named. @defaultValue 100 */
  readonly pagesMax?: number;
  /** @defaultValue 30 000 */
  readonly attemptTimeoutMs?: number;
  /** Attempts of one request before it counts as failed. @defaultValue 5 */
  readonly attemptsMax?: number;
  /** First pause between attempts; each next one is twice as long. `Retry-After` counts where it asks for more. @defaultValue 1 000 */
  readonly retryFirstMs?: number;
  /** Longest pause between two attempts, `Retry-After` or not; a server that asks for more is asked again by the next pull. @defaultValue 60 000 */
  readonly retryPauseMaxMs?: number;
  /** How far back each pull looks again: a server may stamp a change before others can see it. @defaultValue 60 000 */
  readonly overlapMs?: number;
  /** @defaultValue `systemClock` */
  readonly clock?: Clock;
  /** Waits between attempts. @defaultValue a timer that ends with the signal */
  readonly sleep?: (durationMs: number, signal: AbortSignal | undefined) => Promise<unknown>;
}

/** Options with their defaults, checked. */
export type SourceSettings = Required<Omit<FhirSourceOptions, 'baseUrl'>> & { readonly baseUrl: URL };

export const FHIR_SOURCE_DEFAULTS = {
  pageSize: 200,
  pagesMax: 100,
  attemptTimeoutMs: 30_000,
  attemptsMax: 5,
  retryFirstMs: 1_000,
  retryPauseMaxMs: 60_000,
  overlapMs: 60_000,
} as const;

const BOUNDS = {
  pageSize: [1, 10_000],
  pagesMax: [1, 100_000],
  attemptTimeoutMs: [1, 600_000],
  attemptsMax: [1, 20],
  retryFirstMs: [1, 600_000],
  retryPauseMaxMs: [1, 3_600_000],
  overlapMs: [0, 86_400_000],
} as const satisfies Record<keyof typeof FHIR_SOURCE_DEFAULTS, readonly [number, number]>;

/** @throws ZhidaError `ZD_ERR_OPTION_INVALID` for a base that is no http(s) URL and for a number out of its bounds. */
export function resolveSource(options: FhirSourceOptions): SourceSettings {
  const settings: SourceSettings = {
    headers: () => ({}),
    bundle: {},
    clock: systemClock,
    sleep: (durationMs, signal) => pause(durationMs, undefined, signal === undefined ? {} : { signal }),
    ...FHIR_SOURCE_DEFAULTS,
    ...options,
    baseUrl: baseOf(options.baseUrl),
  };
  for (const [name, [least, most]] of Object.entries(BOUNDS)) {
    const value = settings[name as keyof typeof BOUNDS];
    // Negated, so that NaN is refused too.
    if (!(value >= least && value <= most)) throw new ZhidaError('ZD_ERR_OPTION_INVALID', `not within ${least} and ${most}`, { at: name });
  }
  return settings;
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'not an http or https URL', { at: 'baseUrl' });
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ZhidaError('ZD_ERR_OPTION_INVALID', 'credentials, query and fragment do not belong in a base URL', { at: 'baseUrl' });
  }
  return url;
}
