import { ZhidaError } from '@zhida/core';
import { verifyTicket } from '@zhida/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticateClinician, bearerToken, type Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../options.js';
import { press } from '../presses/press.js';
import type { RelayClient } from '../relay-client.js';
import { openEventStream, type EventStream } from './event-stream.js';

const WAIT_MS = 500;

/** The press and what became of it. The relay's own words are passed on untouched. */
export function reportRoutes(app: FastifyInstance, context: GatewayContext, relay: RelayClient): void {
  app.post('/v1/reports', { bodyLimit: context.settings.maxReportBytes }, async (request, reply) => {
    const ticket = header(request, 'press-ticket');
    if (ticket === undefined) throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'a press needs its ticket', { at: 'press-ticket' });
    const pressId = header(request, 'idempotency-key');
    if (pressId === undefined) throw new ZhidaError('ZD_ERR_IDEMPOTENCY_KEY_MISSING', 'a press needs its key', { at: 'idempotency-key' });
    // An expired ticket is no reason to lose a report: the relay takes it and flags it (INV-9).
    const { claims } = await verifyTicket(ticket, {
      trusted: context.keys.trusted,
      self: context.keys,
      audience: context.relayParty,
      now: context.clock.now(),
    });
    const body = new TextEncoder().encode(typeof request.body === 'string' ? request.body : '');
    const outcome = await press(context, relay, { pressId, ticket, claims, body });
    if (claims.promptId !== null) context.changes.publish(claims.promptId);
    if (outcome.kind === 'held') return reply.code(201).send({ state: 'held', pressId });
    return reply.code(outcome.answer.status).type(outcome.answer.contentType).send(outcome.answer.body);
  });

  app.get<{ Params: { id: string } }>('/v1/reports/:id', async (request, reply) => {
    const clinician = await authenticateClinician(context, bearerToken(request), 'report:read.own');
    const own = await ownPress(context, clinician, request.params.id);
    if (own.reportId === null) return { headline: 'held', pressId: own.pressId, lines: [] };
    const answer = await relay.get(`/v1/reports/${own.reportId}`, context.settings.relayAnswerMs);
    return reply.code(answer.status).type(answer.contentType).send(answer.body);
  });

  app.get<{ Params: { id: string } }>('/v1/reports/:id/events', async (request, reply) => streamReport(context, relay, request, reply));
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

interface OwnPress {
  readonly pressId: string;
  readonly reportId: string | null;
}

/** Only the account that pressed reads the status; to everyone else the report does not exist. */
async function ownPress(context: GatewayContext, clinician: Clinician, id: string): Promise<OwnPress> {
  const row = await context.database.db
    .selectFrom('presses')
    .select(['press_id', 'report_id'])
    .where('facility', '=', context.facility.code)
    .where('account', '=', clinician.account)
    .where((where) => where.or([where('press_id', '=', id), where('report_id', '=', id)]))
    .executeTakeFirst();
  if (row === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report of this account', { at: 'id' });
  return { pressId: row.press_id, reportId: row.report_id };
}

async function streamReport(
  context: GatewayContext,
  relay: RelayClient,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
): Promise<void> {
  const clinician = await authenticateClinician(context, bearerToken(request), 'report:read.own');
  let own = await ownPress(context, clinician, request.params.id);
  const lastEventId = header(request, 'last-event-id');
  const stream = openEventStream(reply);
  const closed = new AbortController();
  stream.onClose(() => closed.abort());
  if (own.reportId === null) stream.send('status', { headline: 'held', pressId: own.pressId, lines: [] }, '0');
  try {
    while (own.reportId === null && !closed.signal.aborted) {
      await pause(WAIT_MS, closed.signal);
      own = await ownPress(context, clinician, request.params.id);
    }
    if (own.reportId !== null) await pipeRelay(relay, own.reportId, lastEventId, stream, reply, closed.signal);
  } catch (error) {
    if (!closed.signal.aborted) request.log.warn({ err: error }, 'the status stream broke off; the page opens it again');
  }
  stream.end();
}

async function pipeRelay(
  relay: RelayClient,
  reportId: string,
  lastEventId: string | undefined,
  stream: EventStream,
  reply: FastifyReply,
  signal: AbortSignal,
): Promise<void> {
  const response = await relay.stream(
    `/v1/reports/${reportId}/events`,
    lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
    signal,
  );
  if (response.status !== 200 || response.body === null)
    throw new ZhidaError('ZD_ERR_HTTP', 'the relay refused the stream', { at: 'relay' });
  for await (const chunk of response.body) reply.raw.write(chunk);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
