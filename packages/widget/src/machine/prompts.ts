import type { Prompt, PromptState } from '../wire.js';
import { isTaken } from './headline.js';
import { type Chart, isBegun, MANUAL, type WidgetState } from './state.js';

const ASKING: readonly PromptState[] = ['shown', 'opened'];
const ANSWERED: readonly PromptState[] = ['reported', 'decided', 'closed', 'expired'];

/** Asks something of the person now; a deferred one is quiet until its time, unless the child leaves or evidence is at risk (S7). */
export function isAsking(prompt: Prompt): boolean {
  return ASKING.includes(prompt.state) || isAtMoment(prompt);
}

function isAtMoment({ leftAs, toKeep }: Prompt): boolean {
  return !!leftAs || (toKeep || []).length > 0;
}

export function isAnswered({ state }: Prompt): boolean {
  return ANSWERED.includes(state);
}

/** Puts a prompt in its place. */
export function withPrompt(prompts: readonly Prompt[], next: Prompt): readonly Prompt[] {
  return [...prompts.filter(({ id }) => id !== next.id), next].sort(byUrgency);
}

/** What asks first, red before orange, then what was put off, then what was answered; the order within is that of birth. */
function byUrgency(a: Prompt, b: Prompt): number {
  return rankOf(a) - rankOf(b) || (a.id < b.id ? 1 : -1);
}

const DONE = 4;

function rankOf(prompt: Prompt): number {
  return (isAsking(prompt) ? 0 : isAnswered(prompt) ? DONE : 2) + (prompt.level === 'red' ? 0 : 1);
}

/** Whether the HIS has this prompt's chart open; undefined when the HIS does not say which chart it has open. */
export function isOfChart(
  { patient, encounter }: Pick<Prompt, 'patient' | 'encounter'>,
  { patientId, visitId }: Chart,
): boolean | undefined {
  if ((patientId === '' && visitId === '') || encounter.id === '') return undefined;
  return (patientId === '' || patientId === patient.id) && (visitId === '' || visitId === encounter.id);
}

/**
 * What opening the bar shows: what somebody is in the middle of, then the open chart's prompt, then what was on the screen, unless
 * that is done and a prompt nobody has opened yet has come.
 */
export function toShow(state: WidgetState): string | undefined {
  const { prompts, shown, chart } = state;
  const current = prompts.find(({ id }) => id === shown);
  const progress = progressOf(state);
  if (progress === 'under-way') return shown;
  const ofChart = prompts.find((prompt) => isOfChart(prompt, chart) === true && rankOf(prompt) < DONE);
  if (ofChart !== undefined) return ofChart.id;
  if (progress === 'none' && current !== undefined && rankOf(current) < DONE) return shown;
  const unseen = prompts.find((prompt) => prompt.state === 'shown' || isAtMoment(prompt));
  if (unseen !== undefined) return unseen.id;
  if (progress === 'done' || shown === MANUAL) return shown;
  return (prompts.find(isAsking) || current || prompts[0])?.id;
}

/** How far the person has come with what was shown last; a press that somebody has answered for is only looked at again. */
function progressOf({ sessions, shown = '', manual }: WidgetState): 'none' | 'under-way' | 'done' {
  const { press, view = 'reasons' } = sessions[shown] || {};
  if (isTaken(press?.stage)) return 'done';
  const isUnderWay = press !== undefined || view !== 'reasons' || (shown === MANUAL && manual !== undefined && isBegun(manual));
  return isUnderWay ? 'under-way' : 'none';
}
