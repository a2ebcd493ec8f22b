import { BY_TOKEN } from '../gateway-client.js';
import type { Machine } from '../machine/machine.js';
import type { Session } from '../machine/state.js';
import type { GivenAnswers, Prompt, Question, QuestionAnswer } from '../wire.js';

/** What a person ticks; `not-asked` is 没问到. */
export type Tick = QuestionAnswer | 'not-asked';

interface Saved extends GivenAnswers {
  readonly prefill: Prompt['prefill'];
}

/** Ticks on their way to the gateway: shown at once, sent until they are kept, never of another child. */
export interface TickKeeper {
  /** What the screen shows: what was ticked here and is not kept yet, else what the gateway has. */
  tickOf(prompt: Prompt, question: Question): Tick;
  put(prompt: Prompt, question: Question, tick: Tick): void;
  /** Sends what is not kept yet. @returns the gateway's answer: 200 when all is kept, 0 when it gave none. */
  save(prompt: Prompt): Promise<number>;
  /** The report as the gateway has filled it in with what was ticked here, where nothing later has come. */
  prefillOf(prompt: Prompt): Prompt['prefill'];
}

const KEPT = 200;

export function createTickKeeper(machine: Machine): TickKeeper {
  const { store, deps } = machine;
  /** Under prompt and patient: a prompt that turns out to be another child's shows nothing of the one before. */
  const saved = new Map<string, Saved>();
  const saving = new Map<string, Promise<number>>();
  const keyOf = ({ id, patient }: Prompt): string => `${id} ${patient.id}`;

  /** What this page was answered, unless the stream has brought something later. */
  function ownOf(prompt: Prompt): Saved | undefined {
    const own = saved.get(keyOf(prompt));
    return own !== undefined && own.savedAt >= (prompt.answers?.savedAt || '') ? own : undefined;
  }

  function keep(prompt: Prompt, answers: Record<string, Tick>, kept: Saved): void {
    saved.set(keyOf(prompt), kept);
    store.putSession(prompt.id, { jotted: without(store.sessionOf(prompt.id).jotted, prompt, answers) });
  }

  /** What is ticked meanwhile goes after it. */
  async function send(id: string): Promise<number> {
    for (;;) {
      const prompt = store.promptOf(id);
      const answers = prompt === undefined ? {} : unsaved(prompt, store.sessionOf(id).jotted);
      if (prompt === undefined || Object.keys(answers).length === 0) return KEPT;
      const ticked = JSON.stringify({ patientId: prompt.patient.id, answers });
      const { status, body } = await deps.client.ask('PUT', `/v1/prompts/${id}/answers`, BY_TOKEN, ticked);
      if (status !== KEPT) return status;
      keep(prompt, answers, body as unknown as Saved);
    }
  }

  function save({ id }: Prompt): Promise<number> {
    const underWay = saving.get(id);
    if (underWay !== undefined) return underWay;
    const sent = send(id).then((status) => {
      saving.delete(id);
      return status;
    });
    saving.set(id, sent);
    return sent;
  }

  return {
    save,
    tickOf(prompt, { id }) {
      const tick = store.sessionOf(prompt.id).jotted[placeOf(prompt, id)] as Tick | undefined;
      return tick || (ownOf(prompt) || prompt.answers)?.answers[id] || 'not-asked';
    },
    put(prompt, { id }, tick) {
      machine.jot(placeOf(prompt, id), tick);
      void save(prompt);
    },
    prefillOf: (prompt) => ownOf(prompt)?.prefill || prompt.prefill,
  };
}

/** Where a tick stands among what is written in a session. */
function placeOf({ patient }: Prompt, questionId: string): string {
  return `s4 ${patient.id} ${questionId}`;
}

/** What is ticked and not kept yet. */
function unsaved(prompt: Prompt, jotted: Session['jotted']): Record<string, Tick> {
  const ticks: Record<string, Tick> = {};
  for (const { questions } of prompt.questionSets) {
    for (const { id } of questions) {
      const tick = jotted[placeOf(prompt, id)];
      if (tick !== undefined) ticks[id] = tick as Tick;
    }
  }
  return ticks;
}

/** What is written without what is kept now; what was ticked otherwise meanwhile stays. */
function without(jotted: Session['jotted'], prompt: Prompt, kept: Record<string, Tick>): Session['jotted'] {
  const left = { ...jotted };
  for (const [questionId, tick] of Object.entries(kept)) {
    const place = placeOf(prompt, questionId);
    if (left[place] === tick) delete left[place];
  }
  return left;
}
