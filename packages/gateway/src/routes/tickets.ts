import { ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { accountOf, authenticateClinician, bearerToken } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import { type ManualAsker, openManual } from '../prompts/manual.js';
import { bytesOf, jsonObjectOf } from './body.js';
import { CLINICIAN, documented } from './documented.js';
import { localeOf } from './locale.js';
import { manualCaseSchema, manualRequestSchema } from './schemas.js';

/** Staff numbers and names: printable, and short enough for a column. */
const TYPED = /^[^\p{Cc}\p{Cf}]{1,64}$/u;

/**
 * `POST /v1/tickets`: a press ticket for a report a person begins. With a token it is the signed-in clinician's, prefilled from
 * the open chart. Without one a staff number is enough: the finder may be a pathologist or a receptionist without a HIS account,
 * a report is never refused for a credential (INV-9), and it goes out marked as typed.
 */
export function ticketRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.post(
    '/v1/tickets',
    documented({
      summary: 'Opens a report a person begins; with a token for the chart that is open, without one for a staff number',
      tags: ['reports'],
      access: [...CLINICIAN, {}],
      body: manualRequestSchema,
      answer: manualCaseSchema,
    }),
    async (request, reply) => {
      const asker = await askerOf(context, request);
      const opened = await openManual(context, asker, localeOf(request));
      request.log.info({ pressId: opened.pressId, basis: asker.basis }, 'manual report opened');
      return reply.header('cache-control', 'no-store').send(opened);
    },
  );
}

async function askerOf(context: GatewayContext, request: FastifyRequest): Promise<ManualAsker> {
  const asked = bytesOf(request).length === 0 ? {} : jsonObjectOf(bytesOf(request));
  const text = (name: string): string => (typeof asked[name] === 'string' ? asked[name].trim() : '');
  if (request.headers.authorization !== undefined) {
    const presser = await authenticateClinician(context, bearerToken(request), 'prompt:answer');
    return { presser, basis: 'login', encounterId: text('encounterId') };
  }
  const [staffId, name] = [text('staffId'), text('name')];
  if (!TYPED.test(staffId)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a staff number is needed', { at: 'staffId' });
  if (name !== '' && !TYPED.test(name)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this is no name', { at: 'name' });
  return { presser: { account: accountOf('typed', staffId), name, role: '', staffId }, basis: 'typed', encounterId: '' };
}
