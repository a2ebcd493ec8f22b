import type { PressCase, Prompt } from '../wire.js';
import { INITIAL, MANUAL, NEW_SESSION, type Session, type WidgetState } from './state.js';

/** The state, and whoever draws it. */
export interface Store {
  readonly state: WidgetState;
  readonly put: (change: Partial<WidgetState>) => void;
  readonly putSession: (id: string, change: Partial<Session>) => void;
  readonly sessionOf: (id: string) => Session;
  readonly promptOf: (id: string | undefined) => Prompt | undefined;
  /** What a press of this session would be about. */
  readonly caseOf: (id: string | undefined) => PressCase | undefined;
  /** Id of what is on the screen; empty when nothing is. */
  readonly shown: () => string;
  readonly subscribe: (listener: () => void) => () => void;
}

export function createStore(): Store {
  let state = INITIAL;
  const listeners = new Set<() => void>();
  const sessionOf = (id: string): Session => state.sessions[id] || NEW_SESSION;
  const promptOf = (id: string | undefined): Prompt | undefined => state.prompts.find((prompt) => prompt.id === id);
  function put(change: Partial<WidgetState>): void {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  }
  return {
    get state() {
      return state;
    },
    put,
    putSession: (id, change) => put({ sessions: { ...state.sessions, [id]: { ...sessionOf(id), ...change } } }),
    sessionOf,
    promptOf,
    caseOf: (id = '') => (id === MANUAL ? state.manual?.pressCase : promptOf(id) || state.aside[id]),
    shown: () => state.shown || '',
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
