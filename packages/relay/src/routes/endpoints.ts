import { ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { disableEndpoint, enableEndpoint } from '../ledger/endpoints.js';
import { listLines } from '../ledger/lines.js';
import { currentOperator } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { type Described, gateway, operated, reasonBody } from './described.js';
import { lineListSchema, recordedSchema } from './schemas.js';
import { reasonIn } from './short-text.js';

interface OfParty {
  readonly Params: { party: string };
}

/** How the road to each recipient stands, and how an administrator stops and restarts sending on one. Nothing is dropped by either. */
export function endpointRoutes(app: FastifyInstance, { ledger, intake }: RouteContext): void {
  const { recipients } = intake.profile;
  const decision: Described = { security: gateway('endpoint:admin'), takes: { body: reasonBody } };

  app.get(
    '/v1/endpoints',
    operated('operations', 'How the road to each recipient stands, and what is held on it', lineListSchema),
    async (request) => {
      const { facility, account } = await currentOperator(app, request);
      return { lines: await listLines(facility, ledger, { recipients, by: account }) };
    },
  );

  const decided = async (request: FastifyRequest<OfParty>, act: typeof disableEndpoint) => {
    const { facility, account } = await currentOperator(app, request, 'endpoint:admin');
    const { party } = request.params;
    // Whoever got a report by a transfer, or has left the profile, is sent to by its trust file alone.
    if (!recipients.some((recipient) => recipient.party === party) && ledger.keys.trusted.party(party)?.role !== 'agency')
      throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no recipient of this relay', { at: 'party' });
    const reason = reasonIn(request.body);
    const { repeat } = await act(facility, ledger, party, { by: account, reason });
    return { recorded: true, repeat };
  };

  app.post<OfParty>(
    '/v1/endpoints/:party/disable',
    operated(
      'operations',
      'Stops sending to a recipient, with a reason; its deliveries are held and somebody is called',
      recordedSchema,
      decision,
    ),
    async (request) => {
      const done = await decided(request, disableEndpoint);
      request.log.warn({ party: request.params.party }, 'an endpoint is disabled; what is for it is held');
      return done;
    },
  );

  app.post<OfParty>(
    '/v1/endpoints/:party/enable',
    operated(
      'operations',
      'Starts sending to a recipient again, with a reason; what was held goes with the next sweep',
      recordedSchema,
      decision,
    ),
    async (request) => {
      const done = await decided(request, enableEndpoint);
      request.log.info({ party: request.params.party }, 'an endpoint is enabled again');
      return done;
    },
  );
}
