import type { TemplateResult } from 'lit/html.js';
import type { MoreTexts } from '../locales/texts.js';
import { isAnswered } from '../machine/prompts.js';
import type { Prompt } from '../wire.js';
import type { Kit } from './kit.js';

/** S7: a result that came when the child had left. Whoever calls the child back must not warn the wrong person. */
export function leftView({ html }: Kit, { leftBeforeResult, beforeRecall }: MoreTexts, prompt: Prompt): TemplateResult {
  if (prompt.leftBeforeResult !== true || isAnswered(prompt)) return html``;
  return html`<p class="notice" data-testid="s7-left">${leftBeforeResult}<br />${beforeRecall}</p>`;
}
