import { BY_TOKEN, type GatewayClient, type Later } from '../gateway-client.js';
import type { PressCase, Prompt } from '../wire.js';
import { createGatewayClock, type GatewayClock } from './gateway-clock.js';
import { type PressActs, pressActs } from './press-acts.js';
import { act, type PromptActs, promptActs } from './prompt-acts.js';
import { isOfChart, toShow, withPrompt } from './prompts.js';
import { type SessionActs, sessionActs } from './session-acts.js';
import { type Chart, isBegun, MANUAL, NEW_MANUAL, NEW_SESSION, type Session, type WidgetState } from './state.js';
import { createStore, type Store } from './store.js';

export interface MachineDeps {
  readonly client: GatewayClient;
  /** The page's clock, milliseconds since 1970. */
  readonly now: () => number;
  readonly later: Later;
}

/** The widget without a screen: what is shown, what was said, and what the gateway has answered. */
export interface Machine extends SessionActs, PromptActs, PressActs, GatewayClock {
  readonly state: WidgetState;
  readonly store: Store;
  readonly deps: MachineDeps;
  subscribe(listener: () => void): () => void;
  /** Begins to follow the prompts of this clinician. */
  start(): void;
  stop(): void;
  /** The HIS has another chart open; what is on the screen collapses and keeps its state. */
  setChart(chart: Chart): void;
  open(): void;
  collapse(): void;
  show(id: string): void;
  /** Opens the page for a report the person begins; `typed` where nobody signs in. */
  beginManual(typed: boolean): void;
  shownCase(): ShownCase | undefined;
}

/** The case on the screen. */
export interface ShownCase {
  readonly id: string;
  readonly pressCase: PressCase;
  readonly prompt: Prompt | undefined;
  readonly session: Session;
  /** The HIS has another chart open than the one this is about. */
  readonly elsewhere: boolean;
}

export function createMachine(deps: MachineDeps): Machine {
  const store = createStore();
  const { client } = deps;
  let stopFollowing: (() => void) | undefined;
  const clock = createGatewayClock(deps.now);
  const presses = pressActs(store, { ...deps, pressed: clock.pressed });

  function present(id: string | undefined): void {
    store.put({ open: true, shown: id });
    const prompt = store.promptOf(id);
    if (prompt?.state === 'shown' || prompt?.state === 'deferred') void act(client, prompt, 'open');
    if (prompt?.state === 'reported') void presses.findOwnPress(prompt);
    presses.look(true);
  }

  return {
    ...sessionActs(store),
    ...promptActs(store, client),
    ...presses,
    ...clock,
    get state() {
      return store.state;
    },
    store,
    deps,
    subscribe: store.subscribe,
    start() {
      presses.look(true);
      stopFollowing ||= client.follow('/v1/prompts/events', BY_TOKEN, {
        onData: (data) => takePrompt(store, client, data as Prompt),
        onState: (connection) => {
          if (connection !== store.state.connection) store.put({ connection });
          if (connection === 'live') void askRefused(store, client);
        },
        onTime: clock.heardTime,
      });
    },
    stop() {
      stopFollowing?.();
      stopFollowing = undefined;
      presses.look(false);
    },
    setChart(chart) {
      const { patientId, visitId } = store.state.chart;
      if (chart.patientId !== patientId || chart.visitId !== visitId) store.put({ chart, open: false });
    },
    open: () => present(toShow(store.state)),
    collapse: () => store.put({ open: false }),
    show: present,
    beginManual(typed) {
      putManual(store, typed);
      present(MANUAL);
    },
    shownCase: () => shownCase(store),
  };
}

/** An older version never replaces a newer one, whatever order they come in. */
function takePrompt(store: Store, client: GatewayClient, next: Prompt): void {
  const known = store.promptOf(next.id);
  if (known !== undefined && known.version > next.version) return;
  store.put({ prompts: withPrompt(store.state.prompts, next) });
  if (known === undefined) void act(client, next, 'seen');
  // The visit turned out to be another child's: what was written and answered meant the one before.
  else if (known.patient.id !== next.patient.id && !store.sessionOf(next.id).press) store.putSession(next.id, NEW_SESSION);
}

/** At every opening of the stream: when somebody sits down, when the page is seen again, and at least as often as a token ends. */
async function askRefused({ put }: Store, client: GatewayClient): Promise<void> {
  const { body } = await client.ask('GET', '/v1/reports/refused', BY_TOKEN);
  const { refused } = body as { refused?: readonly unknown[] };
  if (refused !== undefined) put({ refused: refused.length });
}

/** What was begun is kept; a page on which nobody has written is about the chart that is open now. */
function putManual({ state: { manual, chart }, put }: Store, typed: boolean): void {
  const { visitId } = chart;
  if (manual !== undefined && (isBegun(manual) || manual.visitId === visitId)) return;
  const { staffId, staffName } = manual || NEW_MANUAL;
  put({ manual: { ...NEW_MANUAL, subject: visitId === '' ? 'unknown' : 'current', visitId, typed, staffId, staffName } });
}

function shownCase({ state, shown, caseOf, promptOf, sessionOf }: Store): ShownCase | undefined {
  const id = shown();
  const pressCase = caseOf(id);
  if (pressCase === undefined) return undefined;
  return { id, pressCase, prompt: promptOf(id), session: sessionOf(id), elsewhere: isOfChart(pressCase, state.chart) === false };
}
