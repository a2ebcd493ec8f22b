import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { listDeliveries } from '../ledger/listing.js';
import { currentCaller } from '../plugins/assertions.js';
import type { DeliveryState } from '../schema.js';
import type { RouteContext } from './context.js';
import { gateway } from './described.js';
import { deliveryListSchema, problemSchema } from './schemas.js';

const PAGE = 200;

const querySchema = Type.Object({
  state: Type.Optional(
    Type.Union([Type.Literal('open'), Type.Literal('attested'), Type.Literal('stored'), Type.Literal('accepted')], { default: 'open' }),
  ),
  after: Type.Optional(Type.String({ pattern: '^(dlv_[0-9a-z]{26})?$', default: '' })),
});

/** What is still owed, for the duty office. */
export function deliveryRoutes(app: FastifyInstance, context: RouteContext): void {
  app.get<{ Querystring: { state?: DeliveryState; after?: string } }>(
    '/v1/deliveries',
    {
      schema: {
        summary: 'Deliveries of one state, oldest first, a page at a time',
        tags: ['operations'],
        security: gateway('delivery:operate'),
        querystring: querySchema,
        response: { 200: deliveryListSchema, '4xx': problemSchema },
      },
    },
    async (request) => {
      const caller = await currentCaller(app, request, 'delivery:operate');
      const { state = 'open', after = '' } = request.query;
      const deliveries = await listDeliveries(caller.facility, context.ledger, { state, after, limit: PAGE, by: caller.account });
      return { deliveries, next: deliveries.length === PAGE ? (deliveries.at(-1)?.deliveryId ?? null) : null };
    },
  );
}
