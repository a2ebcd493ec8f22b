import { ZhidaError } from '@zhida/core';
import { signAssertion } from '@zhida/signing';
import type { GatewayContext } from './options.js';

const ASSERTION_SECONDS = 300;

export interface RelayAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The gateway's one way to its relay: a pinned address, a fresh assertion on every call. */
export interface RelayClient {
  /** Hands over a report byte for byte. Throws `ZD_ERR_HTTP` when no answer came in time. */
  postReport(press: { body: Uint8Array; ticket: string; pressId: string }, timeoutMs: number): Promise<RelayAnswer>;
  get(path: string, timeoutMs: number): Promise<RelayAnswer>;
  /** Opens a server-sent event stream; the caller ends it by the signal. */
  stream(path: string, headers: Record<string, string>, signal: AbortSignal): Promise<Response>;
}

export function createRelayClient(context: GatewayContext): RelayClient {
  async function call(path: string, init: RequestInit): Promise<Response> {
    const relay = context.keys.trusted.party(context.relayParty);
    if (relay === undefined)
      throw new ZhidaError('ZD_ERR_PARTY_UNKNOWN', 'the relay behind this gateway is not trusted yet', { at: 'relayParty' });
    const assertion = await signAssertion({
      keys: context.keys,
      audience: context.relayParty,
      scope: 'report:create report:read',
      facility: context.facility.code,
      lifetimeSeconds: ASSERTION_SECONDS,
      now: context.clock.now(),
    });
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${assertion}`);
    try {
      return await context.fetch(`${relay.baseUrl}${path}`, { ...init, headers, redirect: 'error' });
    } catch (cause) {
      throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not answer', { at: 'relay', cause });
    }
  }

  async function answer(path: string, init: RequestInit, timeoutMs: number): Promise<RelayAnswer> {
    const response = await call(path, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    try {
      return {
        status: response.status,
        contentType: response.headers.get('content-type') ?? 'application/json',
        body: await response.text(),
      };
    } catch (cause) {
      throw new ZhidaError('ZD_ERR_HTTP', 'the relay’s answer broke off', { at: 'relay', cause });
    }
  }

  return {
    postReport: ({ body, ticket, pressId }, timeoutMs) =>
      answer(
        '/v1/reports',
        {
          method: 'POST',
          body: body as BodyInit,
          headers: { 'content-type': 'application/json', 'press-ticket': ticket, 'idempotency-key': pressId },
        },
        timeoutMs,
      ),
    get: (path, timeoutMs) => answer(path, { method: 'GET' }, timeoutMs),
    stream: (path, headers, signal) => call(path, { method: 'GET', headers: { accept: 'text/event-stream', ...headers }, signal }),
  };
}
