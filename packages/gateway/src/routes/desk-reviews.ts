import { isId, ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { actingViewer } from '../desk/access.js';
import { openedReview, reviewOpening } from '../desk/pages/review.js';
import { reportFromReview } from '../desk/report-from-review.js';
import { decisionToReview, openReview, recordReview, VERDICTS } from '../desk/reviews.js';
import { formOf } from './body.js';
import { atDesk, type DeskParts, formOfPage, frameOf, pageOf, redirect, sendDesk } from './desk-page.js';

type ReviewRoute = { Params: { promptId: string } };

const TEXT_LENGTH_MAX = 500;

/** The review of a reason not to report (V1): opened with a reason, found right or wrong, or reported by the reviewer. */
export function deskReviewRoutes(app: FastifyInstance, parts: DeskParts): void {
  const { context, relay, access } = parts;
  const frameAt = (request: FastifyRequest, reply: FastifyReply, promptId: string) =>
    ({ ...frameOf(parts, request, reply, `/duty/reviews/${promptId}`), tab: 'review' }) as const;
  app.get<ReviewRoute>('/duty/reviews/:promptId', pageOf('One decision, before it is opened with a reason'), async (request, reply) => {
    const at = await atDesk(parts, request);
    if (at === undefined) return redirect(reply, '/duty/sign-in');
    const promptId = promptIdOf(request);
    const decision = await decisionToReview(context, promptId);
    // Reviewed meanwhile, by another or in another window: the list says what is left.
    if (decision === undefined) return redirect(reply, '/duty/review');
    const frame = { ...frameAt(request, reply, promptId), viewer: at.viewer, ...modeOf(decision) };
    return sendDesk(reply, frame, { still: reviewOpening(frame, at.viewer, decision) });
  });
  app.post<ReviewRoute>(
    '/duty/reviews/:promptId/open',
    formOfPage('Opens a decision, with a logged reason', ['reason']),
    async (request, reply) => {
      const viewer = await actingViewer(access, request);
      const promptId = promptIdOf(request);
      const frame = { ...frameAt(request, reply, promptId), viewer };
      const reason = (formOf(request).get('reason') ?? '').slice(0, TEXT_LENGTH_MAX);
      const opened = await openReview(context, promptId, { by: viewer.officer.id, reason, locale: frame.locale === 'en' ? 'en' : 'zh' });
      request.log.info({ promptId }, 'a decision was opened for review');
      return sendDesk(reply, { ...frame, ...modeOf(opened) }, { still: openedReview(frame, viewer, opened) });
    },
  );
  app.post<ReviewRoute>(
    '/duty/reviews/:promptId',
    formOfPage('Records a review, or reports', ['verdict', 'text', 'stamp']),
    async (request, reply) => {
      const { officer } = await actingViewer(access, request);
      const promptId = promptIdOf(request);
      const form = formOf(request);
      const text = (form.get('text') ?? '').trim().slice(0, TEXT_LENGTH_MAX);
      const stamp = form.get('stamp') ?? '';
      if (form.get('verdict') === 'report') {
        const reportId = await reportFromReview(context, relay, promptId, { officer, text, stamp });
        // While the gateway holds it, the list is where it is seen.
        return redirect(reply, reportId === null ? '/duty' : `/duty/reports/${reportId}`);
      }
      const verdict = VERDICTS.find((known) => known === form.get('verdict'));
      if (verdict === undefined) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a verdict is expected', { at: 'verdict' });
      await recordReview(context, promptId, { by: officer, verdict, text, stamp });
      return redirect(reply, '/duty/review');
    },
  );
}

function modeOf({ exercise }: { readonly exercise: boolean }): { readonly mode?: string } {
  return exercise ? { mode: 'exercise' } : {};
}

function promptIdOf({ params }: FastifyRequest): string {
  const { promptId } = params as ReviewRoute['Params'];
  if (!isId('prm', promptId)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such prompt', { at: 'promptId' });
  return promptId;
}
