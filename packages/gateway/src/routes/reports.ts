import { isRecord, ZhidaError } from '@zhida/core';
import { reportSchema } from '@zhida/report';
import type { PayloadMode } from '@zhida/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Object as ObjectOf, Optional, String as Text } from 'typebox';
import { authenticateClinician, bearerToken } from '../access/clinician.js';
import { readTicket } from '../access/press-ticket.js';
import { authenticateReader } from '../access/reader.js';
import type { GatewayContext } from '../context.js';
import { heldStatus, ownPress } from '../presses/own-press.js';
import { press, type PressOutcome } from '../presses/press.js';
import { refusedWithoutPrompt } from '../presses/refused.js';
import type { RelayClient } from '../relay-client.js';
import type { Streams } from '../streams.js';
import { bytesOf, headerOf, jsonObjectOf } from './body.js';
import { CLINICIAN, documented, PRESS, READER } from './documented.js';
import { streamReport } from './report-stream.js';
import { callSchema, heldSchema, idParameterSchema, refusedListSchema, relayAnswerSchema, reportStatusSchema } from './schemas.js';

export interface ReportRouteParts {
  readonly relay: RelayClient;
  readonly streams: Streams;
}

export const pressHeadersSchema = ObjectOf({ 'idempotency-key': Text({ description: 'The `pressId` that came with the ticket' }) });

const resumeHeadersSchema = ObjectOf({ 'last-event-id': Optional(Text({ description: 'The version after which to go on' })) });

const pressBodySchema = ObjectOf(reportSchema.properties, {
  description:
    'A report. Nothing in it is required and nothing is refused for its form; the relay tells under `issues` what it could not read.',
});

/** The press and what became of it. The relay's own words are passed on untouched. */
export function reportRoutes(app: FastifyInstance, context: GatewayContext, { relay, streams }: ReportRouteParts): void {
  const tags = ['reports'];
  app.post(
    '/v1/reports',
    {
      bodyLimit: context.settings.maxReportBytes,
      ...documented({
        summary: 'A press: the relay’s 202 with the number, 200 with the same answer for a repeat, or 201 while the gateway holds it',
        tags,
        access: PRESS,
        headers: pressHeadersSchema,
        body: pressBodySchema,
        answer: { 200: relayAnswerSchema, 201: heldSchema, 202: relayAnswerSchema },
      }),
    },
    async (request, reply) => takePress(context, relay, request, reply),
  );

  app.get<{ Params: { id: string } }>(
    '/v1/reports/:id',
    documented({
      summary: 'How this account’s own report stands, by press id or report id',
      tags,
      access: READER,
      params: idParameterSchema,
      answer: reportStatusSchema,
    }),
    async (request, reply) => {
      const own = await ownPress(context, await authenticateReader(context, request), request.params.id);
      void reply.header('cache-control', 'no-store');
      if (own.reportId === null) return reply.send(heldStatus(own));
      const answer = await relay.getReport(own.reportId, AbortSignal.timeout(context.settings.relayAnswerMs));
      // A refusal of the relay is about this gateway's credential, not about the clinician's.
      if (answer.status !== 200) throw new ZhidaError('ZD_ERR_HTTP', 'the relay refused the status', { at: 'relay' });
      return reply.type(answer.contentType).send(Buffer.from(answer.body));
    },
  );

  app.get<{ Params: { id: string } }>(
    '/v1/reports/:id/events',
    documented({
      summary: 'The same as a stream; resumes by Last-Event-ID',
      tags,
      access: READER,
      headers: resumeHeadersSchema,
      params: idParameterSchema,
      answer: reportStatusSchema,
      produces: 'text/event-stream',
    }),
    async (request, reply) => {
      const reader = await authenticateReader(context, request);
      const own = await ownPress(context, reader, request.params.id);
      const stream = streams.open(reply, reader.expiresAt);
      await streamReport(context, relay, { stream, reader, own, lastEventId: headerOf(request, 'last-event-id') });
    },
  );
}

/**
 * Presses the relay refuses of which no prompt tells: of reports a person began, who may have left. Every clinician may know that
 * there is one, because somebody has to call the duty office; of the child and of whoever pressed it says nothing.
 */
export function refusedPressRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.get(
    '/v1/reports/refused',
    documented({
      summary: 'Presses without a prompt that the relay refuses; they are to be pressed again',
      tags: ['reports'],
      access: CLINICIAN,
      answer: refusedListSchema,
    }),
    async (request, reply) => {
      await authenticateClinician(context, bearerToken(request), 'prompt:answer');
      return reply.header('cache-control', 'no-store').send({ refused: await refusedWithoutPrompt(context) });
    },
  );
}

/** Telephone calls, which close nothing (INV-5). */
export function callRoutes(app: FastifyInstance, context: GatewayContext, relay: RelayClient): void {
  app.post<{ Params: { id: string } }>(
    '/v1/reports/:id/calls',
    documented({
      summary: 'Logs a telephone call beside this account’s own report; it closes nothing',
      tags: ['reports'],
      access: READER,
      params: idParameterSchema,
      body: callSchema,
      answer: relayAnswerSchema,
    }),
    async (request, reply) => {
      const reader = await authenticateReader(context, request);
      const own = await ownPress(context, reader, request.params.id);
      if (own.reportId === null) throw new ZhidaError('ZD_ERR_BUSY', 'the relay has not taken this report yet', { at: 'id' });
      const call = Buffer.from(JSON.stringify({ ...jsonObjectOf(bytesOf(request)), account: reader.account }));
      const answer = await relay.postCall(own.reportId, call, AbortSignal.timeout(context.settings.relayAnswerMs));
      return reply.code(answer.status).type(answer.contentType).send(Buffer.from(answer.body));
    },
  );
}

/** Refuses only what the relay would refuse: whatever is committed here will be taken there. */
async function takePress(context: GatewayContext, relay: RelayClient, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const ticket = headerOf(request, 'press-ticket') ?? '';
  const { claims, expired } = await readTicket(context, ticket);
  const key = headerOf(request, 'idempotency-key');
  if (key === undefined) throw new ZhidaError('ZD_ERR_IDEMPOTENCY_KEY_MISSING', 'a press needs its key', { at: 'idempotency-key' });
  const body = bytesOf(request);
  refuseBody(body, claims.mode);
  // The ticket knows which press it is for, so that nobody can use up another person's key.
  const about = { pressId: claims.pressId, expired, ...(key === claims.pressId ? {} : { otherKey: true }) };
  return answerPress(request, reply, about, await press(context, relay, { ticket, claims, body }));
}

/** The relay's own words, or 201 while it has not taken the press. */
export function answerPress(
  request: FastifyRequest,
  reply: FastifyReply,
  about: { readonly pressId: string } & Readonly<Record<string, unknown>>,
  outcome: PressOutcome,
): FastifyReply {
  if (outcome.kind === 'held') {
    request.log.warn({ ...about, problem: outcome.problem }, 'press held: the relay has not taken it yet');
    return reply.code(201).send({ state: 'held', pressId: about.pressId });
  }
  request.log.info({ ...about, status: outcome.answer.status }, 'press answered by the relay');
  return reply.code(outcome.answer.status).type(outcome.answer.contentType).send(Buffer.from(outcome.answer.body));
}

/** Read as the relay reads it, so that a body is never taken here and refused there. */
export function refuseBody(body: Uint8Array, ticketMode: PayloadMode): void {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not JSON', { at: '$' });
  }
  if (!isRecord(value)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not a JSON object', { at: '$' });
  const { mode } = value;
  if (typeof mode === 'string' && mode !== ticketMode)
    throw new ZhidaError('ZD_ERR_MODE_REFUSED', 'the report is of another mode', { at: 'mode' });
}
