import { ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { readTicket } from '../access/press-ticket.js';
import { authenticateReader } from '../access/reader.js';
import type { GatewayContext } from '../context.js';
import { caseOf, followUpOf } from '../presses/follow-up.js';
import { press } from '../presses/press.js';
import type { RelayClient } from '../relay-client.js';
import { bytesOf, headerOf } from './body.js';
import { documented, PRESS, READER } from './documented.js';
import { answerPress, pressHeadersSchema, refuseBody } from './reports.js';
import { followUpListSchema, followUpSchema, heldSchema, idParameterSchema, relayAnswerSchema } from './schemas.js';

const KEY = /^[\x21-\x7e]{1,64}$/;

/** S8: what comes after a report. Each is a report of its own in the same case; none takes the first one back (INV-8). */
export function followUpRoutes(app: FastifyInstance, context: GatewayContext, relay: RelayClient): void {
  app.post<{ Params: { id: string } }>(
    '/v1/reports/:id/follow-ups',
    {
      bodyLimit: context.settings.maxReportBytes,
      ...documented({
        summary:
          'A follow-up, correction or error notice to an own report, or a follow-up to a colleague’s of the same prompt and visit; answered as a press is',
        tags: ['reports'],
        access: PRESS,
        params: idParameterSchema,
        headers: pressHeadersSchema,
        body: followUpSchema,
        answer: { 200: relayAnswerSchema, 201: heldSchema, 202: relayAnswerSchema },
      }),
    },
    async (request, reply) => {
      const ticket = headerOf(request, 'press-ticket') ?? '';
      const { claims, expired } = await readTicket(context, ticket);
      const key = headerOf(request, 'idempotency-key') ?? '';
      if (!KEY.test(key)) throw new ZhidaError('ZD_ERR_IDEMPOTENCY_KEY_MISSING', 'a press needs its key', { at: 'idempotency-key' });
      const body = bytesOf(request);
      refuseBody(body, claims.mode);
      const followUp = await followUpOf(context, { ticket, claims, expired, id: request.params.id, key, body });
      const about = { pressId: followUp.claims.pressId, kind: followUp.follows?.kind, expired };
      return answerPress(request, reply, about, await press(context, relay, followUp));
    },
  );

  app.get<{ Params: { id: string } }>(
    '/v1/reports/:id/follow-ups',
    documented({
      summary: 'What this account has pressed after a report, oldest first, and whom that report speaks of',
      tags: ['reports'],
      access: READER,
      params: idParameterSchema,
      answer: followUpListSchema,
    }),
    async (request, reply) => {
      const known = await caseOf(context, await authenticateReader(context, request), request.params.id);
      return reply.header('cache-control', 'no-store').send(known);
    },
  );
}
