import { isId, parseInstant, ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { type Call, recordCall } from '../ledger/calls.js';
import { currentCaller } from '../plugins/assertions.js';
import type { CallOutcome } from '../schema.js';
import type { RouteContext } from './context.js';
import { callBody, gateway } from './described.js';
import { jsonObjectOf } from './json-body.js';
import { problemSchema, recordedSchema } from './schemas.js';

const OUTCOMES: readonly CallOutcome[] = ['answered', 'no-answer', 'transferred'];
const TEXT_LENGTH_MAX = 200;

/** Telephone calls about a report, for gateways. */
export function callRoutes(app: FastifyInstance, context: RouteContext): void {
  app.post<{ Params: { id: string } }>(
    '/v1/reports/:id/calls',
    {
      schema: {
        summary: 'Logs a telephone call beside a report; it closes nothing',
        tags: ['reports'],
        security: gateway('report:create'),
        takes: { body: callBody },
        response: { 200: recordedSchema, '4xx': problemSchema },
      },
    },
    async (request) => {
      const caller = await currentCaller(app, request, 'report:create');
      const call = readCall(request.body);
      const { repeat } = await recordCall(caller.facility, context.ledger, { reportId: request.params.id, actor: caller.party, call });
      request.log.info({ reportId: request.params.id, callId: call.callId, outcome: call.outcome, repeat }, 'call logged');
      return { recorded: true, repeat };
    },
  );
}

/** @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` naming the member that is wrong. */
function readCall(body: unknown): Call {
  const value = jsonObjectOf(body);
  const refuse = (at: string): never => {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this member of a call is missing or wrong', { at });
  };
  const text = (name: string): string => {
    const given = value[name] ?? '';
    return typeof given === 'string' && given.length <= TEXT_LENGTH_MAX ? given : refuse(name);
  };
  const { callId, at } = value;
  const madeAt = typeof at === 'string' ? parseInstant(at) : undefined;
  return {
    callId: isId('cal', callId) ? callId : refuse('callId'),
    outcome: OUTCOMES.find((outcome) => outcome === value['outcome']) ?? refuse('outcome'),
    madeAt: madeAt === undefined ? refuse('at') : new Date(madeAt),
    sealed: {
      number: text('number'),
      answeredBy: text('answeredBy'),
      incidentNumber: text('incidentNumber'),
      account: text('account'),
    },
  };
}
