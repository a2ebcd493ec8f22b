import { Readable } from 'node:stream';
import { type Json, ZhidaError } from '@zhida/core';
import { signAssertion } from '@zhida/signing';
import type { GatewayContext } from './context.js';

const ASSERTION_SECONDS = 300;

/** What the relay said, byte for byte. */
export interface RelayAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Seconds after which the relay asks to be asked again; undefined where it names none. */
  readonly retryAfterSeconds?: number;
}

/** One attachment on its way through. */
export interface AttachmentUpload {
  readonly reportId: string;
  readonly attachmentId: string;
  readonly contentType: string;
  readonly digest: string | undefined;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** What a person of the duty desk asks the relay. */
export interface OperatorRequest {
  /** The person, as the audit log names them. */
  readonly account: string;
  /** No more than this act needs. */
  readonly scope: 'delivery:operate' | 'report:open' | 'report:create';
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: Json;
}

/** The gateway's one way to its relay: a pinned address, a fresh assertion on every call. */
export interface RelayClient {
  /** Hands over a report byte for byte. @throws ZhidaError `ZD_ERR_HTTP` when no whole answer came before the signal. */
  postReport(press: { body: Uint8Array; ticket: string; pressId: string }, signal: AbortSignal): Promise<RelayAnswer>;
  /** Logs a telephone call beside a report. @throws ZhidaError `ZD_ERR_HTTP` */
  postCall(reportId: string, body: Uint8Array, signal: AbortSignal): Promise<RelayAnswer>;
  /** Streams an attachment through. @throws ZhidaError `ZD_ERR_HTTP` */
  postAttachment(upload: AttachmentUpload, signal: AbortSignal): Promise<RelayAnswer>;
  /** How a report stands. @throws ZhidaError `ZD_ERR_HTTP` */
  getReport(reportId: string, signal: AbortSignal): Promise<RelayAnswer>;
  /** Asks in the name of a person of the duty desk. @throws ZhidaError `ZD_ERR_HTTP` */
  operate(request: OperatorRequest, signal: AbortSignal): Promise<RelayAnswer>;
  /** Opens the report's event stream; the caller ends it by the signal. @throws ZhidaError `ZD_ERR_HTTP` */
  streamReport(reportId: string, lastEventId: string | undefined, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

type Caller = (path: string, init: RequestInit, credential?: Credential) => Promise<Response>;

/** What an assertion says of who asks for what. */
interface Credential {
  readonly scope: string;
  /** A person the gateway answers for; without one it asks for itself. */
  readonly account?: string;
}

const OWN: Credential = { scope: 'report:create report:read' };

export function createRelayClient(context: GatewayContext): RelayClient {
  const call = callerOf(context);
  const eventsOf = (reportId: string): string => `/v1/reports/${encodeURIComponent(reportId)}/events`;
  return {
    postReport: ({ body, ticket, pressId }, signal) =>
      wholeAnswer(call, '/v1/reports', {
        method: 'POST',
        // A copy: `fetch` takes no view of a shared buffer.
        body: new Uint8Array(body),
        headers: { 'content-type': 'application/json', 'press-ticket': ticket, 'idempotency-key': pressId },
        signal,
      }),
    postCall: (reportId, body, signal) =>
      wholeAnswer(call, `/v1/reports/${encodeURIComponent(reportId)}/calls`, {
        method: 'POST',
        body: new Uint8Array(body),
        headers: { 'content-type': 'application/json' },
        signal,
      }),
    postAttachment: ({ reportId, attachmentId, contentType, digest, bytes }, signal) =>
      wholeAnswer(call, `/v1/reports/${encodeURIComponent(reportId)}/attachments`, {
        method: 'POST',
        body: Readable.toWeb(Readable.from(bytes)) as ReadableStream<Uint8Array>,
        // What `fetch` asks for where a body is a stream; the types of browsers do not know it yet.
        ...({ duplex: 'half' } as RequestInit),
        headers: {
          'content-type': contentType,
          'idempotency-key': attachmentId,
          ...(digest === undefined ? {} : { 'content-digest': digest }),
        },
        signal,
      }),
    getReport: (reportId, signal) => wholeAnswer(call, `/v1/reports/${encodeURIComponent(reportId)}`, { signal }),
    operate: ({ account, scope, method, path, body }, signal) => {
      const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
      return wholeAnswer(call, path, { method, signal, ...json }, { scope, account });
    },
    async streamReport(reportId, lastEventId, signal) {
      const resumed: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
      const response = await call(eventsOf(reportId), { headers: { accept: 'text/event-stream', ...resumed }, signal });
      if (response.status !== 200 || response.body === null) {
        await response.body?.cancel();
        throw new ZhidaError('ZD_ERR_HTTP', 'the relay refused the stream', { at: 'relay' });
      }
      return response.body;
    },
  };
}

function callerOf(context: GatewayContext): Caller {
  return async (path, init, { scope, account } = OWN) => {
    const relay = context.keys.trusted.party(context.relayParty);
    if (relay === undefined) throw new ZhidaError('ZD_ERR_HTTP', 'the relay behind this gateway is not trusted yet', { at: 'relayParty' });
    const assertion = await signAssertion({
      keys: context.keys,
      audience: context.relayParty,
      scope,
      facility: context.facility.code,
      lifetimeSeconds: ASSERTION_SECONDS,
      ...(account === undefined ? {} : { extra: { sub: account } }),
      now: context.clock.now(),
    });
    const headers = new Headers(init.headers);
    headers.set('authorization', `Bearer ${assertion}`);
    try {
      // A redirect would carry the report and its credentials to an address nobody pinned.
      return await context.fetch(`${relay.baseUrl}${path}`, { ...init, headers, redirect: 'error' });
    } catch (cause) {
      throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not answer', { at: 'relay', cause });
    }
  };
}

async function wholeAnswer(call: Caller, path: string, init: RequestInit, credential?: Credential): Promise<RelayAnswer> {
  const response = await call(path, init, credential);
  const retryAfter = response.headers.get('retry-after') ?? '';
  try {
    return {
      ...(/^\d{1,9}$/.test(retryAfter) ? { retryAfterSeconds: Number(retryAfter) } : {}),
      status: response.status,
      contentType: response.headers.get('content-type') ?? 'application/json',
      body: new Uint8Array(await response.arrayBuffer()),
    };
  } catch (cause) {
    throw new ZhidaError('ZD_ERR_HTTP', 'the relay’s answer broke off', { at: 'relay', cause });
  }
}
