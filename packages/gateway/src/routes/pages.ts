import { randomBytes } from 'node:crypto';
import { isZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Object as ObjectOf, String as Text } from 'typebox';
import { authenticateClinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import { type PageFrame, pagePolicy, renderLaunchPage, renderManualPage, renderSignInPage } from '../page/page.js';
import { formOf } from './body.js';
import { documented, formBody, OPEN } from './documented.js';
import { localeOf } from './locale.js';

const NONCE_BYTES = 18;

/**
 * The gateway's own pages. `POST /launch`: the HIS opens the widget's page by a form that carries the clinician's token in its
 * body, because an address is logged. `GET /manual`: a report by whoever has a staff number and no seat in the HIS.
 */
export function pageRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.post(
    '/launch',
    documented({
      summary: 'The page with the widget, for a form with the clinician’s token',
      tags: ['pages'],
      access: OPEN,
      body: formBody(ObjectOf({ token: Text({ description: 'A clinician’s token' }) })),
      answer: Text(),
      produces: 'text/html',
    }),
    async (request, reply) => {
      const token = formOf(request).get('token') ?? '';
      const page = frameOf(context, request);
      try {
        await authenticateClinician(context, token, 'prompt:answer');
        return await sendPage(reply, page.nonce, renderLaunchPage(page, token));
      } catch (error) {
        // A person stands before this answer, so it is a page and not a problem document.
        if (!isZhidaError(error) || error.status >= 500) throw error;
        return sendPage(reply.code(error.status), page.nonce, renderSignInPage(page));
      }
    },
  );

  app.get(
    '/manual',
    documented({
      summary: 'The page for a report without a HIS account',
      tags: ['pages'],
      access: OPEN,
      answer: Text(),
      produces: 'text/html',
    }),
    async (request, reply) => {
      const page = frameOf(context, request);
      return sendPage(reply, page.nonce, renderManualPage(page));
    },
  );
}

function frameOf({ mode }: GatewayContext, request: FastifyRequest): PageFrame {
  return { locale: localeOf(request), mode, nonce: randomBytes(NONCE_BYTES).toString('base64') };
}

function sendPage(reply: FastifyReply, nonce: string, html: string): FastifyReply {
  return reply
    .header('content-security-policy', pagePolicy(nonce))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(html);
}
