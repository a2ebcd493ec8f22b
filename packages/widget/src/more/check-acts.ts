import { formOf } from '../machine/form.js';
import type { Machine } from '../machine/machine.js';
import { act } from '../machine/prompt-acts.js';
import type { View } from '../machine/state.js';
import type { Prompt } from '../wire.js';
import { noticeOf } from './notice-of.js';
import { createTickKeeper, type TickKeeper } from './tick-keeper.js';

/** What a person does on S4. */
export interface CheckActs {
  readonly tickOf: TickKeeper['tickOf'];
  readonly tick: TickKeeper['put'];
  /** To S2, with the answers in it. */
  report(prompt: Prompt): Promise<void>;
  /** 暂不报告（已核查）: on what was answered, so that it is kept first. */
  notNow(prompt: Prompt): Promise<void>;
  /** 想先请教: shows the telephones at once. */
  consult(prompt: Prompt): Promise<void>;
}

/** How long the way to S2 waits for answers that are not kept yet: a report waits for nothing. */
const WAIT_MS = 2_000;
const KEPT = 200;
/** Between the lines of 看到了什么; they go to Chinese agencies, whatever language the screen is in. */
const SEPARATOR = '；';

export function createCheckActs(machine: Machine): CheckActs {
  const { store, deps } = machine;
  const keeper = createTickKeeper(machine);

  /** S2 as the gateway fills it in with the answers; what it could not be told stands in 看到了什么. */
  function fillIn(prompt: Prompt, isKept: boolean): void {
    const { id } = prompt;
    const prefill = keeper.prefillOf(prompt);
    store.put({ prompts: store.state.prompts.map((other) => (other.id === id ? { ...other, prefill } : other)) });
    machine.go('confirm');
    const [pressCase, { form }] = [store.caseOf(id), store.sessionOf(id)];
    if (pressCase === undefined || form === undefined) return;
    let { observed } = form;
    for (const { questions } of prompt.questionSets) {
      for (const question of questions) {
        const line = question.line || (isKept ? '' : question.text + question.abnormal);
        observed = withLine(observed, line, keeper.tickOf(prompt, question) === 'abnormal');
      }
    }
    const { unsafeHome } = formOf(pressCase);
    machine.fill({ observed, ...(form.unsafeHome === 'unknown' ? { unsafeHome } : {}) });
  }

  return {
    tickOf: (prompt, question) => keeper.tickOf(prompt, question),
    tick: (prompt, question, tick) => keeper.put(prompt, question, tick),
    async report(prompt) {
      const late = new Promise<number>((resolve) => deps.later(WAIT_MS, () => resolve(0)));
      const status = await Promise.race([keeper.save(prompt), late]);
      const latest = store.promptOf(prompt.id);
      if (latest !== undefined && store.shown() === prompt.id && isHere(store.sessionOf(prompt.id).view)) fillIn(latest, status === KEPT);
    },
    async notNow(prompt) {
      const status = await keeper.save(prompt);
      // Nothing is decided on answers that are not kept.
      if (status !== KEPT) store.putSession(prompt.id, { notice: noticeOf(status) });
      else if (store.shown() === prompt.id) await machine.decide('assessed-not-now', '');
    },
    async consult(prompt) {
      // Whoever is about to telephone does not wait for the gateway.
      store.putSession(prompt.id, { view: 'consult', notice: '' });
      const { status } = await act(deps.client, prompt, 'defer', { code: 'consult' });
      if (status !== KEPT) store.putSession(prompt.id, { notice: noticeOf(status) });
    },
  };
}

/** Nobody has gone on meanwhile. */
function isHere(view: View): boolean {
  return view === 'reasons' || view === 'consult';
}

/** A text with a line at its end, or without it. */
function withLine(text: string, line: string, isThere: boolean): string {
  if (line === '' || text.indexOf(line) >= 0 === isThere) return text;
  if (isThere) return text === '' ? line : text + SEPARATOR + line;
  return text
    .split(SEPARATOR + line)
    .join('')
    .split(line)
    .join('');
}
