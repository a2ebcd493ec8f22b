import type { Prompt, PromptState } from '../wire.js';
import type { Chart, WidgetState } from './state.js';

const ASKING: readonly PromptState[] = ['shown', 'opened'];
const ANSWERED: readonly PromptState[] = ['reported', 'decided', 'closed', 'expired'];

/** Asks something of the person now; a deferred one is quiet until its time. */
export function isAsking({ state }: Prompt): boolean {
  return ASKING.includes(state);
}

export function isAnswered({ state }: Prompt): boolean {
  return ANSWERED.includes(state);
}

/** Puts a prompt in its place; an older version never replaces a newer one, whatever order they come in. */
export function withPrompt(prompts: readonly Prompt[], next: Prompt): readonly Prompt[] {
  const known = prompts.find(({ id }) => id === next.id);
  if (known !== undefined && known.version > next.version) return prompts;
  return [...prompts.filter(({ id }) => id !== next.id), next].sort(byUrgency);
}

/** What asks first, red before orange, then what was put off, then what was answered; the order within is that of birth. */
function byUrgency(a: Prompt, b: Prompt): number {
  return rankOf(a) - rankOf(b) || (a.id < b.id ? 1 : -1);
}

function rankOf(prompt: Prompt): number {
  const answered = isAnswered(prompt) ? 4 : isAsking(prompt) ? 0 : 2;
  return answered + (prompt.level === 'red' ? 0 : 1);
}

/** Whether the HIS has this prompt's chart open; undefined when the HIS does not say which chart it has open. */
export function isOfChart(
  { patient, encounter }: Pick<Prompt, 'patient' | 'encounter'>,
  { patientId, visitId }: Chart,
): boolean | undefined {
  if ((patientId === '' && visitId === '') || encounter.id === '') return undefined;
  return (patientId === '' || patientId === patient.id) && (visitId === '' || visitId === encounter.id);
}

/** What opening the bar shows: what somebody is in the middle of, then the open chart's prompt, then the most urgent one. */
export function promptToShow({ prompts, sessions, shown, chart }: WidgetState): string | undefined {
  const current = prompts.find(({ id }) => id === shown);
  const session = current === undefined ? undefined : sessions[current.id];
  if (current !== undefined && session !== undefined && session.view !== 'reasons') return current.id;
  const ofChart = prompts.find((prompt) => isOfChart(prompt, chart) === true && !isAnswered(prompt));
  if (ofChart !== undefined) return ofChart.id;
  if (current !== undefined && !isAnswered(current)) return current.id;
  return (prompts.find(isAsking) || current || prompts[0])?.id;
}
