import { isId, ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listDeadLetters, replayDeadLetter } from '../dead-letters/dead-letters.js';
import { currentOperator } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { gateway, reasonBody } from './described.js';
import { deadLetterListSchema, problemSchema, replayedSchema } from './schemas.js';
import { reasonIn } from './short-text.js';

const PAGE = 200;

/** What this relay itself cannot bring on its way: seen, and tried again once it is mended. */
export function deadLetterRoutes(app: FastifyInstance, { ledger, intake }: RouteContext): void {
  app.get<{ Querystring: { after?: string } }>(
    '/v1/dead-letters',
    {
      schema: {
        summary: 'Deliveries that a fault of this relay keeps here; an agency that is away makes none',
        tags: ['operations'],
        security: gateway('delivery:operate'),
        querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^(dlv_[0-9a-z]{26})?$', default: '' })) }),
        response: { 200: deadLetterListSchema, '4xx': problemSchema },
      },
    },
    async (request) => {
      const operator = await currentOperator(app, request);
      const page = { by: operator.account, after: request.query.after ?? '', limit: PAGE };
      const deadLetters = await listDeadLetters(operator.facility, ledger, page);
      return { deadLetters, next: deadLetters.length === PAGE ? (deadLetters.at(-1)?.deliveryId ?? null) : null };
    },
  );

  app.post<{ Params: { id: string } }>(
    '/v1/dead-letters/:id/replay',
    {
      schema: {
        summary: 'Tries a dead letter again now, with a reason; the bytes are those of intake',
        tags: ['operations'],
        security: gateway('delivery:operate'),
        takes: { body: reasonBody },
        response: { 200: replayedSchema, '4xx': problemSchema, 500: problemSchema },
      },
    },
    async (request) => {
      const operator = await currentOperator(app, request);
      const deliveryId = request.params.id;
      if (!isId('dlv', deliveryId)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such dead letter', { at: 'id' });
      const reason = reasonIn(request.body);
      const { priority, payloadSha256 } = await replayDeadLetter(operator.facility, ledger, { deliveryId, by: operator.account, reason });
      intake.committed([{ deliveryId, priority }]);
      request.log.info({ deliveryId }, 'a dead letter is tried again');
      return { deliveryId, payloadSha256 };
    },
  );
}
