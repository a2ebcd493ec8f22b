import { isId, ZhidaError } from '@zhida/core';
import type { Officer, OfficerDirectory, Sessions } from '@zhida/signing';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OpenedAttachment } from '../attachments.js';
import type { Receiver } from '../receiver.js';
import { problemFor, sendProblem } from './problems.js';

const BODY_LIMIT_BYTES = 16 * 1024;

export interface OfficerDeps {
  readonly receiver: Receiver;
  readonly officers: OfficerDirectory;
  readonly sessions: Sessions;
}

type Body = Readonly<Record<string, unknown>>;
type DeliveryRoute = { Params: { deliveryId: string } };
type AttachmentRoute = { Params: { deliveryId: string; attachmentId: string } };
type GroupRoute = { Params: { deliveryId: string; group: string } };

/**
 * The officers' API, for an agency that builds its own screens. It takes bearer tokens alone and no cookie, so that no page
 * of another site can act through a signed-in browser.
 */
export function officerRoutes(app: FastifyInstance, deps: OfficerDeps): void {
  const { receiver, officers, sessions } = deps;
  const officerOf = async (request: FastifyRequest): Promise<Officer> => {
    const officer = await sessions.read(/^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1]);
    if (officer === undefined) throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'an officer must sign in', { at: 'authorization' });
    return officer;
  };
  app.setErrorHandler((error, request, reply) => {
    const problem = problemFor(error);
    if (problem.status >= 500) request.log.error({ code: problem.code }, 'request failed');
    return sendProblem(reply, problem);
  });
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('cache-control', 'no-store');
  });

  const limited = { bodyLimit: BODY_LIMIT_BYTES };
  app.post('/v1/session', limited, async (request) => {
    const { officer: id, code } = bodyOf(request);
    const officer = typeof id === 'string' && typeof code === 'string' ? await officers.signIn(id, code) : undefined;
    if (officer === undefined) throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'unknown officer or wrong code', { at: 'code' });
    return { ...sessions.issue(officer), officer };
  });
  app.get('/v1/inbox', async (request) => {
    await officerOf(request);
    return { party: receiver.party, mode: receiver.mode, rows: await receiver.list() };
  });
  app.get<DeliveryRoute>('/v1/inbox/:deliveryId', { exposeHeadRoute: false }, async (request) =>
    receiver.open(deliveryIdOf(request.params), await officerOf(request)),
  );
  app.post<DeliveryRoute>('/v1/inbox/:deliveryId/accept', limited, async (request) => {
    const officer = await officerOf(request);
    return receiver.accept(deliveryIdOf(request.params), { officer, agencyNumber: optional(bodyOf(request), 'agencyNumber') });
  });
  app.post<DeliveryRoute>('/v1/inbox/:deliveryId/misdirected', limited, async (request) => {
    const officer = await officerOf(request);
    return receiver.misdirected(deliveryIdOf(request.params), { officer, transferredTo: optional(bodyOf(request), 'transferredTo') ?? '' });
  });
  app.post<DeliveryRoute>('/v1/inbox/:deliveryId/stopped-using', limited, async (request) =>
    receiver.stoppedUsing(deliveryIdOf(request.params), { officer: await officerOf(request) }),
  );
  app.post<DeliveryRoute>('/v1/inbox/:deliveryId/feedback', limited, async (request) => {
    const officer = await officerOf(request);
    const key = [request.headers['idempotency-key']].flat()[0];
    return receiver.feedback(deliveryIdOf(request.params), { officer, key, ...feedbackOf(bodyOf(request)) });
  });
  app.post<AttachmentRoute>('/v1/inbox/:deliveryId/attachments/:attachmentId', limited, async (request, reply) => {
    const officer = await officerOf(request);
    const reason = optional(bodyOf(request), 'reason') ?? '';
    const opened = await receiver.openAttachment(deliveryIdOf(request.params), request.params.attachmentId, officer, reason);
    return sendAttachment(reply, opened);
  });
  app.post<GroupRoute>('/v1/inbox/:deliveryId/restricted/:group', limited, async (request) => {
    const officer = await officerOf(request);
    const { group } = request.params;
    const reason = optional(bodyOf(request), 'reason') ?? '';
    return receiver.openRestricted(deliveryIdOf(request.params), group, officer, reason);
  });
}

/** Content somebody else chose: no browser shows it in our name, whatever it says it is. */
export function sendAttachment(reply: FastifyReply, { attachmentId, contentType, content }: OpenedAttachment): FastifyReply {
  return reply
    .header('content-disposition', `attachment; filename="${attachmentId}${EXTENSIONS[contentType] ?? '.bin'}"`)
    .header('x-content-type-options', 'nosniff')
    .type(EXTENSIONS[contentType] === undefined ? 'application/octet-stream' : contentType)
    .send(Buffer.from(content));
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'application/pdf': '.pdf',
  'application/dicom': '.dcm',
  'video/mp4': '.mp4',
  'audio/mpeg': '.mp3',
};

/** @throws ZhidaError `ZD_ERR_NOT_FOUND`: an id that is none names nothing. */
export function deliveryIdOf({ deliveryId }: { readonly deliveryId: string }): string {
  if (!isId('dlv', deliveryId)) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such delivery', { at: 'deliveryId' });
  return deliveryId;
}

function bodyOf({ body }: FastifyRequest): Body {
  if (body === undefined || body === null) return {};
  if (typeof body === 'object' && !Array.isArray(body)) return body as Body;
  throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a JSON object is expected');
}

/** A text of the body, or nothing; another type is refused rather than read as nothing. */
function optional(body: Body, name: string): string | null {
  const value = body[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a text is expected', { at: name });
  return value;
}

function feedbackOf(body: Body) {
  const { releaseTo = [] } = body;
  if (!Array.isArray(releaseTo) || !releaseTo.every((target) => typeof target === 'string')) {
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a list of texts is expected', { at: 'releaseTo' });
  }
  return {
    code: optional(body, 'code') ?? '',
    reason: optional(body, 'reason'),
    transferredTo: optional(body, 'transferredTo'),
    documentNumber: optional(body, 'documentNumber'),
    releaseTo,
  };
}
