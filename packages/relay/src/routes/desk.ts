import { isId, ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { openCase } from '../ledger/open-case.js';
import { type FormRequest, printForm } from '../ledger/print-form.js';
import { listExercised, listWaiting } from '../ledger/waiting.js';
import { currentOperator } from '../plugins/assertions.js';
import type { RouteContext } from './context.js';
import { formBody, gateway, operated, reasonBody } from './described.js';
import { jsonObjectOf } from './json-body.js';
import { openedCaseSchema, problemSchema, waitingListSchema, waitingSchema } from './schemas.js';
import { reasonIn } from './short-text.js';

/** More than a night can bring; what is older is still in the list of deliveries. */
const PAGE = 200;

/** What the duty desk (总值班) works with: whom the police have not answered, and one case at a time, with a reason. */
export function deskRoutes(app: FastifyInstance, context: RouteContext): void {
  const { ledger } = context;
  app.get('/v1/waiting', operated('operations', 'Reports without police acceptance, newest first', waitingListSchema), async (request) => {
    const { facility, account } = await currentOperator(app, request);
    const reports = await listWaiting(facility, ledger, { by: account, limit: PAGE + 1 });
    return { reports: reports.slice(0, PAGE), more: reports.length > PAGE };
  });

  app.get<{ Params: { id: string } }>(
    '/v1/waiting/:id',
    operated('operations', 'One report as the duty desk sees it, also when it waits no more', waitingSchema),
    async (request) => {
      const { facility, account } = await currentOperator(app, request);
      const [report] = await listWaiting(facility, ledger, { by: account, limit: 1, only: reportIdOf(request.params.id) });
      if (report === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report', { at: 'id' });
      return report;
    },
  );

  app.get(
    '/v1/exercised',
    operated('operations', 'Reports of exercises, newest first, however far they are', waitingListSchema),
    async (request) => {
      const { facility, account } = await currentOperator(app, request);
      const reports = await listExercised(facility, ledger, { by: account, limit: PAGE + 1 });
      return { reports: reports.slice(0, PAGE), more: reports.length > PAGE };
    },
  );

  app.post<{ Params: { id: string } }>(
    '/v1/reports/:id/open',
    operated('operations', 'Opens a case at the duty desk, with a reason that is logged', openedCaseSchema, {
      security: gateway('report:open'),
      takes: { body: reasonBody },
    }),
    async (request) => {
      const { facility, account } = await currentOperator(app, request, 'report:open');
      const reportId = reportIdOf(request.params.id);
      const reason = reasonIn(request.body, 'a case is opened with a reason');
      const opened = await openCase(facility, ledger, { reportId, by: account, reason });
      request.log.info({ reportId }, 'case opened at the duty desk');
      return opened;
    },
  );
  formRoute(app, context);
}

/** A POST, because it takes a reason, and a reason may name somebody: it belongs in no address. */
function formRoute(app: FastifyInstance, { ledger }: RouteContext): void {
  app.post<{ Params: { id: string } }>(
    '/v1/reports/:id/form',
    {
      schema: {
        summary: 'The report as a page to print, for the recipient of one delivery, with a reason that is logged',
        tags: ['operations'],
        security: gateway('report:open'),
        takes: { body: formBody },
        produces: ['text/html'],
        response: { 200: Type.String(), '4xx': problemSchema },
      },
      serializerCompiler: () => (data) => String(data),
    },
    async (request, reply) => {
      const { facility, account } = await currentOperator(app, request, 'report:open');
      const reportId = reportIdOf(request.params.id);
      const body = jsonObjectOf(request.body);
      const { deliveryId, locale } = body;
      const reason = reasonIn(request.body, 'a report is printed with a reason');
      if (!isId('dlv', deliveryId)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a delivery is expected', { at: 'deliveryId' });
      const asked: FormRequest = { reportId, deliveryId, by: account, reason, locale: locale === 'en' ? 'en' : 'zh-CN' };
      const page = await printForm(facility, ledger, asked);
      request.log.info({ reportId, deliveryId }, 'report printed');
      return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(page);
    },
  );
}

function reportIdOf(id: string): string {
  if (!isId('rpt', id)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report', { at: 'id' });
  return id;
}
