import { fill, type Texts } from '../locales/texts.js';
import type { Machine } from '../machine/machine.js';
import type { Session } from '../machine/state.js';
import type { More } from '../more/kit.js';
import type { PressCase, Prompt } from '../wire.js';

/** What bar and window are drawn from. */
export interface WindowContext {
  readonly machine: Machine;
  readonly texts: Texts;
  readonly now: number;
  /** The pages that are loaded after the first paint; undefined until they are there. */
  readonly more: More | undefined;
  /** How many reports are refused that nobody on this page can be shown: whoever pressed has left. */
  readonly refused: number;
}

/** What every page of the panel is drawn from. */
export interface ViewContext extends WindowContext {
  readonly id: string;
  readonly pressCase: PressCase;
  readonly prompt: Prompt | undefined;
  readonly session: Session;
  /** The HIS has another chart open than the one this is about. */
  readonly elsewhere: boolean;
}

/** What is said about something that did not work, or was recorded. */
export function noticeText({ session, texts, pressCase }: ViewContext): string {
  const { title, phone } = pressCase.dutyContact;
  return session.notice === '' ? '' : fill(texts.notices[session.notice as keyof Texts['notices']], { title, phone });
}
