import { aboutError, ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticateClinician, bearerToken, type Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import { answerPrompt, type PromptAnswer } from '../prompts/answer.js';
import { readTicked, saveAnswers } from '../prompts/answers.js';
import { DEFERRAL_CODES, type DeferralCode } from '../prompts/decision-codes.js';
import { listPrompts, promptMarks, readPrompt, readPrompts } from '../prompts/list.js';
import { readSettled, settlePrompt } from '../prompts/settle.js';
import type { Streams } from '../streams.js';
import { bytesOf, jsonObjectOf } from './body.js';
import { CLINICIAN, documented } from './documented.js';
import { localeOf } from './locale.js';
import {
  answersSavedSchema,
  decideSchema,
  deferSchema,
  idParameterSchema,
  promptAnsweredSchema,
  promptListSchema,
  promptSchema,
  settledSchema,
  tickedSchema,
} from './schemas.js';

const TEXT_LENGTH_MAX = 2_000;
const ACTS = {
  seen: 'The prompt was on this clinician’s screen; said once per account, it changes nothing',
  open: 'Opens the prompt',
  defer: '先救治, 先打110 or 想先请教: keeps the prompt quiet for a while',
  decide: 'Says why no report is made; recorded and reviewed afterwards',
} as const;

/** The prompts of a clinician, and what is done with them. */
export function promptRoutes(app: FastifyInstance, context: GatewayContext, streams: Streams): void {
  const tags = ['prompts'];
  const clinicianOf = (request: FastifyRequest): Promise<Clinician> =>
    authenticateClinician(context, bearerToken(request), 'prompt:answer');

  app.get(
    '/v1/prompts',
    documented({ summary: 'Unanswered and recent prompts, red first', tags, access: CLINICIAN, answer: promptListSchema }),
    async (request, reply) => {
      const prompts = await listPrompts(context, await clinicianOf(request), localeOf(request));
      return reply.header('cache-control', 'no-store').send({ prompts });
    },
  );

  app.get(
    '/v1/prompts/events',
    documented({
      summary: 'The same as a stream: everything once, then each change',
      tags,
      access: CLINICIAN,
      answer: promptSchema,
      produces: 'text/event-stream',
    }),
    async (request, reply) => streamPrompts(context, streams, await clinicianOf(request), request, reply),
  );

  app.get<{ Params: { id: string } }>(
    '/v1/prompts/:id',
    documented({ summary: 'One prompt', tags, access: CLINICIAN, params: idParameterSchema, answer: promptSchema }),
    async (request, reply) => {
      const prompt = await readPrompt(context, request.params.id, await clinicianOf(request), localeOf(request));
      return reply.header('cache-control', 'no-store').send(prompt);
    },
  );

  for (const [act, summary] of Object.entries(ACTS) as [keyof typeof ACTS, string][]) {
    const body = act === 'decide' ? { body: decideSchema } : act === 'defer' ? { body: deferSchema } : {};
    app.post<{ Params: { id: string } }>(
      `/v1/prompts/:id/${act}`,
      documented({ summary, tags, access: CLINICIAN, params: idParameterSchema, ...body, answer: promptAnsweredSchema }),
      async (request) => {
        const clinician = await clinicianOf(request);
        const answered = await answerPrompt(context, request.params.id, clinician, readAnswer(act, bytesOf(request)));
        context.changes.publish();
        return answered;
      },
    );
  }
}

/** `POST /v1/prompts/:id/settle`: what is told where there is no report yet it could go into (S7). */
export function settleRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.post<{ Params: { id: string } }>(
    '/v1/prompts/:id/settle',
    documented({
      summary: 'Says where the child has gone, or whether evidence is kept; it stands in the next report of this prompt',
      tags: ['prompts'],
      access: CLINICIAN,
      params: idParameterSchema,
      body: settledSchema,
      answer: promptAnsweredSchema,
    }),
    async (request) => {
      const clinician = await authenticateClinician(context, bearerToken(request), 'prompt:answer');
      const settled = await settlePrompt(context, request.params.id, clinician, readSettled(jsonObjectOf(bytesOf(request))));
      context.changes.publish();
      return settled;
    },
  );
}

/** `PUT /v1/prompts/:id/answers`: what a clinician knows of the questions of a prompt, laid over what they have answered before. */
export function answerRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.put<{ Params: { id: string } }>(
    '/v1/prompts/:id/answers',
    documented({
      summary: 'Answers questions of a prompt; kept sealed as a FHIR QuestionnaireResponse, for the same account alone',
      tags: ['prompts'],
      access: CLINICIAN,
      params: idParameterSchema,
      body: tickedSchema,
      answer: answersSavedSchema,
    }),
    async (request) => {
      const clinician = await authenticateClinician(context, bearerToken(request), 'prompt:answer');
      const saved = await saveAnswers(context, request.params.id, clinician, readTicked(jsonObjectOf(bytesOf(request))));
      context.changes.publish();
      return saved;
    },
  );
}

/** @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` naming the member that is wrong. */
function readAnswer(act: keyof typeof ACTS, body: Uint8Array): PromptAnswer {
  if (act === 'defer') return { act, code: deferralCode(body) };
  if (act !== 'decide') return { act };
  const { version, code, text = '' } = jsonObjectOf(body);
  return {
    act,
    version: typeof version === 'number' && Number.isSafeInteger(version) ? version : refuse('version'),
    code: typeof code === 'string' ? code : refuse('code'),
    text: typeof text === 'string' && text.length <= TEXT_LENGTH_MAX ? text : refuse('text'),
  };
}

function deferralCode(body: Uint8Array): DeferralCode {
  const { code = 'treat-first' } = body.length === 0 ? {} : jsonObjectOf(body);
  return DEFERRAL_CODES.find((known) => known === code) ?? refuse('code');
}

function refuse(at: string): never {
  throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this member of an answer is missing or wrong', { at });
}

/** Sends every prompt of the list at once, then each change; a reconnect begins with the full list, so nothing can be missed. */
async function streamPrompts(
  context: GatewayContext,
  streams: Streams,
  clinician: Clinician,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const locale = localeOf(request);
  const stream = streams.open(reply, clinician.expiresAt);
  if (stream.signal.aborted) return;
  const sent = new Map<string, string>();
  let pumping: Promise<void> | undefined;
  let again = false;
  let failing = false;

  async function pump(): Promise<void> {
    do {
      again = false;
      const changed = (await promptMarks(context, clinician)).filter(({ id, mark }) => sent.get(id) !== mark);
      for (const { id, mark } of changed) sent.set(id, mark);
      const views = await readPrompts(
        context,
        changed.map(({ id }) => id),
        clinician,
        locale,
      );
      for (const view of views) await stream.send('prompt', view, `${view.id}-${view.version}`);
      failing = false;
    } while (again && !stream.signal.aborted);
  }
  function wake(): void {
    again = true;
    pumping ??= pump()
      // What was not sent is found again at the next turn. Of failures in a row the first is told: a reader that waits sees nothing of them.
      .catch((error: unknown) => {
        sent.clear();
        if (!failing) request.log.error(aboutError(error), 'prompts could not be brought to an open stream; it is tried again');
        failing = true;
      })
      .finally(() => {
        pumping = undefined;
        // Woken after the last look and before this line.
        if (again && !stream.signal.aborted) wake();
      });
  }

  const unsubscribe = context.changes.subscribe(wake);
  const timer = setInterval(wake, context.settings.streamPollMs);
  stream.signal.addEventListener('abort', () => {
    clearInterval(timer);
    unsubscribe();
  });
  wake();
}
