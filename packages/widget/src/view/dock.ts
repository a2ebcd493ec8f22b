import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fill } from '../locales/texts.js';
import { isAsking } from '../machine/prompts.js';
import type { WindowContext } from './context.js';
import { clockTime } from './format.js';

/** The collapsed widget: a grey bar that is the same for every level and names nobody. */
export function dockView(context: WindowContext, openManual: () => void, undelivered: boolean): TemplateResult {
  const { machine, texts } = context;
  const asking = machine.state.prompts.filter(isAsking).length;
  const said = asking === 0 ? '' : fill(texts.bar, { count: String(asking) });
  const bar = undelivered ? texts.barUnfinished : said || (context.refused > 0 ? texts.barUnfinished : quietBar(context));
  return html`<div class="dock">
    <p class="hidden" role="status" aria-live="polite">${said}</p>
    ${
      bar === ''
        ? nothing
        : html`<button class="bar" aria-expanded="false" data-testid="s1-bar" @click=${() => machine.open()}>${bar}</button>`
    }
    <button class="plus" aria-label=${texts.addLabel} data-testid="s6-open" @click=${openManual}>${bar === '' ? texts.add : '＋'}</button>
  </div>`;
}

/** What the bar says when nothing asks: a prompt put off, or a way back to what was done. */
function quietBar({ machine, texts, now }: WindowContext): string {
  const { prompts } = machine.state;
  const deferred = prompts.find(({ state }) => state === 'deferred');
  if (deferred !== undefined) return fill(texts.barDeferred, { time: clockTime(deferred.dueAt || '', now) });
  return prompts.length === 0 ? '' : texts.title;
}
