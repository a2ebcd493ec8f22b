import { BY_TOKEN } from '../gateway-client.js';
import type { Machine } from '../machine/machine.js';
import { type ManualState, NEW_MANUAL } from '../machine/state.js';
import type { PressCase } from '../wire.js';

/**
 * Gets what a report needs that a person begins: a ticket, and what is known of the subject; without a sign-in a staff number gets
 * one (INV-9). The gateway is asked once at a time, and an answer about another subject than the present one is let go.
 */
export function manualCase({ store, deps, heardTime }: Machine): () => Promise<PressCase | undefined> {
  let asked: { readonly question: string; readonly answer: Promise<PressCase | undefined> } | undefined;
  const manual = (): ManualState => store.state.manual || NEW_MANUAL;
  const put = (change: Partial<ManualState>): void => store.put({ manual: { ...manual(), ...change } });

  function open(): Promise<PressCase | undefined> {
    const { pressCase } = manual();
    if (pressCase !== undefined) return Promise.resolve(pressCase);
    const question = questionOf(manual());
    if (asked?.question !== question) asked = { question, answer: ask(question) };
    return asked.answer;
  }

  async function ask(question: string): Promise<PressCase | undefined> {
    const { typed, subject } = manual();
    put({ gateway: 'asking' });
    const answer = await deps.client.ask('POST', '/v1/tickets', typed ? { kind: 'none' } : BY_TOKEN, question);
    if (asked?.question === question) asked = undefined;
    // The answer is about another child than the one that is meant now, or came twice.
    if (questionOf(manual()) !== question || manual().pressCase !== undefined) return manual().pressCase;
    if (answer.time > 0) heardTime(answer.time);
    const opened = answer.status === 200 ? (answer.body as unknown as PressCase) : undefined;
    const signedOut = answer.status === 401 || answer.status === 403;
    // Nobody who has not signed in is told of a chart, so the child is no longer the current patient.
    const unsigned = { typed: true, subject: subject === 'current' ? 'another' : subject } as const;
    put({ pressCase: opened, gateway: opened !== undefined || signedOut ? 'idle' : 'away', ...(signedOut ? unsigned : {}) });
    return opened;
  }

  return open;
}

/** What the gateway is asked about: a staff number, or the visit whose chart was open. */
function questionOf({ typed, staffId, staffName, subject, visitId }: ManualState): string {
  return JSON.stringify(typed ? { staffId, name: staffName } : { encounterId: subject === 'current' ? visitId : '' });
}
