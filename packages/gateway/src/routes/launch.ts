import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { authenticateClinician } from '../access/clinician.js';
import type { GatewayContext } from '../options.js';
import { pagePolicy, renderPressPage } from '../page/page.js';
import { localeOf } from './locale.js';

/** `POST /launch`: the HIS opens the press page by a form that carries the clinician's token in its body. */
export function launchRoute(app: FastifyInstance, context: GatewayContext): void {
  app.post('/launch', async (request, reply) => {
    const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
    const token = form.get('token') ?? undefined;
    const clinician = await authenticateClinician(context, token, 'prompt:answer');
    const nonce = randomBytes(18).toString('base64');
    const html = renderPressPage({ token: token ?? '', clinician: clinician.name, locale: localeOf(request), mode: context.mode, nonce });
    return reply
      .header('content-security-policy', pagePolicy(nonce))
      .header('cache-control', 'no-store')
      .type('text/html; charset=utf-8')
      .send(html);
  });
}
