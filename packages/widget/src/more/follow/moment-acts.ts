import type { Machine, ShownCase } from '../../machine/machine.js';
import { act } from '../../machine/prompt-acts.js';
import type { Prompt } from '../../wire.js';
import { noticeOf } from '../notice-of.js';
import { addressIn, draftOf } from './follow-book.js';
import { type SaidCode, whereaboutsIn } from './follow-report.js';

/** What a person answers when a child leaves, or at an order after which evidence would be lost (S7). */
export interface MomentActs {
  /** What the order put at risk is kept or cannot be, once for each time it is asked. */
  keep(status: 'kept' | 'unavailable', place: string): void;
  /** The child has not left. */
  notLeft(): void;
  /** Before a report: S2 says where the child is, and so does whoever else reports; a report waits for nothing. */
  readonly reportGone: (shown: ShownCase) => void;
}

/** Sends a report of its own in the case that is shown. */
export type Send = (shown: ShownCase, address: string, code: SaidCode, key: string) => void;

export function momentActs(machine: Machine, send: Send): MomentActs {
  const { store, deps } = machine;
  const telling = new Set<string>();

  /** Tells the gateway what no report can be sent with yet; a double click is one answer, and what did not work is said. */
  async function tell({ id, patient }: Prompt, said: object): Promise<void> {
    if (telling.has(id)) return;
    telling.add(id);
    const { status } = await act(deps.client, { id }, 'settle', { patientId: patient.id, ...said });
    telling.delete(id);
    if (status !== 200 && store.sessionOf(id).view !== 'confirm') store.putSession(id, { notice: noticeOf(status) });
  }

  return {
    keep(status, place) {
      const shown = machine.shownCase();
      const [first] = shown?.prompt?.toKeep || [];
      if (shown?.prompt === undefined || first === undefined) return;
      const address = addressIn(shown);
      if (address === undefined) return void tell(shown.prompt, { evidence: { status, place } });
      store.putSession(draftOf(shown.pressCase.pressId, 'kept'), { jotted: { status, place } });
      // Two pages that answer one question send one report.
      send(shown, address, 'kept', `kept-${first.volatileUntil.replace(/\D/g, '')}`);
    },
    notLeft() {
      const prompt = machine.shownCase()?.prompt;
      if (prompt !== undefined) void tell(prompt, { whereabouts: { status: 'in-facility' } });
    },
    reportGone({ id, pressCase, prompt }) {
      const whereabouts = whereaboutsIn(store.sessionOf(draftOf(pressCase.pressId, 'moved')).jotted, machine.pressed().createdAt);
      if (prompt === undefined || whereabouts === undefined) return;
      if (prompt.leftAs) void tell(prompt, { whereabouts });
      const told = { ...prompt, prefill: { ...prompt.prefill, whereabouts } };
      store.put({ prompts: store.state.prompts.map((other) => (other.id === id ? told : other)) });
      machine.go('confirm');
      machine.fill({ where: whereabouts.status });
    },
  };
}
