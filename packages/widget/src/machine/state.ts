import type { Call, PressCase, Prompt } from '../wire.js';
import type { ConfirmForm } from './form.js';
import type { PressProgress } from './headline.js';

/** Which chart the HIS has open; what the HIS does not say is empty. */
export interface Chart {
  readonly patientId: string;
  readonly visitId: string;
}

/** S1 or, for what asks questions, S4; their ways out, S2, S3, and S8: what is to be said, and how it stands. */
export type View = 'reasons' | 'not-this' | 'known' | 'consult' | 'dial' | 'confirm' | 'status' | 'follow' | 'followed';

/** The telephone beside the press: which number is next, and what was logged. */
export interface PhoneState {
  /** Index into the numbers of the case; 110 is the first. */
  readonly next: number;
  readonly beside: boolean;
  readonly answering: boolean;
  readonly calls: readonly Call[];
  /** Ids of calls the gateway has not taken yet; they are sent again. */
  readonly unsent: readonly string[];
}

/** What one person is doing about one child. It outlives collapsing and a patient switch. */
export interface Session {
  readonly view: View;
  readonly form: ConfirmForm | undefined;
  readonly draftAt: string;
  readonly press: PressProgress | undefined;
  readonly phone: PhoneState;
  /** Ticked lines of the evidence card. */
  readonly kept: readonly string[];
  /** Key of a text about something that did not work, or empty. */
  readonly notice: string;
  /** Reason chosen so far. */
  readonly code: string;
  /** What is written in the small fields of the pages that are no form of their own. */
  readonly jotted: Readonly<Record<string, string | undefined>>;
}

export type ManualSubject = 'current' | 'another' | 'unknown';

/** S6: a report the person begins. */
export interface ManualState {
  readonly subject: ManualSubject;
  /** The visit whose chart was open when it was begun; the HIS may open another before it is sent. */
  readonly visitId: string;
  readonly name: string;
  readonly text: string;
  /** Chosen situations, 1 to 9; 0 is `说不清，就是不放心`. */
  readonly situations: readonly number[];
  /** Nobody has signed in, or the sign-in has ended: a staff number is asked for. */
  readonly typed: boolean;
  readonly staffId: string;
  readonly staffName: string;
  /** What the gateway has opened for this subject. */
  readonly pressCase: PressCase | undefined;
  /** `确认报告` was pressed; what is changed after it needs another press. */
  readonly pressed: boolean;
  /** `asking` the gateway, `away` when it did not answer. */
  readonly gateway: 'idle' | 'asking' | 'away';
}

export interface WidgetState {
  readonly connection: 'connecting' | 'live' | 'away' | 'refused';
  readonly prompts: readonly Prompt[];
  readonly chart: Chart;
  readonly open: boolean;
  /** Somebody looks at the page: what is on the screen is then followed by a stream. */
  readonly looking: boolean;
  /** Prompt on the screen, `manual`, or none yet. */
  readonly shown: string | undefined;
  readonly sessions: Readonly<Record<string, Session | undefined>>;
  readonly manual: ManualState | undefined;
  /** Reports a person began before the present one, by press id; their sessions have the same key. */
  readonly aside: Readonly<Record<string, PressCase | undefined>>;
  /** How many reports that somebody began here, whoever it was, the relay refuses. */
  readonly refused: number;
}

export const MANUAL = 'manual';

const NEW_PHONE: PhoneState = { next: 0, beside: false, answering: false, calls: [], unsent: [] };

export const NEW_SESSION: Session = {
  view: 'reasons',
  form: undefined,
  draftAt: '',
  press: undefined,
  phone: NEW_PHONE,
  kept: [],
  notice: '',
  code: '',
  jotted: {},
};

export const NEW_MANUAL: ManualState = {
  subject: 'unknown',
  visitId: '',
  name: '',
  text: '',
  situations: [],
  typed: false,
  staffId: '',
  staffName: '',
  pressCase: undefined,
  pressed: false,
  gateway: 'idle',
};

/** Something is written or chosen, so that it is not to be lost. */
export function isBegun({ text, situations }: ManualState): boolean {
  return text.trim() !== '' || situations.length > 0;
}

export const INITIAL: WidgetState = {
  connection: 'connecting',
  prompts: [],
  chart: { patientId: '', visitId: '' },
  open: false,
  looking: false,
  shown: undefined,
  sessions: {},
  manual: undefined,
  aside: {},
  refused: 0,
};
