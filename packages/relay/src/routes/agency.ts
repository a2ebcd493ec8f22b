import { ZhidaError } from '@zhida/core';
import { verifyAssertion } from '@zhida/signing';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { handOut } from '../roads/pull.js';
import { recordStatement, STATEMENT_KINDS, type StatementKind } from '../roads/statements.js';
import type { RouteContext } from './context.js';
import { AGENCY, joseBody, SIGNED_BODY } from './described.js';
import { exchangedSchema, inboxSchema, problemSchema, recordedSchema } from './schemas.js';

const SUMMARIES: Readonly<Record<StatementKind, string>> = {
  receipts: 'Takes a signed receipt',
  feedback: 'Takes a signed feedback',
  openings: 'Takes a signed opening of a restricted group',
  'attachment-receipts': 'Takes a signed receipt for an attachment',
  exchanges: 'Takes an agency’s signed word of one day, and answers with this relay’s own',
};

const STATEMENT = 'A compact JWS signed with a key of the pinned agency; the signature is the credential';

/** What agencies ask for and post on their own. */
export function agencyRoutes(app: FastifyInstance, context: RouteContext): void {
  const { keys, ledger, clock } = context;
  for (const kind of STATEMENT_KINDS) {
    const response = { 200: kind === 'exchanges' ? exchangedSchema : recordedSchema, '4xx': problemSchema };
    app.post(
      `/v1/agency/${kind}`,
      { schema: { summary: SUMMARIES[kind], tags: ['agency'], security: SIGNED_BODY, takes: { body: joseBody(STATEMENT) }, response } },
      async (request) => {
        const { repeat, about, statement } = await recordStatement(ledger, kind, textOf(request));
        request.log.info({ ...about, repeat }, `${kind} posted`);
        return { recorded: true, repeat, ...(statement === undefined ? {} : { statement }) };
      },
    );
  }

  app.get<{ Querystring: { after?: string } }>(
    '/v1/agency/inbox',
    {
      schema: {
        summary: 'Envelopes that wait for this agency, a page at a time; each stays until its receipt comes',
        tags: ['agency'],
        security: AGENCY,
        querystring: Type.Object({ after: Type.Optional(Type.String({ pattern: '^(dlv_[0-9a-z]{26})?$', default: '' })) }),
        response: { 200: inboxSchema, '4xx': problemSchema },
      },
    },
    async (request) => {
      const party = await agencyOf(request, context);
      const page = await handOut(ledger, keys, { party, after: request.query.after ?? '', nowMs: clock.now() });
      request.log.info({ party, count: page.deliveries.length }, 'envelopes fetched');
      return page;
    },
  );
}

/** The agency behind a request: its own assertion, for its own inbox. */
export async function agencyOf(request: FastifyRequest, { keys, clock }: RouteContext): Promise<string> {
  const token = /^Bearer ([\w.-]+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'no valid credential came with the request');
  let claims: Awaited<ReturnType<typeof verifyAssertion>>['claims'];
  try {
    ({ claims } = await verifyAssertion(token, { trusted: keys.trusted, audience: keys.party, now: clock.now(), roles: ['agency'] }));
  } catch {
    // One answer for every failure, so that nobody learns which check it was.
    throw new ZhidaError('ZD_ERR_TOKEN_INVALID', 'no valid credential came with the request');
  }
  if (!claims.scope.split(' ').includes('inbox:read')) {
    throw new ZhidaError('ZD_ERR_SCOPE_MISSING', 'the credential does not allow this', { at: 'scope' });
  }
  return claims.iss;
}

function textOf(request: FastifyRequest): string {
  if (!Buffer.isBuffer(request.body)) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is a compact JWS');
  return request.body.toString('utf8').trim();
}
