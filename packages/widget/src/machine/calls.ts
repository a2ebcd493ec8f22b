import { createId } from '@zhida/core';
import type { Call, CallOutcome, PressCase } from '../wire.js';
import type { Machine } from './machine.js';
import type { PhoneState } from './state.js';

/** Telephone calls about a case: shown at once, sent as soon as the report has reached the relay, and again until taken. */
export interface CallLog {
  /** A call about what is on the screen; what was written in the fields of the telephone goes with it. */
  log(outcome: CallOutcome, number: string): void;
}

const RETRY_MS = 5_000;
const TAKEN = [200, 201, 202];
/** Not there yet, a time-out, too many at once. */
const TRANSIENT = [404, 408, 429];

export function createCallLog(machine: Machine): CallLog {
  const { store, deps } = machine;
  const { client, later, now } = deps;
  /** Being sent, waiting for their next time, or refused: what is refused as it is would be refused again. */
  const notNow = new Set<string>();

  function putPhone(id: string, change: Partial<PhoneState>): void {
    store.putSession(id, { phone: { ...store.sessionOf(id).phone, ...change } });
  }

  async function send({ ticket, pressId }: PressCase, call: Call): Promise<void> {
    const { callId } = call;
    notNow.add(callId);
    const { status } = await client.ask('POST', `/v1/reports/${pressId}/calls`, { kind: 'ticket', ticket }, JSON.stringify(call));
    if (TAKEN.includes(status)) return markSent(callId);
    if (status >= 400 && status < 500 && !TRANSIENT.includes(status)) return;
    later(RETRY_MS, () => {
      notNow.delete(callId);
      flush();
    });
  }

  /** The report may have been put aside since, and its session with it. */
  function markSent(callId: string): void {
    const { sessions } = store.state;
    for (const id of Object.keys(sessions)) {
      const { unsent } = store.sessionOf(id).phone;
      if (unsent.includes(callId)) putPhone(id, { unsent: unsent.filter((other) => other !== callId) });
    }
  }

  function flush(): void {
    for (const id of Object.keys(store.state.sessions)) {
      const { press, phone } = store.sessionOf(id);
      const pressCase = store.caseOf(id);
      if (press?.stage !== 'submitted' || pressCase === undefined) continue;
      for (const call of phone.calls) {
        if (phone.unsent.includes(call.callId) && !notNow.has(call.callId)) void send(pressCase, call);
      }
    }
  }

  store.subscribe(flush);
  return {
    log(outcome, number) {
      const id = store.shown();
      const { jotted, phone } = store.sessionOf(id);
      const { incidentNumber = '', answeredBy = '' } = outcome === 'answered' ? jotted : {};
      const call: Call = { callId: createId('cal', { now }), outcome, number, incidentNumber, answeredBy, at: machine.pressed().createdAt };
      store.putSession(id, { jotted: {} });
      putPhone(id, {
        answering: false,
        next: outcome === 'no-answer' ? phone.next + 1 : phone.next,
        calls: [...phone.calls, call],
        unsent: [...phone.unsent, call.callId],
      });
    },
  };
}
