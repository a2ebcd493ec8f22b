import { ZhidaError } from '@zhida/core';
import type { FastifyInstance } from 'fastify';
import { Object as ObjectOf, String as Text, Unknown } from 'typebox';
import { authenticateClinician, bearerToken } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import { saveDraft } from '../prompts/drafts.js';
import { bytesOf, jsonObjectOf } from './body.js';
import { CLINICIAN, documented } from './documented.js';

const FORM_BYTES_MAX = 64 * 1024;

/** `PUT /v1/drafts/:promptId`: what a clinician puts aside is sealed here, because the page writes nothing to disk. */
export function draftRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.put<{ Params: { promptId: string } }>(
    '/v1/drafts/:promptId',
    {
      bodyLimit: FORM_BYTES_MAX,
      ...documented({
        summary: 'Puts a form aside; the prompt brings it back to the same account',
        tags: ['prompts'],
        access: CLINICIAN,
        params: ObjectOf({ promptId: Text() }),
        body: ObjectOf({ form: Unknown() }),
        answer: ObjectOf({ savedAt: Text() }),
      }),
    },
    async (request) => {
      const clinician = await authenticateClinician(context, bearerToken(request), 'prompt:answer');
      const { form } = jsonObjectOf(bytesOf(request));
      if (form === undefined) throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'a draft is a form', { at: 'form' });
      return saveDraft(context, request.params.promptId, clinician, form);
    },
  );
}
