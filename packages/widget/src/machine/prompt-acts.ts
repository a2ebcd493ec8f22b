import { type Answer, BY_TOKEN, type GatewayClient } from '../gateway-client.js';
import type { Prompt } from '../wire.js';
import { isAnswered } from './prompts.js';
import type { Session } from './state.js';
import type { Store } from './store.js';

/** What a person answers to a prompt besides a report; the gateway records it. */
export interface PromptActs {
  /** `先打110`: shows the telephone at once. */
  dial(): void;
  /** `先救治`. */
  defer(): Promise<void>;
  decide(code: string, text: string): Promise<void>;
  saveDraft(): Promise<void>;
}

export function promptActs({ promptOf, put, putSession, sessionOf, shown }: Store, client: GatewayClient): PromptActs {
  const answering = new Set<string>();

  /** What did not work is said, and the page stays as it is; a prompt that has changed is shown again. A double click is one answer. */
  async function answer(name: 'defer' | 'decide', body: object, then: (prompt: Prompt) => void): Promise<void> {
    const prompt = promptOf(shown());
    if (prompt === undefined || answering.has(prompt.id)) return;
    answering.add(prompt.id);
    const answered = await act(client, prompt, name, { version: prompt.version, ...body });
    answering.delete(prompt.id);
    if (answered.status === 200) then(prompt);
    else putSession(prompt.id, failure(answered));
  }

  return {
    dial() {
      const prompt = promptOf(shown());
      if (prompt === undefined) return;
      // Whoever is about to telephone does not wait for the gateway, and hears nothing of what it answers.
      putSession(prompt.id, { view: 'dial', notice: '' });
      if (!isAnswered(prompt)) void act(client, prompt, 'defer', { code: 'danger-110' });
    },
    defer: () => answer('defer', { code: 'treat-first' }, () => put({ open: false })),
    decide: (code, text) =>
      answer('decide', { code, text }, ({ id }) => putSession(id, { view: 'reasons', notice: 'recorded', jotted: {} })),
    async saveDraft() {
      const id = shown();
      const { form } = sessionOf(id);
      if (promptOf(id) === undefined || form === undefined) return;
      const { status, body } = await client.ask('PUT', `/v1/drafts/${id}`, BY_TOKEN, JSON.stringify({ form }));
      const savedAt = typeof body['savedAt'] === 'string' ? body['savedAt'] : '';
      putSession(id, status === 200 ? { draftAt: savedAt, notice: '' } : { notice: 'draftFailed' });
    },
  };
}

export function act(client: GatewayClient, prompt: Pick<Prompt, 'id'>, name: string, body?: object): Promise<Answer> {
  return client.ask('POST', `/v1/prompts/${prompt.id}/${name}`, BY_TOKEN, body === undefined ? undefined : JSON.stringify(body));
}

function failure({ status, body }: Answer): Partial<Session> {
  if (status === 401) return { notice: 'signedOut' };
  if (status !== 409) return { notice: 'failed' };
  return body['at'] === 'deferrals' ? { notice: 'deferredTwice' } : { notice: 'changed', view: 'reasons' };
}
