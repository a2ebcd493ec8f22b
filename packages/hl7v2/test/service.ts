import { type Hl7Message, type VisitChange, type VisitState, applyMessage, readMessage } from '@zhida/hl7v2';
import { message, row } from './messages.js';

export function parsed(...segments: readonly string[]): Hl7Message {
  const { message: read } = readMessage(message(...segments));
  if (read === undefined) throw new TypeError('unreadable');
  return read;
}

/** What a service does: finds the visits under the message's keys, applies, keeps. */
export function service(): {
  apply(...segments: readonly string[]): readonly VisitChange[];
  latest(): VisitChange;
  states(): VisitState[];
} {
  let states: VisitState[] = [];
  let last: VisitChange | undefined;
  return {
    apply(...segments) {
      const read = parsed(...segments);
      const found = states.filter(({ keys }) => keys.some((key) => read.keys.includes(key)));
      const { changes } = applyMessage(found, read);
      for (const { state } of changes) {
        // A state survives its storage.
        const stored = JSON.parse(JSON.stringify(state)) as VisitState;
        states = [...states.filter(({ keys }) => keys[0] !== state.keys[0]), stored];
      }
      last = changes.at(-1) ?? last;
      return changes;
    },
    latest() {
      if (last === undefined) throw new TypeError('nothing changed');
      return last;
    },
    states: () => states,
  };
}

export const HCG_ORDER = row('OBR', { 2: 'O1', 3: 'F1', 4: 'U1^尿检^L', 7: '20260503213000', 24: 'LAB' });
export function hcg(value: string, status: string): string {
  return row('OBX', { 1: '1', 2: 'ST', 3: '2106-3^尿HCG^LN', 5: value, 11: status });
}
