import { isId, parseInstant, ZhidaError } from '@zhida/core';
import { HANDOVER_WAYS } from '@zhida/signing';
import type { FastifyInstance } from 'fastify';
import { attest, type Handover } from '../attestation/attest.js';
import { redeliver } from '../ledger/redeliver.js';
import { silenceRung } from '../escalation/answers.js';
import { currentOperator } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { handoverBody, operated, reasonBody, silenceBody } from './described.js';
import { jsonObjectOf } from './json-body.js';
import { reasonIn, shortText, TEXT_LENGTH_MAX } from './short-text.js';
import { attestedSchema, recordedSchema, redeliverSchema } from './schemas.js';

const RUNG = /^[a-z0-9-]{1,40}$/;

/** What a person at the duty desk does to one delivery: attest that it was handed over, silence one of its rungs, have it sent again now. */
export function operatorRoutes(app: FastifyInstance, context: RouteContext): void {
  const { ledger } = context;
  app.post<{ Params: { id: string } }>(
    '/v1/deliveries/:id/attest',
    operated('operations', 'A named person attests that they handed a report over', attestedSchema, { takes: { body: handoverBody } }),
    async (request) => {
      const operator = await currentOperator(app, request);
      const deliveryId = deliveryIdOf(request.params.id);
      const done = await attest(operator.facility, ledger, deliveryId, readHandover(request.body, operator.account));
      request.log.info({ deliveryId, ...done }, 'handover attested');
      return done;
    },
  );

  app.post<{ Params: { id: string } }>(
    '/v1/deliveries/:id/silence',
    operated('operations', 'Silences one rung with a reason; state and next clock do not change', recordedSchema, {
      takes: { body: silenceBody },
    }),
    async (request) => {
      const operator = await currentOperator(app, request);
      const deliveryId = deliveryIdOf(request.params.id);
      const body = jsonObjectOf(request.body);
      const rung = body['rung'];
      if (typeof rung !== 'string' || !RUNG.test(rung))
        throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a rung is expected', { at: 'rung' });
      const reason = reasonIn(request.body, 'a silence needs a reason');
      await silenceRung(operator.facility, ledger, deliveryId, { rung, reason, by: operator.account });
      request.log.info({ deliveryId, rung }, 'rung silenced');
      return { recorded: true, repeat: false };
    },
  );

  app.post<{ Params: { id: string } }>(
    '/v1/deliveries/:id/redeliver',
    operated('operations', 'Makes an open delivery due now, with a reason; id, bytes and rung stay what they are', redeliverSchema, {
      takes: { body: reasonBody },
    }),
    async (request) => {
      const operator = await currentOperator(app, request);
      const deliveryId = deliveryIdOf(request.params.id);
      const asked = { deliveryId, by: operator.account, reason: reasonIn(request.body) };
      const { priority } = await redeliver(operator.facility, ledger, asked);
      context.intake.committed([{ deliveryId, priority }]);
      request.log.info({ deliveryId }, 'an operator asked for the next attempt');
      return { deliveryId };
    },
  );
}

function deliveryIdOf(id: string): string {
  if (!isId('dlv', id)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'id' });
  return id;
}

function readHandover(body: unknown, by: string): Handover {
  const value = jsonObjectOf(body);
  const refuse = (at: string): never => {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this member of a handover is missing or wrong', { at });
  };
  const { handedAt } = value;
  const handedAtMs = typeof handedAt === 'string' ? parseInstant(handedAt) : undefined;
  return {
    by,
    handedTo: shortText(value, 'handedTo', TEXT_LENGTH_MAX) ?? refuse('handedTo'),
    handedAt: handedAtMs === undefined ? refuse('handedAt') : new Date(handedAtMs),
    how: HANDOVER_WAYS.find((way) => way === value['how']) ?? refuse('how'),
    incidentNumber: shortText(value, 'incidentNumber', TEXT_LENGTH_MAX),
  };
}
