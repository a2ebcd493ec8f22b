import { Readable } from 'node:stream';
import { isId, ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { attachmentLines, attachmentPage } from '../attachments/hand-over.js';
import { listAttachments } from '../attachments/listing.js';
import { storeAttachment } from '../attachments/upload.js';
import { currentCaller } from '../plugins/assertions.js';
import { agencyOf } from './agency.js';
import type { RouteContext } from './context.js';
import { AGENCY, attachmentTakes, gateway } from './described.js';
import { attachmentListSchema, attachmentPageSchema, attachmentStoredSchema, problemSchema } from './schemas.js';

/** RFC 9110 `type/subtype`, without parameters. */
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,60}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}$/;
/** RFC 9530: one digest, SHA-256 in base64. */
const DIGEST = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

/** Attachments: gateways bring them, agencies fetch them. */
export function attachmentRoutes(app: FastifyInstance, context: RouteContext): void {
  app.register(async (routes) => uploadRoute(routes, context));

  app.get<{ Params: { id: string } }>(
    '/v1/reports/:id/attachments',
    {
      schema: {
        summary: 'The attachments of a report, and which agencies have signed for them',
        tags: ['reports'],
        security: gateway('report:read'),
        response: { 200: attachmentListSchema, '4xx': problemSchema },
      },
    },
    async (request) => {
      const { facility } = await currentCaller(app, request, 'report:read');
      return { attachments: await listAttachments(facility, context.ledger, request.params.id) };
    },
  );

  app.get<{ Querystring: { after?: string } }>(
    '/v1/agency/attachments',
    {
      schema: {
        summary: 'Attachments that wait for this agency, of reports it has signed for',
        tags: ['agency'],
        security: AGENCY,
        querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^(att_[0-9a-z]{26})?$', default: '' })) }),
        response: { 200: attachmentPageSchema, '4xx': problemSchema },
      },
    },
    async (request) => attachmentPage(context.ledger, await agencyOf(request, context), request.query.after ?? ''),
  );

  app.get<{ Params: { id: string } }>(
    '/v1/agency/attachments/:id',
    {
      schema: {
        summary: 'One attachment as lines: its signed description (JWS), then its parts (JWE)',
        tags: ['agency'],
        security: AGENCY,
        produces: ['text/plain'],
        response: { 200: Type.String(), '4xx': problemSchema },
      },
      serializerCompiler: () => (data) => String(data),
    },
    async (request, reply) => {
      const party = await agencyOf(request, context);
      const asked = { party, attachmentId: request.params.id, nowMs: context.clock.now() };
      const lines = await attachmentLines(context.ledger, context.keys, asked);
      request.log.info({ party, attachmentId: request.params.id }, 'attachment fetched');
      return reply.type('text/plain; charset=us-ascii').send(Readable.from(lines));
    },
  );
}

/** Alone in its scope, because its body is a stream. */
function uploadRoute(app: FastifyInstance, context: RouteContext): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.post<{ Params: { id: string } }>(
    '/v1/reports/:id/attachments',
    {
      schema: {
        summary: 'Takes one attachment as its bytes; Idempotency-Key is its id (att_…), repeated until it is answered',
        tags: ['reports'],
        security: gateway('report:create'),
        takes: attachmentTakes,
        response: { 200: attachmentStoredSchema, 201: attachmentStoredSchema, '4xx': problemSchema, 503: problemSchema },
      },
    },
    async (request, reply) => {
      const caller = await currentCaller(app, request, 'report:create');
      const upload = {
        attachmentId: attachmentIdOf(request),
        reportId: request.params.id,
        contentType: mediaTypeOf(request),
        sha256: digestOf(request),
        bytes: request.body as AsyncIterable<Uint8Array>,
        actor: caller.party,
      };
      const { repeat, ...stored } = await storeAttachment(caller.facility, context.ledger, upload, context.attachmentBytesMax);
      request.log.info({ reportId: upload.reportId, attachmentId: stored.attachmentId, bytes: stored.size, repeat }, 'attachment stored');
      return reply.code(repeat ? 200 : 201).send(stored);
    },
  );
}

function attachmentIdOf({ headers }: FastifyRequest): string {
  const key = headers['idempotency-key'];
  if (isId('att', key)) return key;
  throw new ZhidaError('ZD_ERR_IDEMPOTENCY_KEY_MISSING', 'an attachment needs its id as Idempotency-Key', { at: 'idempotency-key' });
}

/** As it was sent; what is no media type is bytes. The parsed header was replaced before any parser could refuse it. */
function mediaTypeOf({ raw }: FastifyRequest): string {
  const at = raw.rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-type');
  const type = (at < 0 ? '' : (raw.rawHeaders[at + 1] ?? '')).split(';')[0]?.trim().toLowerCase() ?? '';
  return MEDIA_TYPE.test(type) ? type : 'application/octet-stream';
}

function digestOf({ headers }: FastifyRequest): string | undefined {
  const given = headers['content-digest'];
  if (given === undefined) return undefined;
  const digest = DIGEST.exec(String(given))?.[1];
  if (digest === undefined)
    throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the digest is one SHA-256 (RFC 9530)', { at: 'content-digest' });
  return Buffer.from(digest, 'base64').toString('hex');
}
