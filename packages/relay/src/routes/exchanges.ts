import type { FastifyInstance } from 'fastify';
import { listExchanges } from '../exchange/exchange.js';
import { currentOperator } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { gateway } from './described.js';
import { exchangeListSchema, problemSchema } from './schemas.js';

const LIMIT = 400;

/** What agencies and this relay say of each day: counts and ids of receipts, nothing of a case. */
export function exchangeRoutes(app: FastifyInstance, { ledger }: RouteContext): void {
  app.get(
    '/v1/exchanges',
    {
      schema: {
        summary: 'Days that agencies and this relay have compared, those with a difference first',
        tags: ['operations'],
        security: gateway('delivery:operate'),
        response: { 200: exchangeListSchema, '4xx': problemSchema },
      },
    },
    async (request) => {
      await currentOperator(app, request);
      return { exchanges: await listExchanges(ledger, LIMIT) };
    },
  );
}
