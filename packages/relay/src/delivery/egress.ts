import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, type IncomingHttpHeaders, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { ZhidaError } from '@zhida/core';
import { isPermitted, type Network } from './addresses.js';

/** Answers of agencies are receipts of a few hundred bytes; what is longer is not read. */
export const ANSWER_BYTES_MAX = 64 * 1024;

/** One request, a POST unless it says otherwise. */
export interface Outgoing {
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Networks outside of the public internet that this endpoint may be in. */
  readonly permitted: readonly Network[];
  /** @defaultValue {@link ANSWER_BYTES_MAX} */
  readonly answerBytesMax?: number;
}

/** What came back. A body over the limit is not read to its end and is `undefined`. */
export interface Incoming {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | undefined;
}

/** Sends once; never follows a redirect. @throws whatever the connection says; `ZD_ERR_EGRESS_REFUSED` for an address that is not permitted. */
export type Post = (outgoing: Outgoing, signal: AbortSignal) => Promise<Incoming>;

/** Finds all addresses of a name; `dns.lookup` unless a test says otherwise. */
export type Resolve = (hostname: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

const systemResolve: Resolve = (hostname, done) => systemLookup(hostname, { all: true, verbatim: true }, done);

/** The way out of this process: connections to addresses that were checked, and to no other. */
export interface Egress {
  readonly post: Post;
  close(): void;
}

/**
 * The name is resolved once for each connection, every address that is not permitted is left out, and the socket is opened
 * to one of the rest: between check and connect nobody is asked again (no DNS rebinding).
 */
export function createEgress({
  resolve = systemResolve,
  socketsPerHost = 64,
}: {
  resolve?: Resolve;
  socketsPerHost?: number;
} = {}): Egress {
  const limits = { keepAlive: true, maxSockets: socketsPerHost, maxFreeSockets: 8 };
  /** By what is permitted: a connection that one endpoint's permission has opened is no other endpoint's way to the same host. */
  const pools = new Map<string, { readonly 'http:': HttpAgent; readonly 'https:': HttpsAgent }>();
  const poolOf = (permitted: readonly Network[]) => {
    const key = permitted.map(([base, bits]) => `${base.toString()}/${bits}`).join(' ');
    const pool = pools.get(key) ?? { 'http:': new HttpAgent(limits), 'https:': new HttpsAgent(limits) };
    pools.set(key, pool);
    return pool;
  };
  const post: Post = async (outgoing, signal) => {
    const url = new URL(outgoing.url);
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused();
    // A literal address is connected to without a lookup, so it is checked here.
    const literal = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(literal) !== 0 && !isPermitted(literal, outgoing.permitted)) throw refused();
    const options: RequestOptions = {
      method: outgoing.method ?? 'POST',
      headers: { ...outgoing.headers, ...(outgoing.method === 'GET' ? {} : { 'content-length': Buffer.byteLength(outgoing.body) }) },
      agent: poolOf(outgoing.permitted)[url.protocol],
      lookup: checkedLookup(resolve, outgoing.permitted),
      signal,
    };
    return send(url, options, outgoing);
  };
  return {
    post,
    close() {
      for (const agent of [...pools.values()].flatMap((pool) => Object.values(pool))) agent.destroy();
    },
  };
}

function checkedLookup(resolve: Resolve, permitted: readonly Network[]): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, (error, addresses) => {
      if (error !== null) return done(error, '', 0);
      const good = addresses.filter(({ address }) => isPermitted(address, permitted));
      const [first] = good;
      if (first === undefined) return done(refused(), '', 0);
      if (options.all === true) return (done as (error: null, all: LookupAddress[]) => void)(null, good);
      return done(null, first.address, first.family);
    });
  };
}

function send(url: URL, options: RequestOptions, { method, body, answerBytesMax = ANSWER_BYTES_MAX }: Outgoing): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const answer = (whole: Buffer | undefined): void =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole });
      response.on('data', (chunk: Buffer) => {
        size += chunk.byteLength;
        if (size <= answerBytesMax) return void chunks.push(chunk);
        answer(undefined);
        // Nobody reads on, so the connection cannot be used again.
        response.destroy();
      });
      response.once('end', () => answer(Buffer.concat(chunks)));
      response.once('error', reject);
      response.once('aborted', () => reject(new Error('the answer broke off')));
    });
    request.once('error', reject);
    request.end(method === 'GET' ? undefined : body);
  });
}

function refused(): ZhidaError {
  return new ZhidaError('ZD_ERR_EGRESS_REFUSED', 'the endpoint is at an address nothing may be sent to', { at: 'baseUrl' });
}
