import { ZhidaError } from '@zhida/core';
import { FORWARDED_KINDS, type ForwardedKind, type TrustedParty } from '@zhida/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Outgoing, Post } from '../delivery/egress.js';
import { takeForward, takeStatement } from '../forward/take.js';
import type { RouteContext } from './context.js';
import { AGENCY, forwardTakes, joseBody, RELAY, SIGNED_BODY } from './described.js';
import { forwardTakenSchema, problemSchema, recordedSchema } from './schemas.js';

/** As long as the longest envelope that can be opened. */
const ENVELOPE_BYTES_MAX = 4 * 1024 * 1024;
/** A page of envelopes, or an attachment of 20 MiB as base64; what is longer is not carried. */
const ANSWER_BYTES_MAX = 96 * 1024 * 1024;
const ASK_MS_MAX = 60_000;

/** What this relay does for other relays: it is a road, and opens nothing. */
export function forwardRoutes(app: FastifyInstance, context: RouteContext): void {
  const { ledger, post } = context;
  app.post(
    '/v1/forwards',
    {
      bodyLimit: ENVELOPE_BYTES_MAX,
      schema: {
        summary: 'Takes a sealed envelope of another relay for the agency in Forward-To: 200 with its receipt, or 202 while there is none',
        tags: ['forwarding'],
        security: RELAY,
        takes: forwardTakes,
        response: { 200: Type.String(), 202: forwardTakenSchema, '4xx': problemSchema, 503: problemSchema },
      },
      serializerCompiler: () => (data) => (typeof data === 'string' ? data : JSON.stringify(data)),
    },
    async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const { receipt } = await takeForward(ledger, request.headers, body);
      request.log.info({ deliveryId: request.headers['webhook-id'], receipted: receipt !== undefined }, 'envelope to be forwarded');
      if (receipt === undefined) return reply.code(202).send({ taken: true });
      return reply.type('application/jose').send(receipt);
    },
  );

  app.post<{ Params: { relay: string; kind: string } }>(
    '/v1/via/:relay/v1/agency/:kind',
    {
      schema: {
        summary: 'Takes a statement of an agency for another relay and brings it there; what wants an answer is asked there at once',
        tags: ['forwarding'],
        security: SIGNED_BODY,
        takes: { body: joseBody('A compact JWS of the agency; the signature is the credential') },
        response: { 200: recordedSchema, '4xx': problemSchema, '5xx': problemSchema },
      },
      serializerCompiler: () => (data) => (typeof data === 'string' ? data : JSON.stringify(data)),
    },
    async (request, reply) => {
      const { relay, kind } = request.params;
      const pinned = pinnedRelay(context, relay);
      const jws = Buffer.isBuffer(request.body) ? request.body.toString('utf8').trim() : '';
      const carried = FORWARDED_KINDS.find((known): known is ForwardedKind => known === kind);
      if (carried === undefined) return ask(context, post, reply, { pinned, path: `/v1/agency/${kind}`, request, body: jws });
      const { repeat } = await takeStatement(ledger, { relay, kind: carried, jws });
      request.log.info({ relay, kind, repeat }, 'statement to be forwarded');
      return { recorded: true, repeat };
    },
  );

  app.get<{ Params: { relay: string; '*': string } }>(
    '/v1/via/:relay/v1/agency/*',
    { schema: { summary: 'Asks another relay for an agency and passes its answer on', tags: ['forwarding'], security: AGENCY } },
    async (request, reply) => {
      const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?')) : '';
      const path = `/v1/agency/${request.params['*'].replace(/[^A-Za-z0-9_/-]/g, '')}${query}`;
      return ask(context, post, reply, { pinned: pinnedRelay(context, request.params.relay), path, request });
    },
  );
}

function pinnedRelay({ keys }: RouteContext, relay: string): TrustedParty {
  const pinned = keys.trusted.party(relay);
  if (pinned?.role === 'relay') return pinned;
  throw new ZhidaError('ZD_ERR_NOT_FOUND', 'this relay does not reach such a relay', { at: 'relay' });
}

interface Asked {
  readonly pinned: TrustedParty;
  readonly path: string;
  readonly request: FastifyRequest;
  readonly body?: string;
}

/** The other relay judges the credential and answers; here nothing of it is kept. */
async function ask(context: RouteContext, post: Post, reply: FastifyReply, { pinned, path, request, body }: Asked): Promise<FastifyReply> {
  const { authorization } = request.headers;
  const outgoing: Outgoing = {
    ...(body === undefined ? { method: 'GET' } : {}),
    url: `${pinned.baseUrl}${path}`,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/jose' }),
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: body ?? '',
    permitted: context.ledger.limitsOf(pinned.party).permitted,
    answerBytesMax: ANSWER_BYTES_MAX,
  };
  const answer = await post(outgoing, AbortSignal.timeout(ASK_MS_MAX)).catch((cause: unknown) => {
    throw new ZhidaError('ZD_ERR_BUSY', 'the other relay does not answer now', { at: 'relay', cause });
  });
  if (answer.body === undefined) throw new ZhidaError('ZD_ERR_HTTP', 'the other relay’s answer is too long', { at: 'relay' });
  return reply
    .code(answer.status)
    .type(String(answer.headers['content-type'] ?? 'application/json'))
    .serializer((data: unknown) => data as string)
    .send(answer.body);
}
