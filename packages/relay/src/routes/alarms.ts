import { type Issue, isId, ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { acknowledge, openAlarms } from '../escalation/answers.js';
import { keepsRoster, onDuty, replaceShifts, rosterGaps, shiftsAhead, shiftsToCome } from '../escalation/roster.js';
import { readRoster } from '../escalation/roster-import.js';
import { currentOperator } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { gateway, operated, rosterTakes } from './described.js';
import { alarmListSchema, problemSchema, recordedSchema, rosterSchema } from './schemas.js';

const PAGE = 200;

/** Alarms of the duty desk, and who is on duty. */
export function alarmRoutes(app: FastifyInstance, context: RouteContext): void {
  const { ledger } = context;
  app.post<{ Params: { id: string } }>(
    '/v1/escalations/:id/acknowledge',
    operated('operations', 'A person has seen an alarm; it is not told again', recordedSchema),
    async (request) => {
      const operator = await currentOperator(app, request);
      if (!isId('esc', request.params.id)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such alarm', { at: 'id' });
      const { repeat } = await acknowledge(operator.facility, ledger, request.params.id, operator.account);
      return { recorded: true, repeat };
    },
  );

  app.get<{ Querystring: { after?: string } }>(
    '/v1/escalations',
    {
      schema: {
        summary: 'Alarms nobody has acknowledged or silenced and whose cause stands, oldest first, a page at a time',
        tags: ['operations'],
        security: gateway('delivery:operate'),
        querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^(esc_[0-9a-z]{26})?$', default: '' })) }),
        response: { 200: alarmListSchema, '4xx': problemSchema },
      },
    },
    async (request) => {
      const operator = await currentOperator(app, request);
      const alarms = await openAlarms(operator.facility, ledger, { by: operator.account, after: request.query.after ?? '', limit: PAGE });
      return { alarms, next: alarms.length === PAGE ? (alarms.at(-1)?.escalationId ?? null) : null };
    },
  );

  app.get(
    '/v1/roster',
    operated('operations', 'Who is on duty now, the shifts of the next 72 hours, and the hours of them in which nobody is', rosterSchema),
    async (request) => {
      const { facility } = await currentOperator(app, request);
      return rosterAnswer(context, facility, await shiftsToCome(facility, ledger), []);
    },
  );

  app.put(
    '/v1/roster',
    operated('operations', 'Imports a duty roster (CSV, xlsx or JSON) in the place of what it overlaps', rosterSchema, {
      takes: rosterTakes,
    }),
    async (request) => {
      const operator = await currentOperator(app, request);
      if (!Buffer.isBuffer(request.body)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is a roster file', { at: '$' });
      const { shifts, issues } = await readRoster(request.body);
      if (shifts.length > 0) await replaceShifts(operator.facility, ledger, shifts, operator.account);
      return rosterAnswer(context, operator.facility, shifts.length, issues);
    },
  );
}

async function rosterAnswer({ ledger }: RouteContext, facility: string, shifts: number, issues: readonly Issue[]) {
  const [kept, gaps, ahead, now] = await Promise.all([
    keepsRoster(facility, ledger),
    rosterGaps(facility, ledger),
    shiftsAhead(facility, ledger),
    onDuty(facility, ledger, ledger.clock.now()),
  ]);
  const iso = (ms: number): string => new Date(ms).toISOString();
  return {
    shifts,
    kept,
    issues,
    gaps: gaps.map(({ fromMs, toMs }) => ({ from: iso(fromMs), to: iso(toMs) })),
    now: now === undefined ? null : { title: now.title, phone: now.phone ?? null },
    ahead: ahead.map(({ startsAtMs, endsAtMs, title, phone }) => ({
      from: iso(startsAtMs),
      to: iso(endsAtMs),
      title,
      phone: phone ?? null,
    })),
  };
}
