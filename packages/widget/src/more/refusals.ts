import type { TemplateResult } from 'lit/html.js';
import type { MoreTexts } from '../locales/texts.js';
import type { WindowContext } from '../view/context.js';
import type { Prompt } from '../wire.js';
import type { Kit } from './kit.js';

/** Reports that were refused after whoever pressed had left: how many, and whom to tell. */
export function refusalsView({ html, fill }: Kit, words: MoreTexts, { refused }: WindowContext): TemplateResult {
  if (refused === 0) return html``;
  return html`<p class="notice" role="status" data-testid="refusals">${fill(words.refusedPresses, { count: String(refused) })}</p>`;
}

/** What was pressed of this prompt has been sent to nobody, whoever pressed it. */
export function refusedView({ html, fill, clockTime }: Kit, words: MoreTexts, now: number, { refusedAt }: Prompt): TemplateResult {
  if (!refusedAt) return html``;
  return html`<p class="notice" role="status" data-testid="s1-refused">${fill(words.refusedReport, { time: clockTime(refusedAt, now) })}</p>`;
}
