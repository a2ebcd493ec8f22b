import type { Clock } from '@zhida/core';
import { type PageSignIn, requireOwnOrigin, type Viewer } from '@zhida/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { TEXTS } from '../locales/locale.js';
import type { PageContext } from '../pages/format.js';
import { listPage } from '../pages/list-page.js';
import { groupPage, reportPage } from '../pages/report-page.js';
import { problemPage, signInPage } from '../pages/small-pages.js';
import { styleSheet } from '../pages/style-sheet.js';
import { LIST_LIMIT } from '../receiver.js';
import { deliveryIdOf, type OfficerDeps, sendAttachment } from './officer-routes.js';
import { problemFor, retryAfter } from './problems.js';
import { securityHeaders } from './security-headers.js';

const FORM_LIMIT_BYTES = 16 * 1024;

export interface PageDeps extends OfficerDeps {
  readonly clock: Clock;
  readonly people: PageSignIn;
}

type DeliveryRoute = { Params: { deliveryId: string }; Body: URLSearchParams };
type AttachmentRoute = { Params: { deliveryId: string; attachmentId: string }; Body: URLSearchParams };
type GroupRoute = { Params: { deliveryId: string; group: string }; Body: URLSearchParams };
type FormRoute = { Body: URLSearchParams };

/** The inbox as plain pages: forms alone, no script, so that it runs in whatever browser a station has. */
export function pageRoutes(app: FastifyInstance, deps: PageDeps): void {
  const { receiver } = deps;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: FORM_LIMIT_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  );
  app.addHook('onSend', async (_request, reply) => {
    for (const [name, value] of Object.entries(securityHeaders)) if (!reply.hasHeader(name)) void reply.header(name, value);
  });
  app.setErrorHandler((error, request, reply) => showProblem(deps, request, reply, error));
  signInRoutes(app, deps);

  app.get('/inbox/style.css', (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').type('text/css; charset=utf-8').send(styleSheet),
  );
  app.get('/inbox', async (request, reply) => {
    const viewer = await deps.people.viewer(request);
    if (viewer === undefined) return reply.redirect('/inbox/sign-in', 303);
    const context = contextOf(deps, request, reply);
    return page(reply, listPage(context, viewer, receiver.mode, await receiver.list(), LIST_LIMIT));
  });
  app.get<DeliveryRoute>('/inbox/:deliveryId', { exposeHeadRoute: false }, async (request, reply) => {
    const viewer = await deps.people.viewer(request);
    if (viewer === undefined) return reply.redirect('/inbox/sign-in', 303);
    const report = await receiver.open(deliveryIdOf(request.params), viewer.officer);
    return page(reply, reportPage(contextOf(deps, request, reply), viewer, report));
  });
  actRoutes(app, deps);
}

function signInRoutes(app: FastifyInstance, deps: PageDeps): void {
  const { receiver, officers, people } = deps;
  app.get('/inbox/sign-in', async (request, reply) => {
    const ended = people.hadSession(request) ? 'ended' : undefined;
    return page(reply, signInPage(contextOf(deps, request, reply), receiver.mode, ended));
  });
  app.post<FormRoute>('/inbox/sign-in', async (request, reply) => {
    requireOwnOrigin(request);
    const form = formOf(request);
    const officer = await officers.signIn(form.get('officer')?.trim() ?? '', form.get('code') ?? '');
    if (officer === undefined) return page(reply.code(401), signInPage(contextOf(deps, request, reply), receiver.mode, 'failed'));
    void reply.header('set-cookie', people.sessionCookie(request, officer));
    return reply.redirect('/inbox', 303);
  });
  app.post<FormRoute>('/inbox/sign-out', async (request, reply) => {
    await actingViewer(deps, request);
    void reply.header('set-cookie', people.endingCookie(request));
    return reply.redirect('/inbox/sign-in', 303);
  });
}

function actRoutes(app: FastifyInstance, deps: PageDeps): void {
  const { receiver } = deps;
  app.post<DeliveryRoute>('/inbox/:deliveryId/accept', async (request, reply) => {
    const { officer } = await actingViewer(deps, request);
    const deliveryId = deliveryIdOf(request.params);
    await receiver.accept(deliveryId, { officer, agencyNumber: formOf(request).get('agencyNumber') });
    return reply.redirect(`/inbox/${deliveryId}`, 303);
  });
  app.post<DeliveryRoute>('/inbox/:deliveryId/misdirected', async (request, reply) => {
    const { officer } = await actingViewer(deps, request);
    const deliveryId = deliveryIdOf(request.params);
    await receiver.misdirected(deliveryId, { officer, transferredTo: formOf(request).get('transferredTo') ?? '' });
    return reply.redirect(`/inbox/${deliveryId}`, 303);
  });
  app.post<DeliveryRoute>('/inbox/:deliveryId/stopped-using', async (request, reply) => {
    const { officer } = await actingViewer(deps, request);
    const deliveryId = deliveryIdOf(request.params);
    await receiver.stoppedUsing(deliveryId, { officer });
    return reply.redirect(`/inbox/${deliveryId}`, 303);
  });
  app.post<DeliveryRoute>('/inbox/:deliveryId/feedback', async (request, reply) => {
    const { officer } = await actingViewer(deps, request);
    const deliveryId = deliveryIdOf(request.params);
    const form = formOf(request);
    const texts = { reason: form.get('reason'), documentNumber: form.get('documentNumber'), key: form.get('key') };
    await receiver.feedback(deliveryId, { officer, code: form.get('code') ?? '', releaseTo: form.getAll('releaseTo'), ...texts });
    return reply.redirect(`/inbox/${deliveryId}`, 303);
  });
  app.post<AttachmentRoute>('/inbox/:deliveryId/attachments/:attachmentId', async (request, reply) => {
    const { officer } = await actingViewer(deps, request);
    const deliveryId = deliveryIdOf(request.params);
    const reason = formOf(request).get('reason') ?? '';
    return sendAttachment(reply, await receiver.openAttachment(deliveryId, request.params.attachmentId, officer, reason));
  });
  app.post<GroupRoute>('/inbox/:deliveryId/restricted/:group', async (request, reply) => {
    const viewer = await actingViewer(deps, request);
    const deliveryId = deliveryIdOf(request.params);
    const { group } = request.params;
    const opened = await receiver.openRestricted(deliveryId, group, viewer.officer, formOf(request).get('reason') ?? '');
    return page(reply, groupPage(contextOf(deps, request, reply), viewer, deliveryId, opened));
  });
}

function page(reply: FastifyReply, markup: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(markup);
}

/** Picks the language, and keeps a language that was asked for. */
function contextOf({ clock, people }: PageDeps, request: FastifyRequest, reply: FastifyReply): PageContext {
  const { locale, cookie } = people.locale(request, (request.query as { lang?: unknown }).lang);
  if (cookie !== undefined) void reply.header('set-cookie', cookie);
  return { texts: TEXTS[locale], locale, nowMs: clock.now() };
}

/** Who acts by a form of the inbox. @throws ZhidaError `ZD_ERR_TOKEN_INVALID` */
async function actingViewer({ people }: PageDeps, request: FastifyRequest): Promise<Viewer> {
  return people.actingViewer(request, formOf(request));
}

function formOf({ body }: FastifyRequest): URLSearchParams {
  return body instanceof URLSearchParams ? body : new URLSearchParams();
}

async function showProblem(deps: PageDeps, request: FastifyRequest, reply: FastifyReply, error: unknown): Promise<FastifyReply> {
  const problem = problemFor(error);
  if (problem.status >= 500) request.log.error({ code: problem.code }, 'page failed');
  retryAfter(reply, problem.status);
  // The store may be what failed, so the viewer is not asked for again when the error is not the request's own.
  const viewer = problem.status >= 500 ? undefined : await deps.people.viewer(request);
  return page(reply.code(problem.status), problemPage(contextOf(deps, request, reply), deps.receiver.mode, viewer, problem.code));
}
