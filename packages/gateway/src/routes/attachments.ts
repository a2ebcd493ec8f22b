import { ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { Integer, Object as ObjectOf, Optional, String as Text } from 'typebox';
import { authenticateReader } from '../access/reader.js';
import type { GatewayContext } from '../context.js';
import { ownPress } from '../presses/own-press.js';
import type { RelayClient } from '../relay-client.js';
import { headerOf } from './body.js';
import { documented, READER } from './documented.js';
import { idParameterSchema } from './schemas.js';

const storedSchema = ObjectOf({ attachmentId: Text(), sha256: Text(), size: Integer() });

const attachmentHeadersSchema = ObjectOf({
  'idempotency-key': Text({ description: 'The attachment’s id, `att_` and a ULID' }),
  'content-digest': Optional(Text({ description: 'RFC 9530, one SHA-256; what does not agree is refused' })),
});
const attachmentBody = { content: { '*/*': { schema: Text({ format: 'binary', description: 'The bytes' }) } } };

/** Of a slow line a page asks again; what the relay has not answered for is nothing. */
const UPLOAD_MS_MAX = 600_000;

/**
 * Photographs and documents beside an own report, streamed through to the relay: nothing of them is kept here. The report is on its
 * way long before, so a broken upload costs a repeat under the same id.
 */
export function attachmentRoutes(app: FastifyInstance, context: GatewayContext, relay: RelayClient): void {
  app.register(async (routes) => {
    routes.removeAllContentTypeParsers();
    routes.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    routes.post<{ Params: { id: string } }>(
      '/v1/reports/:id/attachments',
      documented({
        summary: 'Takes one attachment of this account’s own report as its bytes; Idempotency-Key is its id (att_…)',
        tags: ['reports'],
        access: READER,
        params: idParameterSchema,
        headers: attachmentHeadersSchema,
        body: attachmentBody,
        answer: { 200: storedSchema, 201: storedSchema },
      }),
      async (request, reply) => {
        const own = await ownPress(context, await authenticateReader(context, request), request.params.id);
        if (own.reportId === null) throw new ZhidaError('ZD_ERR_BUSY', 'the relay has not taken this report yet', { at: 'id' });
        const answer = await relay.postAttachment(
          {
            reportId: own.reportId,
            attachmentId: headerOf(request, 'idempotency-key') ?? '',
            contentType: headerOf(request, 'content-type') ?? 'application/octet-stream',
            digest: headerOf(request, 'content-digest'),
            bytes: request.body as AsyncIterable<Uint8Array>,
          },
          AbortSignal.timeout(UPLOAD_MS_MAX),
        );
        return reply.code(answer.status).type(answer.contentType).send(Buffer.from(answer.body));
      },
    );
  });
}
