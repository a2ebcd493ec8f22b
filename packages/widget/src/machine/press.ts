import type { Answer, GatewayClient, Later } from '../gateway-client.js';
import type { PressCase } from '../wire.js';
import { type PressProgress, withStatus } from './headline.js';
import { watchStatus } from './status-watch.js';

/** A press that is under way: made once, sent until somebody answers for it, then followed. */
export interface PressUnderWay {
  readonly progress: PressProgress;
  /** Sends again what was refused, by the person's own wish. */
  retry(): void;
  /** Whether it is on the screen: its status then comes by a stream. */
  watch(onScreen: boolean): void;
}

export interface PressDeps {
  readonly client: GatewayClient;
  readonly later: Later;
  readonly onChange: (progress: PressProgress) => void;
  /** Where it is pressed. @defaultValue `/v1/reports` */
  readonly path?: string;
}

const RETRY_MS = 5_000;
/** Refusals that are none: a time-out, too many at once. */
const TRANSIENT = [408, 429];
const REPORT_ID = /^rpt_[0-9a-z]{26}$/;
const NUMBER = /^[0-9-]{10,40}$/;

const STARTED: PressProgress = { stage: 'sending', number: '', code: '', earlier: false, status: undefined };

/**
 * Sends the same bytes under the same key until the gateway or the relay has answered for them, so that a cut line, a double
 * click and an impatient person make one report. The bytes stay in memory alone.
 */
export function startPress(pressCase: Pick<PressCase, 'pressId' | 'ticket'>, body: string, deps: PressDeps): PressUnderWay {
  return createPress(pressCase, deps, STARTED, (set) => send(pressCase, body, deps, set));
}

/** Follows a press that was made before, in this page or another. */
export function followPress(
  pressCase: Pick<PressCase, 'pressId' | 'ticket'>,
  deps: PressDeps,
  known: Partial<PressProgress>,
): PressUnderWay {
  return createPress(pressCase, deps, { ...STARTED, ...known }, () => Promise.resolve(true));
}

type SetProgress = (change: Partial<PressProgress>) => void;

function createPress(
  pressCase: Pick<PressCase, 'pressId' | 'ticket'>,
  { client, later, onChange }: PressDeps,
  started: PressProgress,
  attempt: (set: SetProgress) => Promise<boolean>,
): PressUnderWay {
  let progress = started;
  let answered = false;
  let onScreen = true;
  const put = (next: PressProgress): void => {
    progress = next;
    onChange(progress);
  };
  const set: SetProgress = (change) => put({ ...progress, ...change });
  const watch = watchStatus(pressCase, {
    client,
    later,
    isHeld: () => progress.stage === 'held',
    onStatus: (status) => put(withStatus(progress, status)),
  });
  const run = async (): Promise<void> => {
    answered = await attempt(set);
    if (answered) watch(onScreen);
  };
  void run();
  return {
    get progress() {
      return progress;
    },
    retry() {
      if (progress.stage !== 'refused') return;
      set({ stage: 'sending', code: '' });
      // Opened again, the stream says anew how it stands.
      watch(false);
      void run();
    },
    watch(next) {
      onScreen = next;
      if (answered) watch(onScreen);
    },
  };
}

/** @returns whether somebody has answered for the press, so that its status can be followed. */
async function send(
  { pressId, ticket }: Pick<PressCase, 'pressId' | 'ticket'>,
  body: string,
  { client, later, path }: PressDeps,
  set: SetProgress,
): Promise<boolean> {
  for (;;) {
    const answer = await client.ask('POST', path || '/v1/reports', { kind: 'ticket', ticket }, body, { 'idempotency-key': pressId });
    const progress = progressOf(answer);
    set(progress);
    if (progress.stage === 'refused') return false;
    if (progress.stage !== 'undelivered') return true;
    await new Promise<void>((resolve) => void later(RETRY_MS, resolve));
  }
}

/** What an answer proves. A 202 without the relay's number proves nothing: some box between could have said it. */
function progressOf(answer: Answer): Partial<PressProgress> & Pick<PressProgress, 'stage'> {
  const { status, body } = answer;
  const number = numberIn(answer);
  if (status === 200 || status === 202) return number === '' ? { stage: 'undelivered' } : { stage: 'submitted', number };
  if (status === 201 && body['state'] === 'held') return { stage: 'held' };
  if (status === 409) return { stage: number === '' ? 'held' : 'submitted', number, earlier: true };
  if (status < 400 || status >= 500 || TRANSIENT.includes(status)) return { stage: 'undelivered' };
  return { stage: 'refused', code: typeof body['code'] === 'string' ? body['code'] : String(status) };
}

/** The report's number, when the answer names a report of the relay. */
function numberIn({ body }: Answer): string {
  const { reportId, number } = body as { reportId?: unknown; number?: unknown };
  const named = typeof reportId === 'string' && REPORT_ID.test(reportId) && typeof number === 'string' && NUMBER.test(number);
  return named ? number : '';
}
