import { ZhidaError, isZhidaError } from '@zhida/core';
import { Client } from 'fhir-kit-client';
import type { SourceSettings } from './options.js';

/** One answer of the server, parsed. */
export type Answer = Readonly<Record<string, unknown>>;

/** Asks the server, again where that may help. Only `ZhidaError`s come out, and none says more than a type and a status. */
export interface Requester {
  /** `path` is relative to the base or an absolute URL of its origin. `about` names the request in errors: a resource type. */
  get(path: string, about: string, signal: AbortSignal | undefined): Promise<Answer>;
}

/** What makes a failure worth another attempt. */
interface Failure {
  readonly error: ZhidaError;
  readonly again: boolean;
  /** What the server asks for, where it does. */
  readonly retryAfterMs: number | undefined;
}

/** RFC 9110: the request did not reach its end for a reason that passes. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

export function createRequester(settings: SourceSettings): Requester {
  // A redirect could lead to another origin, and the token with it.
  const client = new Client({ baseUrl: settings.baseUrl.href, requestOptions: { redirect: 'error' } });

  async function attempt(url: string, signal: AbortSignal | undefined): Promise<Answer> {
    const timeout = AbortSignal.timeout(settings.attemptTimeoutMs);
    const headers = { ...(await settings.headers()) };
    const options = { headers, signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) };
    return client.request(url, { options });
  }

  return {
    async get(path, about, signal) {
      const url = ownUrl(path, settings.baseUrl, about);
      for (let made = 1; ; made += 1) {
        try {
          return await attempt(url, signal);
        } catch (thrown) {
          signal?.throwIfAborted();
          const failure = failureOf(thrown, about, settings);
          if (!failure.again || made >= settings.attemptsMax) throw failure.error;
          const pauseMs = Math.max(settings.retryFirstMs * 2 ** (made - 1), failure.retryAfterMs ?? 0);
          if ((failure.retryAfterMs ?? 0) > settings.retryPauseMaxMs) throw failure.error;
          await settings.sleep(Math.min(pauseMs, settings.retryPauseMaxMs), signal);
        }
      }
    },
  };
}

/** The status of an answer that was none, where the server gave one. */
export function statusOf(error: unknown): number | undefined {
  const cause: unknown = isZhidaError(error) ? error.cause : undefined;
  return typeof cause === 'object' && cause !== null && 'status' in cause && typeof cause.status === 'number' ? cause.status : undefined;
}

/** What a server answers for a type or a parameter it does not have. */
const NOT_OFFERED = new Set<number | undefined>([400, 404, 405, 410, 422, 501]);

/** True where the server answered that it does not have what was asked for. */
export function isNotOffered(error: unknown): boolean {
  return NOT_OFFERED.has(statusOf(error));
}

function ownUrl(path: string, base: URL, about: string): string {
  const root = base.href.endsWith('/') ? base.href : `${base.href}/`;
  const url = URL.canParse(path, root) ? new URL(path, root) : undefined;
  if (url?.origin !== base.origin) throw new ZhidaError('ZD_ERR_HTTP', 'a link of the answer leads to another origin', { at: about });
  return url.href;
}

/** The message of a foreign error holds the URL and so what was searched for: only its status is kept. */
function failureOf(thrown: unknown, about: string, { clock }: SourceSettings): Failure {
  if (isZhidaError(thrown)) return { error: thrown, again: false, retryAfterMs: undefined };
  const { response, config } = thrown as { response?: { status?: unknown }; config?: { headers?: unknown } };
  const status = typeof response?.status === 'number' ? response.status : undefined;
  if (status === undefined) {
    const why = thrown instanceof Error && thrown.name === 'TimeoutError' ? 'no answer in time' : 'the server cannot be reached';
    return { error: new ZhidaError('ZD_ERR_HTTP', why, { at: about }), again: true, retryAfterMs: undefined };
  }
  const why = status < 300 ? 'the answer is no JSON' : `the server answered ${status}`;
  const error = new ZhidaError('ZD_ERR_HTTP', why, { at: about, cause: { status } });
  const written = config?.headers instanceof Headers ? config.headers.get('retry-after') : null;
  return { error, again: PASSING.has(status), retryAfterMs: written === null ? undefined : delayOf(written, clock.now()) };
}

/** RFC 9110 §10.2.3: seconds, or an HTTP date. */
function delayOf(written: string, nowMs: number): number | undefined {
  if (/^\d{1,9}$/.test(written.trim())) return Number(written) * 1_000;
  const at = Date.parse(written);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
