import type { Machine } from '../machine/machine.js';
import { moreZhCN } from '../locales/more-zh-cn.js';
import { isBegun, MANUAL, type ManualState, NEW_MANUAL } from '../machine/state.js';
import type { PressCase } from '../wire.js';
import { manualCase } from './manual-case.js';

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
  const open = manualCase(machine);
  let cancelRetry: (() => void) | undefined;
  const manual = (): ManualState => store.state.manual || NEW_MANUAL;
  const put = (change: Partial<ManualState>): void => store.put({ manual: { ...manual(), ...change } });
  /** What was pressed is sent as it was; whoever changes it presses again. */
  const write = (change: Partial<ManualState>): void => {
    cancelRetry?.();
    put({ ...change, pressed: false });
  };

  async function send(): Promise<void> {
    const pressCase = await open();
    // Changed while the gateway was asked: what is on the screen now has not been pressed.
    if (!manual().pressed) return;
    if (pressCase !== undefined) return machine.press(MANUAL, pressCase, undefined, reportOf(pressCase, manual(), machine));
    // The person pressed, so it goes on being tried while the page says that nothing was delivered.
    if (manual().gateway === 'away') cancelRetry = deps.later(RETRY_MS, () => void send());
    else put({ pressed: false });
  }

  return {
    change(change) {
      if ('subject' in change || 'staffId' in change || 'staffName' in change) {
        write({ visitId: store.state.chart.visitId, ...change, pressCase: undefined, gateway: 'idle' });
      } else write(change);
    },
    toggle(situation) {
      const { situations } = manual();
      write({
        situations: situations.includes(situation) ? situations.filter((other) => other !== situation) : [...situations, situation],
      });
    },
    async prepare() {
      const { gateway, pressCase, typed, subject } = manual();
      if (gateway === 'idle' && pressCase === undefined && !typed && subject === 'current') await open();
    },
    async confirm() {
      if (manual().pressed || !isSayable(manual())) return;
      put({ pressed: true });
      await send();
    },
    again() {
      const { typed, staffId, staffName, pressCase } = manual();
      const { sessions, aside } = store.state;
      const { pressId = '' } = pressCase || {};
      store.put({
        aside: { ...aside, [pressId]: pressCase },
        sessions: { ...sessions, [pressId]: sessions[MANUAL], [MANUAL]: undefined },
        manual: undefined,
      });
      machine.beginManual(typed);
      put({ staffId, staffName });
    },
  };
}

/** One sentence or one chip is enough, and a staff number where nobody has signed in. */
export function isSayable(manual: ManualState): boolean {
  return isBegun(manual) && (!manual.typed || manual.staffId.trim() !== '');
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
      // The words go to Chinese agencies, whatever language the screen is in.
      ...(situations.includes(UNSURE) ? { inference: moreZhCN.situations[UNSURE] } : {}),
    },
  };
}
