import { DEFAULT_ZONE, isId, isoNow, isZhidaError, parseInstant, ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CALL_OUTCOMES } from '../desk/desk-relay.js';
import { confirmHandover, handOver } from '../desk/handover.js';
import { openedPage } from '../desk/pages/opened.js';
import { reportLive, reportStanding, reportStill } from '../desk/pages/report.js';
import { formOf } from './body.js';
import {
  acting,
  atDesk,
  type DeskParts,
  formOfPage,
  frameOf,
  openRows,
  pageOf,
  redirect,
  reportParts,
  sendDesk,
  sendSheet,
  unlessAway,
} from './desk-page.js';

type ReportRoute = { Params: { reportId: string } };
type HandoverRoute = { Params: { handoverId: string } };

/** One report, and what a person does about it: telephone, attest a handover, see whom it is about; and the handover of the desk itself. */
export function deskActRoutes(app: FastifyInstance, parts: DeskParts): void {
  const { context } = parts;
  app.get<ReportRoute>('/duty/reports/:reportId', pageOf('One report: whom to call, and what to say'), async (request, reply) => {
    const at = await atDesk(parts, request);
    if (at === undefined) return redirect(reply, '/duty/sign-in');
    const [report, roster] = await Promise.all([at.asked.report(reportIdOf(request)), unlessAway(at.asked.roster())]);
    const frame = { ...frameOf(parts, request, reply, `/duty/reports/${report.reportId}`), viewer: at.viewer, roster, mode: report.mode };
    const shown = await reportParts(context, frame, report, roster);
    const liveAfter = reportStanding(frame, report);
    return sendDesk(reply, frame, { live: reportLive(frame, shown), still: reportStill(frame, at.viewer, shown), liveAfter });
  });
  app.post<ReportRoute>(
    '/duty/reports/:reportId/calls',
    formOfPage('Logs a call; it closes nothing', ['callId', 'outcome', 'number', 'answeredBy', 'incidentNumber']),
    async (request, reply) => {
      const { asked } = await acting(parts, request);
      const { reportId } = await asked.report(reportIdOf(request));
      await asked.call(reportId, { ...callOf(formOf(request)), at: isoNow(context.clock) }).catch(unlessLogged);
      return redirect(reply, `/duty/reports/${reportId}`);
    },
  );
  app.post<ReportRoute>(
    '/duty/reports/:reportId/attest',
    formOfPage('Attests a handover', ['deliveryId', 'handedTo', 'handedAt', 'how', 'incidentNumber']),
    async (request, reply) => {
      const { asked } = await acting(parts, request);
      const form = formOf(request);
      await asked.attest(form.get('deliveryId') ?? '', handoverOf(form));
      return redirect(reply, `/duty/reports/${reportIdOf(request)}`);
    },
  );
  app.post<ReportRoute>(
    '/duty/reports/:reportId/open',
    formOfPage('Opens a case, with a logged reason', ['reason']),
    async (request, reply) => {
      const { asked, viewer } = await acting(parts, request);
      const reportId = reportIdOf(request);
      const { mode } = await asked.report(reportId);
      const opened = await asked.open(reportId, formOf(request).get('reason') ?? '');
      const frame = { ...frameOf(parts, request, reply, `/duty/reports/${reportId}`), viewer, mode };
      return sendDesk(reply, frame, { still: openedPage(frame, reportId, opened) });
    },
  );
  formRoute(app, parts);
  handoverRoutes(app, parts);
}

/** A sheet of its own, not a page of the desk: what it looks like is written in it, and it loads and runs nothing. */
function formRoute(app: FastifyInstance, parts: DeskParts): void {
  app.post<ReportRoute>(
    '/duty/reports/:reportId/form',
    formOfPage('The report as a page to print for one recipient, with a logged reason', ['deliveryId', 'reason']),
    async (request, reply) => {
      const { asked } = await acting(parts, request);
      const form = formOf(request);
      const { locale } = frameOf(parts, request, reply);
      const wanted = { deliveryId: form.get('deliveryId') ?? '', reason: form.get('reason') ?? '', locale };
      return sendSheet(reply, await asked.form(reportIdOf(request), wanted));
    },
  );
}

function handoverRoutes(app: FastifyInstance, parts: DeskParts): void {
  const { context } = parts;
  app.post('/duty/handover', formOfPage('Hands the desk over, with what is open', []), async (request, reply) => {
    const at = await acting(parts, request);
    const { rows, away } = await openRows(parts, at);
    // Half a list must not be signed for as the whole.
    if (away) throw new ZhidaError('ZD_ERR_HTTP', 'the relay did not answer', { at: 'relay' });
    const open = rows.map(({ number, mode }) => ({ number: number ?? '—', exercise: mode === 'exercise' }));
    await handOver(context, at.viewer.officer.id, open);
    return redirect(reply, '/duty/handover');
  });
  app.post<HandoverRoute>(
    '/duty/handover/:handoverId/confirm',
    formOfPage('The next person takes the desk over', []),
    async (request, reply): Promise<FastifyReply> => {
      const { viewer } = await acting(parts, request);
      const { handoverId } = request.params;
      if (!isId('hnd', handoverId)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such handover', { at: 'handoverId' });
      await confirmHandover(context, handoverId, viewer.officer.id);
      return redirect(reply, '/duty/handover');
    },
  );
}

function reportIdOf({ params }: FastifyRequest): string {
  const { reportId } = params as ReportRoute['Params'];
  if (!isId('rpt', reportId)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report', { at: 'reportId' });
  return reportId;
}

function callOf(form: URLSearchParams): Record<string, string> {
  const outcome = CALL_OUTCOMES.find((known) => known === form.get('outcome'));
  if (outcome === undefined) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'an outcome is expected', { at: 'outcome' });
  const text = (name: string): string => form.get(name)?.trim() ?? '';
  return {
    callId: text('callId'),
    outcome,
    number: text('number'),
    answeredBy: text('answeredBy'),
    incidentNumber: text('incidentNumber'),
  };
}

/** A form that was sent twice is one call: the second has another minute, and the first one stands. */
function unlessLogged(error: unknown): void {
  if (!(isZhidaError(error) && error.code === 'ZD_ERR_CONFLICT' && error.at === 'callId')) throw error;
}

function handoverOf(form: URLSearchParams): Record<string, string | null> {
  const handedAt = parseInstant(form.get('handedAt') ?? '', DEFAULT_ZONE);
  if (handedAt === undefined) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a time is expected', { at: 'handedAt' });
  return {
    handedTo: form.get('handedTo'),
    handedAt: new Date(handedAt).toISOString(),
    how: form.get('how'),
    incidentNumber: form.get('incidentNumber'),
  };
}
