import { isRecord, type Json } from '@zhida/core';
import { httpPost } from '../support/http-post.js';

/** Shorter than what an agency waits by default: a frozen relay must not hold up all statements behind one. */
const WITHIN_MS = 3_000;

/** Takes what an agency says to the relay, and remembers what was taken there. */
export interface Carrier {
  /** For the receiver, whose outbox goes this way. */
  readonly fetch: typeof globalThis.fetch;
  /** Posts one statement. A broken connection is no answer. */
  post(url: string, jws: string): Promise<number | undefined>;
  /** Ids of receipts and feedbacks the relay has answered 200 for. */
  readonly taken: ReadonlySet<string>;
  /** How many were brought again after that, and taken again. */
  again(): number;
}

/** @param saysTwice whether the agency says everything twice now */
export function createCarrier(saysTwice: () => boolean): Carrier {
  const taken = new Set<string>();
  let again = 0;

  async function carry(url: string, jws: string): Promise<number> {
    const request = { headers: { 'content-type': 'application/jose' }, body: jws, withinMs: WITHIN_MS };
    const { status } = await httpPost(url, request);
    if (status !== 200) return status;
    taken.add(idOf(jws));
    // The first is said; that the second is lost is nobody's loss.
    if (saysTwice() && (await httpPost(url, request).catch(() => undefined))?.status === 200) again += 1;
    return status;
  }

  return {
    // An outbox posts text to an address of the trust file, and nothing else.
    fetch: async (url, init) => new Response(null, { status: await carry(url as string, init?.body as string) }),
    post: (url, jws) => carry(url, jws).catch(() => undefined),
    taken,
    again: () => again,
  };
}

/** The id inside a signed statement: of a receipt, a feedback or an opening. */
function idOf(jws: string): string {
  const claims = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8')) as Json;
  const id = isRecord(claims) ? (claims['receiptId'] ?? claims['feedbackId'] ?? claims['openingId']) : undefined;
  return typeof id === 'string' ? id : '';
}
