import { createEventParser } from './sse.js';

/** Fetches the clinician's token from the HIS; asked again whenever the gateway refuses the last one. */
export type TokenProvider = () => Promise<string>;

export interface ClientOptions {
  /** The gateway's origin, for example `https://gateway.hospital.local`; the only one the widget speaks to. */
  readonly gateway: string;
  readonly token: TokenProvider;
  /** The HIS gave another person's token than before. It is not used: what this client was asked to say is not that person's. */
  readonly onOtherPerson: () => void;
  readonly language: () => string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Runs a function later, in milliseconds; gives back how to cancel it. */
  readonly later: Later;
}

export type Later = (milliseconds: number, task: () => void) => () => void;

/** An answer of the gateway; `status` 0 is no answer. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The gateway's clock when it answered, milliseconds since 1970; not a number when it did not say. */
  readonly time: number;
}

/** With what a request identifies itself: the clinician's token, the ticket of one press, or nothing. */
export type Credential = { readonly kind: 'token' | 'none' } | { readonly kind: 'ticket'; readonly ticket: string };

export interface Follower {
  onData(data: unknown): void;
  /** `live` once the gateway answers, `away` when it does not, `refused` when the credential is not taken. */
  onState(state: 'live' | 'away' | 'refused'): void;
  /** The gateway's clock at the time of its answer, milliseconds since 1970. */
  onTime?(now: number): void;
}

/** The widget's one way to the gateway. Credentials go in headers, never in an address. */
export interface GatewayClient {
  ask(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    credential: Credential,
    body?: string,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Follows a stream until stopped; a broken one is opened again after the last id seen. @returns how to stop. */
  follow(path: string, credential: Credential, follower: Follower): () => void;
  /** The next request asks the HIS for a token again: somebody else may have signed in. */
  forgetToken(): void;
}

const ANSWER_MS = 10_000;
const REOPEN_MS = 1_000;
const REFUSED_MS = 30_000;
/** The gateway says something every 15 s; a connection silent for longer is dead. */
const SILENCE_MS = 45_000;
/** RFC 6750 §2.1. */
const TOKEN = /^[\w.~+/-]+=*$/;
const NO_TOKEN = new Error('the HIS gave no token');

export const BY_TOKEN: Credential = { kind: 'token' };

interface Tokens {
  get(signal: AbortSignal | null | undefined): Promise<string>;
  forget(): void;
}

/** The token of one person, asked for when it is needed. */
function createTokens({ token: ask, onOtherPerson }: ClientOptions): Tokens {
  let token: string | undefined;
  let person: string | undefined;

  /** A HIS that does not answer must not hold the request for ever, and its sign-in page in place of a token is none. */
  function newToken(signal: AbortSignal | null | undefined): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(NO_TOKEN);
      signal?.addEventListener('abort', fail);
      Promise.resolve()
        .then(ask)
        .then((text) => {
          if (!TOKEN.test(text)) return fail();
          const told = personIn(text);
          if (told === (person ||= told)) return resolve(text);
          fail();
          onOtherPerson();
        }, fail);
    });
  }

  return {
    async get(signal) {
      token ||= await newToken(signal);
      return token;
    },
    forget() {
      token = undefined;
    },
  };
}

export function createGatewayClient(options: ClientOptions): GatewayClient {
  const tokens = createTokens(options);
  const { later } = options;

  async function headersOf(credential: Credential, signal: AbortSignal | null | undefined): Promise<Record<string, string>> {
    const language = { 'accept-language': options.language() };
    if (credential.kind === 'ticket') return { ...language, 'press-ticket': credential.ticket };
    if (credential.kind === 'none') return language;
    return { ...language, authorization: `Bearer ${await tokens.get(signal)}` };
  }

  /** One request; a token that was refused is asked for anew, once. */
  async function request(path: string, credential: Credential, init: RequestInit, extra: Record<string, string> = {}): Promise<Response> {
    const send = async (): Promise<Response> =>
      options.fetch(options.gateway + path, {
        ...init,
        cache: 'no-store',
        headers: { ...(await headersOf(credential, init.signal)), ...extra },
      });
    const response = await send();
    if (response.status !== 401 || credential.kind !== 'token') return response;
    tokens.forget();
    return send();
  }

  return {
    async ask(method, path, credential, body, headers = {}) {
      const deadline = new AbortController();
      const cancel = later(ANSWER_MS, () => deadline.abort());
      const content: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      try {
        const init = { method, signal: deadline.signal, ...(body === undefined ? {} : { body }) };
        const response = await request(path, credential, init, { ...content, ...headers });
        return { status: response.status, body: await objectOf(response), time: timeOf(response) };
      } catch {
        return { status: 0, body: {}, time: NaN };
      } finally {
        cancel();
      }
    },

    follow(path, credential, follower) {
      const stopped = new AbortController();
      const open: Open = (signal, last) => request(path, credential, { signal }, last === undefined ? {} : { 'last-event-id': last });
      void followUntil(stopped.signal, later, open, follower);
      return () => stopped.abort();
    },

    forgetToken: () => tokens.forget(),
  };
}

/** Whom a token (RFC 7519) speaks for; the gateway alone says whether it is true. */
function personIn(token: string): string {
  try {
    const claims = atob((token.split('.')[1] || '').replace(/-/g, '+').replace(/_/g, '/'));
    return (JSON.parse(claims) as { sub: string }).sub;
  } catch {
    return 'unnamed';
  }
}

type Open = (signal: AbortSignal, last: string | undefined) => Promise<Response>;

async function followUntil(stopped: AbortSignal, later: Later, open: Open, follower: Follower): Promise<void> {
  let last: string | undefined;
  while (!stopped.aborted) {
    let pauseMs = REOPEN_MS;
    const watch = watchSilence(later, stopped);
    try {
      const response = await open(watch.signal, last);
      const refused = response.status === 401 || response.status === 403;
      if (refused) pauseMs = REFUSED_MS;
      follower.onState(refused ? 'refused' : response.ok ? 'live' : 'away');
      if (response.ok) {
        await readEvents(response, follower, watch.heard, (id) => {
          last = id;
        });
      }
    } catch (error) {
      if (!stopped.aborted) follower.onState(error === NO_TOKEN ? 'refused' : 'away');
    } finally {
      watch.end();
    }
    if (!stopped.aborted) await pause(later, pauseMs, stopped);
  }
}

/** Ends a connection that has been silent for too long, or when the follower stops. */
function watchSilence(later: Later, stopped: AbortSignal): { signal: AbortSignal; heard: () => void; end: () => void } {
  const connection = new AbortController();
  const abort = (): void => connection.abort();
  let cancel = later(SILENCE_MS, abort);
  stopped.addEventListener('abort', abort);
  return {
    signal: connection.signal,
    heard() {
      cancel();
      cancel = later(SILENCE_MS, abort);
    },
    end() {
      cancel();
      stopped.removeEventListener('abort', abort);
    },
  };
}

async function readEvents(response: Response, follower: Follower, heard: () => void, seen: (id: string) => void): Promise<void> {
  const time = timeOf(response);
  if (follower.onTime !== undefined && time > 0) follower.onTime(time);
  const reader = response.body?.getReader();
  const parse = createEventParser();
  const decoder = new TextDecoder();
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    for (const event of parse(decoder.decode(value, { stream: true }))) {
      follower.onData(JSON.parse(event.data));
      if (event.id !== undefined) seen(event.id);
    }
  }
}

function timeOf({ headers }: Response): number {
  return Date.parse(headers.get('date') || '');
}

async function objectOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  try {
    const value: unknown = await response.json();
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function pause(later: Later, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = later(milliseconds, end);
    signal.addEventListener('abort', end);
  });
}
