import type { GatewayClient, Later } from '../gateway-client.js';
import type { PressCase, Prompt } from '../wire.js';
import { type ConfirmForm, type Pressed, reportFrom } from './form.js';
import { followPress, type PressUnderWay, startPress } from './press.js';
import type { Store } from './store.js';

/** The report and the telephone. */
export interface PressActs {
  /** S2's `确认报告`: pressed once, however often it is clicked. */
  confirm(): void;
  /** Sends a report of this session; a second one of the same session is none. */
  press(id: string, pressCase: PressCase, form: ConfirmForm | undefined, report: object): void;
  /** Sends again what was refused. */
  retry(): void;
  /** A prompt that was reported before this page was opened: its own press is followed, another person's is named on S1. */
  findOwnPress(prompt: Prompt): Promise<void>;
  /** Whether somebody looks at the page: the press on the screen, and it alone, is then followed by a stream. */
  look(looking: boolean): void;
}

export interface PressActDeps {
  readonly client: GatewayClient;
  readonly later: Later;
  readonly pressed: () => Pressed;
}

export function pressActs(store: Store, { client, later, pressed }: PressActDeps): PressActs {
  const { caseOf, putSession, sessionOf, shown } = store;
  const presses = new Map<string, PressUnderWay>();
  const followed = new Set<string>();
  const depsOf = (id: string, pressId: string) => ({
    client,
    later,
    onChange(progress: PressUnderWay['progress']) {
      // What was pressed in another page cannot be sent again from here: the prompt asks.
      if (progress.stage === 'refused' && followed.delete(pressId)) {
        presses.get(pressId)?.watch(false);
        presses.delete(pressId);
        return putSession(id, { press: undefined, view: 'reasons' });
      }
      // A person may have put it aside and begun another report meanwhile.
      putSession(caseOf(id)?.pressId === pressId ? id : pressId, { press: progress });
    },
  });

  const watch = (): void => presses.forEach((press, pressId) => press.watch(store.state.looking && pressId === caseOf(shown())?.pressId));

  function keep(id: string, pressId: string, press: PressUnderWay): void {
    presses.set(pressId, press);
    putSession(id, { view: 'status', notice: '', press: press.progress });
    watch();
  }

  function press(id: string, pressCase: PressCase, form: ConfirmForm | undefined, report: object): void {
    const { pressId } = pressCase;
    if (presses.has(pressId)) return;
    putSession(id, { form });
    keep(id, pressId, startPress(pressCase, JSON.stringify(report), depsOf(id, pressId)));
  }

  return {
    press,
    look(looking) {
      store.put({ looking });
      watch();
    },
    confirm() {
      const id = shown();
      const [pressCase, { form }] = [caseOf(id), sessionOf(id)];
      if (pressCase !== undefined && form !== undefined) press(id, pressCase, form, reportFrom(pressCase, form, pressed()));
    },
    retry: () => presses.get(caseOf(shown())?.pressId || '')?.retry(),
    async findOwnPress(prompt) {
      const { pressId, ticket } = prompt;
      if (presses.has(pressId)) return;
      const { status, body } = await client.ask('GET', `/v1/reports/${pressId}`, { kind: 'ticket', ticket });
      if (status !== 200 || presses.has(pressId)) return;
      const number = typeof body['number'] === 'string' ? body['number'] : '';
      followed.add(pressId);
      keep(prompt.id, pressId, followPress(prompt, depsOf(prompt.id, pressId), { stage: number === '' ? 'held' : 'submitted', number }));
    },
  };
}
