import { createId } from '@zhida/core';
import type { PressProgress } from '../../machine/headline.js';
import type { Machine } from '../../machine/machine.js';
import { startPress } from '../../machine/press.js';
import type { PressCase } from '../../wire.js';
import { addressIn, draftOf, type FollowBook, followBook, isBeforeReport, listedAt, pathOf } from './follow-book.js';
import { type FollowForm, followReport, reportedPatient, type SaidCode, saysSomething } from './follow-report.js';
import { type MomentActs, momentActs, type Send } from './moment-acts.js';

/** Something that was pressed after the report of one case. */
export interface FollowUp {
  /** Its idempotency key; how it stands is asked by it. */
  readonly key: string;
  readonly code: SaidCode;
  readonly at: string;
  readonly progress: PressProgress;
  /** Pressed in this page: its words are here and can be sent again. */
  readonly own: boolean;
}

/** What a person does on S8. */
export interface FollowActs extends Omit<MomentActs, 'reportGone'> {
  /** What was pressed after the report of this case, oldest first; asks the gateway once what other pages have pressed. */
  of(pressCase: PressCase): readonly FollowUp[];
  /** Whom the report was made for, when the visit has become another patient's since. */
  readonly reportedFor: (pressCase: PressCase) => string | undefined;
  form(pressCase: PressCase, code: SaidCode): FollowForm;
  /** Writes into the page that is shown. */
  write(code: SaidCode, change: FollowForm): void;
  /** Sends the page that is shown, once however often it is pressed, and shows how it stands; before a report it opens the one that says so. */
  press(code: SaidCode): void;
  retry(key: string): void;
}

export function followActs(machine: Machine): FollowActs {
  const { store, deps } = machine;
  const book = followBook(machine);
  const send = sender(machine, book);
  const { reportGone, ...moments } = momentActs(machine, send);

  return {
    of(pressCase) {
      // The gateway answers for a report once it has it.
      const shown = machine.shownCase();
      const address = shown === undefined ? undefined : listedAt(shown);
      if (address !== undefined) book.askOnce(pressCase, address);
      const list: FollowUp[] = [];
      book.of(pressCase.pressId).forEach(({ press: { progress }, ...known }, key) => list.push({ key, progress, ...known }));
      return list.sort((a, b) => (a.at < b.at ? -1 : 1));
    },
    ...moments,
    reportedFor: book.reportedFor,
    form: ({ pressId }, code) => store.sessionOf(draftOf(pressId, code)).jotted,
    write(code, change) {
      const id = draftOf(machine.shownCase()?.pressCase.pressId || '', code);
      store.putSession(id, { jotted: { ...store.sessionOf(id).jotted, ...change } });
    },
    press(code) {
      const shown = machine.shownCase();
      // A second click finds another page there: how the first one stands.
      if (shown === undefined || shown.session.view !== 'follow' || shown.session.code !== code) return;
      const address = addressIn(shown);
      if (address !== undefined)
        send(shown, address, code, `${code}-${code === 'wrong-patient' ? shown.pressCase.pressId : createId('prs', deps)}`);
      else if (code === 'moved' && isBeforeReport(shown)) reportGone(shown);
    },
    retry(key) {
      const shown = machine.shownCase();
      if (shown !== undefined) book.of(shown.pressCase.pressId).get(key)?.press.retry();
    },
  };
}

/** Sends what is written for one code; a second one of the same key finds how the first one stands. */
function sender({ store, pressed: press }: Machine, book: FollowBook): Send {
  return ({ id, pressCase, prompt, session }, address, code, key) => {
    const { pressId, ticket } = pressCase;
    const draft = draftOf(pressId, code);
    const form = store.sessionOf(draft).jotted;
    if (book.of(pressId).has(key)) return store.putSession(id, { view: 'followed', code: key });
    if (!saysSomething(code, form, reportedPatient(pressCase, session.form))) return;
    const pressed = press();
    const said = { form, confirmed: session.form, toKeep: prompt?.toKeep || [] };
    const body = JSON.stringify(followReport(code, pressCase, said, pressed));
    const underWay = startPress({ pressId: key, ticket }, body, { ...book.depsOf(key), path: pathOf(address) });
    book.add(pressId, key, { code, at: pressed.createdAt, press: underWay, own: true });
    store.putSession(draft, { jotted: {} });
    store.putSession(id, { view: 'followed', code: key });
  };
}
