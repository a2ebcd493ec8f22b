import { ZhidaError } from '@zhida/core';
import { verifyFeedback, verifyOpening, verifyReceipt } from '@zhida/signing';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { facilityOfDelivery, facilityOfReport } from '../ledger/due.js';
import { recordFeedback } from '../ledger/feedback.js';
import { recordOpening } from '../ledger/openings.js';
import { recordReceipt } from '../ledger/receipts.js';
import type { RouteContext } from './context.js';
import { problemSchema, recordedSchema } from './schemas.js';

/** What agencies post on their own. The signed message is the credential; there is no other. */
export function agencyRoutes(app: FastifyInstance, context: RouteContext): void {
  const { keys, ledger } = context;
  const responses = { 200: recordedSchema, '4xx': problemSchema };

  app.post(
    '/v1/agency/receipts',
    { schema: { summary: 'Takes a signed receipt', tags: ['agency'], consumes: ['application/jose'], response: responses } },
    async (request) => {
      const jws = textOf(request);
      const claims = await verifyReceipt(jws, { trusted: keys.trusted });
      const tenant = await facilityOfDelivery(ledger, claims.deliveryId);
      if (tenant === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'deliveryId' });
      const { repeat } = await recordReceipt(tenant, ledger, { claims, jws, via: 'posted' });
      request.log.info({ deliveryId: claims.deliveryId, party: claims.iss, stage: claims.stage, repeat }, 'receipt posted');
      return { recorded: true, repeat };
    },
  );

  app.post(
    '/v1/agency/feedback',
    { schema: { summary: 'Takes a signed feedback', tags: ['agency'], consumes: ['application/jose'], response: responses } },
    async (request) => {
      const jws = textOf(request);
      const claims = await verifyFeedback(jws, { trusted: keys.trusted });
      const tenant = await facilityOfReport(ledger, claims.reportId);
      if (tenant === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report', { at: 'reportId' });
      const { repeat } = await recordFeedback(tenant, ledger, { claims, jws });
      request.log.info({ reportId: claims.reportId, party: claims.iss, code: claims.code, repeat }, 'feedback posted');
      return { recorded: true, repeat };
    },
  );

  app.post(
    '/v1/agency/openings',
    {
      schema: {
        summary: 'Takes a signed opening of a restricted group',
        tags: ['agency'],
        consumes: ['application/jose'],
        response: responses,
      },
    },
    async (request) => {
      const jws = textOf(request);
      const claims = await verifyOpening(jws, { trusted: keys.trusted });
      const tenant = await facilityOfDelivery(ledger, claims.deliveryId);
      if (tenant === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'deliveryId' });
      const { repeat } = await recordOpening(tenant, ledger, { claims, jws });
      request.log.info({ deliveryId: claims.deliveryId, party: claims.iss, group: claims.group, repeat }, 'opening posted');
      return { recorded: true, repeat };
    },
  );
}

function textOf(request: FastifyRequest): string {
  if (!Buffer.isBuffer(request.body)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is a compact JWS');
  return request.body.toString('utf8').trim();
}
