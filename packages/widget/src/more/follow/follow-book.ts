import { isTaken, type PressProgress, withStatus } from '../../machine/headline.js';
import type { Machine, ShownCase } from '../../machine/machine.js';
import { followPress, type PressDeps, type PressUnderWay } from '../../machine/press.js';
import type { PressCase, ReportStatus } from '../../wire.js';
import { type SaidCode, SENT } from './follow-report.js';

/** Something that was pressed after a report, as this page follows it. */
export interface Known {
  readonly code: SaidCode;
  readonly at: string;
  readonly press: PressUnderWay;
  /** Pressed in this page: its words are here and can be sent again. */
  readonly own: boolean;
}

/** What was pressed after the reports of this page, by the press of the first one. */
export interface FollowBook {
  of(pressId: string): ReadonlyMap<string, Known>;
  add(pressId: string, key: string, known: Known): void;
  /** Asks the gateway once what other pages have pressed after the report of this address. */
  askOnce(pressCase: PressCase, address: string): void;
  depsOf(key: string): PressDeps;
  /** Whom the report was made for, when the visit has become another patient's since; else undefined. */
  readonly reportedFor: (pressCase: PressCase) => string | undefined;
}

const CODES: Readonly<Record<string, SaidCode | undefined>> = {
  'follow-up': 'add',
  correction: 'wrong-content',
  'error-notice': 'wrong-patient',
};
const UNKNOWN: PressProgress = { stage: 'held', number: '', code: '', earlier: false, status: undefined };
const ASK_AGAIN_MS = 15_000;

/** As the gateway lists one. */
interface Listed {
  readonly key: string;
  readonly kind: string;
  readonly at: string;
  readonly number: string | null;
}

interface CaseListed {
  readonly followUps: readonly Listed[];
  readonly reportedName: string;
  readonly patientChanged: boolean;
}

/** @param address as {@link addressIn} */
export function pathOf(address: string): string {
  return `/v1/reports/${address}/follow-ups`;
}

/** The report that can be added to: this person's own by its press, else a colleague's of the same visit by its number (补充进去). */
export function addressIn({
  session: { press },
  pressCase,
  prompt,
}: Pick<ShownCase, 'session' | 'pressCase' | 'prompt'>): string | undefined {
  if (press !== undefined) return isTaken(press.stage) ? pressCase.pressId : undefined;
  return prompt?.reports.filter(({ addable }) => addable)[0]?.number;
}

/** Where what is written on a page of one report is kept until it is sent. */
export function draftOf(pressId: string, code: SaidCode): string {
  return `${pressId}/${code}`;
}

/** Nobody here has pressed, and there is no report that can be added to: what is said goes into the one that is made. */
export function isBeforeReport(shown: Pick<ShownCase, 'session' | 'pressCase' | 'prompt'>): boolean {
  return shown.session.press === undefined && addressIn(shown) === undefined;
}

/** Where what this person has said so far is asked for: also of a report they can add nothing more to. */
export function listedAt(shown: Pick<ShownCase, 'session' | 'pressCase' | 'prompt'>): string | undefined {
  const isReported = (shown.prompt?.reports || []).length > 0;
  return addressIn(shown) || (isReported ? shown.pressCase.pressId : undefined);
}

export function followBook(machine: Machine): FollowBook {
  const { store, deps } = machine;
  const { client, later } = deps;
  const cases = new Map<string, Map<string, Known>>();
  const asked = new Set<string>();
  const reported = reportedPatients();

  const of = (pressId: string): Map<string, Known> => {
    const known = cases.get(pressId) || new Map<string, Known>();
    cases.set(pressId, known);
    return known;
  };

  /** Kept among the sessions, so that leaving the page warns of one nobody has taken. */
  const depsOf = (key: string): PressDeps => ({ client, later, onChange: (press) => store.putSession(key, { press }) });

  function add(pressId: string, key: string, known: Known): void {
    of(pressId).set(key, known);
    store.putSession(key, { press: known.press.progress });
  }

  /** A stream is for the one on the screen: the browser opens six connections to one origin. */
  function watch(): void {
    const shown = machine.shownCase();
    const streamed = store.state.looking && shown !== undefined ? keyOnScreen(shown, cases.get(shown.pressCase.pressId)) : '';
    cases.forEach((known) => known.forEach(({ press }, key) => press.watch(key === streamed)));
  }

  async function ask({ pressId, ticket }: PressCase, address: string): Promise<void> {
    const { status, body } = await client.ask('GET', pathOf(address), { kind: 'ticket', ticket });
    const { followUps, reportedName = '', patientChanged } = body as unknown as Partial<CaseListed>;
    if (status === 404 || status === 401) return;
    if (status !== 200 || followUps === undefined) {
      later(ASK_AGAIN_MS, () => {
        asked.delete(address);
        store.put({});
      });
      return;
    }
    if (patientChanged === true) reported.changed(pressId, reportedName);
    for (const listed of followUps) await find(pressId, ticket, listed);
    store.put({});
  }

  async function find(pressId: string, ticket: string, { key, kind, at, number }: Listed): Promise<void> {
    const known: PressProgress = { ...UNKNOWN, stage: number === null ? 'held' : 'submitted', number: number || '' };
    const { status, body } = await client.ask('GET', `/v1/reports/${key}`, { kind: 'ticket', ticket });
    if (of(pressId).has(key)) return;
    const progress = status === 200 ? withStatus(known, body as unknown as ReportStatus) : known;
    const press = followPress({ pressId: key, ticket }, depsOf(key), progress);
    add(pressId, key, { code: codeIn(key) || CODES[kind] || 'add', at, press, own: false });
  }

  store.subscribe(watch);
  return {
    of,
    add,
    depsOf,
    askOnce(pressCase, address) {
      if (asked.has(address)) return;
      asked.add(address);
      reported.made(pressCase);
      void ask(pressCase, address);
    },
    reportedFor: reported.reportedFor,
  };
}

/** Whom each report speaks of: as the screen named him when it was made, or as the gateway says. */
function reportedPatients() {
  const reported = new Map<string, { readonly patientId: string | undefined; readonly name: string }>();
  return {
    made({ pressId, patient }: PressCase): void {
      if (!reported.has(pressId)) reported.set(pressId, { patientId: patient.id, name: patient.maskedName });
    },
    changed: (pressId: string, name: string) => void reported.set(pressId, { patientId: undefined, name }),
    reportedFor: ({ pressId, patient }: PressCase): string | undefined => {
      const { patientId, name } = reported.get(pressId) || { patientId: patient.id, name: '' };
      return patientId === patient.id ? undefined : name;
    },
  };
}

/** The one whose own page is shown; on S3, and on S1 beside a colleague's report, a notice that is still waited for, else the last of its case. */
function keyOnScreen({ session }: ShownCase, known: ReadonlyMap<string, Known> = new Map()): string {
  if (session.view === 'followed') return session.code;
  if (session.view !== 'status' && session.view !== 'reasons') return '';
  const keys = [...known.keys()];
  return keys.find((key) => known.get(key)?.code === 'wrong-patient' && !isStopped(known.get(key)?.press.progress)) || keys.pop() || '';
}

/** Each recipient of an error notice has said 已停止使用: its receipt alone raises such a delivery so far. */
export function isStopped(progress: PressProgress | undefined): boolean {
  const lines = progress?.status === undefined ? [] : progress.status.lines;
  return lines.length > 0 && lines.every(({ state }) => state === 'accepted');
}

/** A key begins with what its page was: `moved-…`. */
function codeIn(key: string): SaidCode | undefined {
  return SENT.find((code) => key.indexOf(`${code}-`) === 0);
}
