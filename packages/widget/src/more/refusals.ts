import type { TemplateResult } from 'lit/html.js';
import type { MoreTexts } from '../locales/texts.js';
import { MANUAL } from '../machine/state.js';
import type { WindowContext } from '../view/context.js';
import type { Prompt } from '../wire.js';
import type { Kit } from './kit.js';

/** What stands above every page: that the one shown is of an exercise, and reports that were refused after whoever pressed had left. */
export function headView(kit: Kit, words: MoreTexts, context: WindowContext): TemplateResult {
  const { html } = kit;
  const { shown, manual, prompts } = context.machine.state;
  const pressCase = shown === MANUAL ? manual?.pressCase : prompts.find(({ id }) => id === shown);
  const exercise = pressCase?.mode === 'exercise' ? html`<div class="stripe" data-testid="exercise">${words.exercise}</div>` : html``;
  return html`${exercise}${refusalsView(kit, words, context)}`;
}

/** How many they are, and whom to tell. */
function refusalsView({ html, fill }: Kit, words: MoreTexts, { refused }: WindowContext): TemplateResult {
  if (refused === 0) return html``;
  return html`<p class="notice" role="status" data-testid="refusals">${fill(words.refusedPresses, { count: String(refused) })}</p>`;
}

/** What was pressed of this prompt has been sent to nobody, whoever pressed it. */
export function refusedView({ html, fill, clockTime }: Kit, words: MoreTexts, now: number, { refusedAt }: Prompt): TemplateResult {
  if (!refusedAt) return html``;
  return html`<p class="notice" role="status" data-testid="s1-refused">${fill(words.refusedReport, { time: clockTime(refusedAt, now) })}</p>`;
}
