import { isZhidaError, type Json, ZhidaError } from '@zhida/core';
import { type TicketClaims, verifyTicket } from '@zhida/signing';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Accepted, acceptReport, type ReceivedPress } from '../intake/accept.js';
import { readStatus } from '../ledger/status.js';
import { type Caller, currentCaller } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { gateway, PRESS, pressTakes } from './described.js';
import { problemSchema, reportAnswerSchema, reportStatusSchema } from './schemas.js';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;

interface PressTicket {
  readonly claims: TicketClaims;
  readonly expired: boolean;
}

/** Intake and status of reports, for gateways. */
export function reportRoutes(app: FastifyInstance, context: RouteContext): void {
  app.post(
    '/v1/reports',
    {
      schema: {
        summary: 'Takes a report: 202 once it is durable, 200 with the first answer for a repeated key',
        tags: ['reports'],
        security: PRESS,
        takes: pressTakes,
        response: { 200: reportAnswerSchema, 202: reportAnswerSchema, '4xx': problemSchema, 503: problemSchema },
      },
      onRequest: async () => context.admission.refuseWhenFull(),
    },
    async (request, reply) => {
      const { repeat, answer } = await context.admission.run(async () => takePress(app, context, request));
      // As bytes, because a repeat must get the first answer as it was and a serializer would write it anew.
      return reply
        .code(repeat ? 200 : 202)
        .type('application/json')
        .send(answer);
    },
  );

  app.get<{ Params: { id: string } }>(
    '/v1/reports/:id',
    {
      schema: {
        summary: 'How a report stands',
        tags: ['reports'],
        security: gateway('report:read'),
        response: { 200: reportStatusSchema, '4xx': problemSchema },
      },
    },
    async (request) => {
      const caller = await currentCaller(app, request, 'report:read');
      const status = await readStatus(caller.facility, context.ledger.db, request.params.id);
      if (status === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'this facility has no such report');
      return status;
    },
  );
}

async function takePress(app: FastifyInstance, context: RouteContext, request: FastifyRequest): Promise<Accepted> {
  const { tenant, press } = await pressOf(app, context, request);
  try {
    const accepted = await acceptReport(tenant, context.intake, press);
    const { repeat, mode, reportId } = accepted;
    if (mode !== 'exercise') context.metrics.intake[repeat ? 'repeated' : 'accepted'] += 1;
    request.log.info({ reportId, repeat, mode, authDegraded: press.authDegraded }, repeat ? 'press repeated' : 'report accepted');
    return accepted;
  } catch (error) {
    context.metrics.intake[error instanceof ZhidaError && error.status < 500 ? 'refused' : 'failed'] += 1;
    throw error;
  }
}

/**
 * Whose press this is. Either credential is enough for a report to be taken: a gateway's assertion or a press ticket it has
 * signed, also one past its time. What is missing or late is flagged and verified afterwards, never refused (INV-9).
 */
async function pressOf(
  app: FastifyInstance,
  context: RouteContext,
  request: FastifyRequest,
): Promise<{ tenant: string; press: ReceivedPress }> {
  const caller = await callerOrNone(app, request);
  const ticket = await ticketOrNone(context, request);
  const party = caller?.party ?? ticket?.claims.iss;
  // The ticket is bound to one encounter of one facility, so it knows better than a gateway that serves several.
  const tenant = ticket?.claims.facility ?? caller?.facility;
  if (party === undefined || tenant === undefined)
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'no valid credential came with the request');
  const pressId = pressIdOf(request);
  return {
    tenant,
    press: {
      pressId,
      raw: bodyOf(request),
      actor: party,
      reporterIdentity: ticket === undefined ? undefined : identityOf(ticket.claims),
      ticketMode: ticket?.claims.mode,
      authDegraded: !isWhole(caller, ticket, pressId),
    },
  };
}

/** True if both credentials came, in their time, and speak of this press of this facility. */
function isWhole(caller: Caller | undefined, ticket: PressTicket | undefined, pressId: string): boolean {
  if (caller === undefined || caller.expired || ticket === undefined || ticket.expired) return false;
  return ticket.claims.pressId === pressId && ticket.claims.facility === caller.facility;
}

function pressIdOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (typeof key === 'string' && IDEMPOTENCY_KEY.test(key)) return key;
  throw new ZhidaError('ZD_ERR_IDEMPOTENCY_KEY_MISSING', 'a report needs an Idempotency-Key header', { at: 'idempotency-key' });
}

async function callerOrNone(app: FastifyInstance, request: FastifyRequest): Promise<Caller | undefined> {
  if (request.headers.authorization === undefined) return undefined;
  try {
    return await app.callerOf(request, 'report:create');
  } catch (error) {
    // A ticket may still be enough; then the report is taken, and what was wrong is looked at afterwards.
    request.log.warn({ code: isZhidaError(error) ? error.code : 'ZD_ERR_BUG' }, 'the assertion was not taken');
    return undefined;
  }
}

async function ticketOrNone({ keys, clock, facilityCodes }: RouteContext, request: FastifyRequest): Promise<PressTicket | undefined> {
  const header = request.headers['press-ticket'];
  if (typeof header !== 'string') return undefined;
  try {
    const ticket = await verifyTicket(header, { trusted: keys.trusted, audience: keys.party, now: clock.now() });
    return facilityCodes.includes(ticket.claims.facility) ? ticket : undefined;
  } catch (error) {
    request.log.warn({ code: isZhidaError(error) ? error.code : 'ZD_ERR_BUG' }, 'the press ticket was not taken');
    return undefined;
  }
}

/** The person behind the press: sealed under a key of its own and shown to a named officer alone (INV-10). */
function identityOf({ sub, reporter }: TicketClaims): Json {
  return { account: sub, ...reporter };
}

function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}
