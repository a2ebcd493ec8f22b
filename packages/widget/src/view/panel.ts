import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fill } from '../locales/texts.js';
import { confirmView } from './confirm.js';
import { MANUAL } from '../machine/state.js';
import type { ViewContext, WindowContext } from './context.js';
import { reasonsView } from './reasons.js';
import { dialView, statusView } from './status.js';

/** The open widget: a window with the same title always, and one page in it. */
export function panelView(context: WindowContext): TemplateResult {
  const { machine, texts } = context;
  const { prompts, connection, manual } = machine.state;
  const modes = [manual?.pressCase, ...prompts].map((pressCase) => pressCase?.mode);
  const troubled = connection === 'away' || connection === 'refused';
  return html`<section class="window" role="dialog" aria-label=${texts.title} data-testid="window">
    ${modes.includes('test') ? html`<div class="stripe">${texts.testStripe}</div>` : nothing}
    <header>
      <h1>${texts.title}</h1>
      <span>
        ${nextButton(context)}
        <button class="link" data-testid="collapse" aria-expanded="true" @click=${() => machine.collapse()}>${texts.collapse}</button>
      </span>
    </header>
    ${troubled ? html`<p class="notice" role="status" data-testid="connection">${texts[connection]}</p>` : nothing} ${context.more?.head(context)} ${pageOf(context)}
  </section>`;
}

function nextButton({ machine, texts }: WindowContext): TemplateResult | typeof nothing {
  const { prompts, shown } = machine.state;
  const position = prompts.findIndex(({ id }) => id === shown);
  const next = prompts[(position + 1) % prompts.length];
  if (next === undefined || next.id === shown) return nothing;
  const values = { position: String(position + 1), count: String(prompts.length) };
  return html`${position < 0 ? nothing : html`<span class="quiet">${fill(texts.position, values)}</span>`}
    <button class="link" data-testid="next" @click=${() => machine.show(next.id)}>${texts.next}</button>`;
}

function pageOf(window: WindowContext): TemplateResult {
  const { machine, texts, more } = window;
  const shown = machine.shownCase();
  const loading = html`<div class="page" tabindex="-1"><p class="quiet">${texts.loading}</p></div>`;
  if (machine.state.shown === MANUAL && shown?.session.press === undefined) return more === undefined ? loading : more.manual(window);
  if (shown === undefined) return html`<div class="page" tabindex="-1"><p class="quiet">${texts.empty}</p></div>`;
  const { session, prompt } = shown;
  const context: ViewContext = { ...window, ...shown };
  if (session.view === 'status') return statusView(context);
  if (session.view === 'confirm') return confirmView(context);
  if (session.view === 'dial') return dialView(context);
  if (session.view === 'reasons') return prompt === undefined ? html`` : more?.check(context, prompt) || reasonsView(context, prompt);
  return more === undefined ? loading : more.page(context);
}
