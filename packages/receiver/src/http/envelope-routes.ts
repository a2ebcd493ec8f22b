import type { FastifyInstance } from 'fastify';
import { ENVELOPE_LIMIT_BYTES } from '../receive.js';
import type { Receiver } from '../receiver.js';
import { problemFor, retryAfter, sendProblem } from './problems.js';

/** `POST /v1/envelopes`: the envelope is the credential. The body is kept as bytes, because bytes are what was signed. */
export function envelopeRoutes(app: FastifyInstance, receiver: Receiver): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: ENVELOPE_LIMIT_BYTES }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error, _request, reply) => sendProblem(reply, problemFor(error)));
  app.post('/v1/envelopes', { bodyLimit: ENVELOPE_LIMIT_BYTES }, async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const answer = await receiver.receive(body, request.headers);
    retryAfter(reply, answer.status);
    return reply.code(answer.status).type(answer.contentType).send(answer.body);
  });
}
