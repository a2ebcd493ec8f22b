import type { ConfirmForm } from './form.js';
import { formFromDraft, formOf } from './form.js';
import type { View } from './state.js';
import type { Store } from './store.js';

/** What a person does on the page that is shown; nobody else learns of it yet. */
export interface SessionActs {
  go(view: View, code?: string): void;
  fill(change: Partial<ConfirmForm>): void;
  /** Ticks a line of the evidence card, or takes the tick away. */
  keep(line: string): void;
  /** Keeps what is written in a small field. */
  jot(name: string, text: string): void;
  setBeside(beside: boolean): void;
  answering(answering: boolean): void;
}

export function sessionActs({ caseOf, promptOf, putSession, sessionOf, shown }: Store): SessionActs {
  const putPhone = (change: { beside?: boolean; answering?: boolean }): void =>
    putSession(shown(), { phone: { ...sessionOf(shown()).phone, ...change } });
  return {
    go(view, code = '') {
      const id = shown();
      const pressCase = caseOf(id);
      if (pressCase === undefined) return;
      if (view !== 'confirm') return putSession(id, { view, code, notice: '' });
      const { form, draftAt } = sessionOf(id);
      const draft = promptOf(id)?.draft;
      putSession(id, {
        view,
        notice: '',
        form: form || (draft ? formFromDraft(pressCase, draft.form) : formOf(pressCase)),
        draftAt: draftAt || (draft ? draft.savedAt : ''),
      });
    },
    fill(change) {
      const { form } = sessionOf(shown());
      if (form !== undefined) putSession(shown(), { form: { ...form, ...change } });
    },
    keep(line) {
      const { kept } = sessionOf(shown());
      putSession(shown(), { kept: kept.includes(line) ? kept.filter((other) => other !== line) : [...kept, line] });
    },
    jot: (name, text) => putSession(shown(), { jotted: { ...sessionOf(shown()).jotted, [name]: text } }),
    setBeside: (beside) => putPhone({ beside }),
    answering: (answering) => putPhone({ answering }),
  };
}
