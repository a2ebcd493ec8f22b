import { BY_TOKEN } from '../gateway-client.js';
import type { Machine } from '../machine/machine.js';
import { MANUAL, type ManualState, NEW_MANUAL, NEW_SESSION } from '../machine/state.js';
import type { PressCase } from '../wire.js';

/** What a person does on S6. */
export interface ManualActs {
  change(change: Partial<ManualState>): void;
  toggle(situation: number): void;
  /** Asks the gateway for what is known of the subject, when it has not been asked yet. */
  prepare(): Promise<void>;
  confirm(): Promise<void>;
  /** Puts the report that was made aside and begins another. */
  again(): void;
}

const RETRY_MS = 5_000;
/** `说不清，就是不放心` */
export const UNSURE = 0;

export function manualActs(machine: Machine): ManualActs {
  const { store, deps } = machine;
  const manual = (): ManualState => store.state.manual || NEW_MANUAL;
  const put = (change: Partial<ManualState>): void => store.put({ manual: { ...manual(), ...change } });

  /** A report needs a ticket; without a sign-in a staff number gets one (INV-9). */
  async function open(): Promise<PressCase | undefined> {
    const { subject, typed, staffId, staffName, pressCase } = manual();
    if (pressCase !== undefined) return pressCase;
    put({ gateway: 'asking' });
    const asked = typed ? { staffId, name: staffName } : { encounterId: subject === 'current' ? store.state.chart.visitId : '' };
    const { status, body } = await deps.client.ask('POST', '/v1/tickets', typed ? { kind: 'none' } : BY_TOKEN, JSON.stringify(asked));
    const opened = status === 200 ? (body as unknown as PressCase) : undefined;
    const signedOut = status === 401 || status === 403;
    put({ pressCase: opened, gateway: status === 200 || signedOut ? 'idle' : 'away', ...(signedOut ? { typed: true } : {}) });
    return opened;
  }

  return {
    change(change) {
      const asksAnew = 'subject' in change || 'staffId' in change || 'staffName' in change;
      put({ ...change, ...(asksAnew ? { pressCase: undefined, gateway: 'idle' as const } : {}) });
    },
    toggle(situation) {
      const { situations } = manual();
      put({ situations: situations.includes(situation) ? situations.filter((other) => other !== situation) : [...situations, situation] });
    },
    async prepare() {
      const { gateway, pressCase, typed, subject } = manual();
      if (gateway === 'idle' && pressCase === undefined && !typed && subject === 'current') await open();
    },
    async confirm() {
      if (manual().gateway === 'asking' || !isSayable(manual())) return;
      const pressCase = await open();
      if (pressCase !== undefined) return machine.press(MANUAL, pressCase, undefined, reportOf(pressCase, manual(), machine));
      // The person pressed, so it goes on being tried while the page says that nothing was delivered.
      if (manual().gateway === 'away') deps.later(RETRY_MS, () => void this.confirm());
    },
    again() {
      const { typed, staffId, staffName } = manual();
      store.putSession(MANUAL, NEW_SESSION);
      store.put({ manual: undefined });
      machine.beginManual(typed);
      put({ staffId, staffName });
    },
  };
}

/** One sentence or one chip is enough, and a staff number where nobody has signed in. */
export function isSayable({ text, situations, typed, staffId }: ManualState): boolean {
  return (text.trim() !== '' || situations.length > 0) && (!typed || staffId.trim() !== '');
}

function reportOf({ prefill }: PressCase, { text, situations, name, subject }: ManualState, machine: Machine): object {
  const chosen = situations.filter((situation) => situation !== UNSURE).sort((a, b) => a - b);
  const named = subject === 'another' && name.trim() !== '';
  return {
    ...prefill,
    ...machine.pressed(),
    ...(named ? { patient: { ...prefill.patient, name: name.trim() } } : {}),
    suspicion: {
      situations: chosen.map((situation) => `opinion-2020:4.${situation}`),
      observed: text.trim(),
      ...(situations.includes(UNSURE) ? { inference: '说不清，就是不放心' } : {}),
    },
  };
}
