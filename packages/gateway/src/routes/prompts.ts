import { ZhidaError } from '@zhida/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authenticateClinician, bearerToken } from '../access/clinician.js';
import type { GatewayContext } from '../options.js';
import { answerPrompt, type PromptAnswer } from '../prompts/answer.js';
import { listPrompts, promptVersions, readPrompt } from '../prompts/list.js';
import { openEventStream } from './event-stream.js';
import { localeOf } from './locale.js';

const POLL_MS = 1_000;

export function promptRoutes(app: FastifyInstance, context: GatewayContext): void {
  app.get('/v1/prompts', async (request) => {
    const clinician = await authenticateClinician(context, bearerToken(request), 'prompt:answer');
    return { prompts: await listPrompts(context, clinician, localeOf(request)) };
  });

  app.get('/v1/prompts/events', async (request, reply) => streamPrompts(context, request, reply));

  app.get<{ Params: { id: string } }>('/v1/prompts/:id', async (request) => {
    const clinician = await authenticateClinician(context, bearerToken(request), 'prompt:answer');
    return readPrompt(context, request.params.id, clinician, localeOf(request));
  });

  for (const act of ['seen', 'open', 'defer', 'decide'] as const) {
    app.post<{ Params: { id: string } }>(`/v1/prompts/:id/${act}`, async (request) => {
      const clinician = await authenticateClinician(context, bearerToken(request), 'prompt:answer');
      const answer = readAnswer(act, request.body);
      const changed = await answerPrompt(context, request.params.id, clinician, answer);
      context.changes.publish(request.params.id);
      return changed;
    });
  }
}

function readAnswer(act: PromptAnswer['act'], body: unknown): PromptAnswer {
  const text = typeof body === 'string' ? body : '';
  let input: Record<string, unknown> = {};
  if (text !== '') {
    try {
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null) input = parsed as Record<string, unknown>;
    } catch {
      throw new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'the body is not JSON', { at: '$' });
    }
  }
  const field = (name: string): string => (typeof input[name] === 'string' ? (input[name] as string) : '');
  return { act, version: typeof input['version'] === 'number' ? input['version'] : undefined, code: field('code'), text: field('text') };
}

/** Sends every open prompt at once, then each change; a reconnect starts with the full list, so nothing can be missed. */
async function streamPrompts(context: GatewayContext, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const clinician = await authenticateClinician(context, bearerToken(request), 'prompt:answer');
  const locale = localeOf(request);
  const stream = openEventStream(reply);
  const sent = new Map<string, number>();
  let busy: Promise<void> = Promise.resolve();

  async function sendChanged(): Promise<void> {
    for (const { id, version } of await promptVersions(context)) {
      if (sent.get(id) === version) continue;
      sent.set(id, version);
      stream.send('prompt', await readPrompt(context, id, clinician, locale), `${id}-${version}`);
    }
  }
  const poke = (): void => {
    busy = busy.then(sendChanged).catch((error: unknown) => request.log.warn({ err: error }, 'prompt stream skipped a turn'));
  };
  const unsubscribe = context.changes.subscribe(poke);
  const timer = setInterval(poke, POLL_MS);
  stream.onClose(() => {
    clearInterval(timer);
    unsubscribe();
  });
  poke();
}
