import type { TemplateResult } from 'lit/html.js';
import { isAnswered } from '../machine/prompts.js';
import type { ViewContext, WindowContext } from '../view/context.js';
import type { Prompt } from '../wire.js';
import { addressIn, isBeforeReport } from './follow/follow-book.js';
import type { FollowParts } from './follow/follow-parts.js';

/**
 * S7, above S1 and S3: what is left to do when a child leaves while a report is open or a red unanswered, and at an order after which
 * evidence would be lost. One at a time, and no page waits for it.
 */
export function stripView(parts: FollowParts, window: WindowContext): TemplateResult {
  const { html } = parts.kit;
  const shown = window.machine.shownCase();
  const prompt = shown?.prompt;
  if (shown === undefined || prompt === undefined) return html``;
  const { view } = shown.session;
  const isPage = view === 'reasons' || view === 'status';
  const isToSay = isBeforeReport(shown) ? !isAnswered(prompt) : addressIn(shown) !== undefined;
  if (!isPage || !isToSay) return html``;
  const context = { ...window, ...shown };
  if (prompt.leftAs) return leftStrip(parts, context, prompt, prompt.leftAs);
  return (prompt.toKeep || []).length > 0 ? keepStrip(parts, context) : html``;
}

type Gone = NonNullable<Prompt['leftAs']>;

function leftStrip(parts: FollowParts, context: ViewContext, prompt: Prompt, leftAs: Gone): TemplateResult {
  const { kit, words, acts } = parts;
  const { html, nothing, fill } = kit;
  const { machine, texts } = context;
  const { moment, whereabouts } = words;
  const gone = (where: Gone): TemplateResult => html`<button
    data-testid=${`s7-${where}`}
    @click=${() => {
      acts.write('moved', { where });
      machine.go('follow', 'moved');
    }}
  >
    ${moment[where]}
  </button>`;
  const isOpen = !isAnswered(prompt);
  return html`<section class="notice" data-testid="s7-strip">
    <p role="status"><strong>${moment.open}</strong> <span class="quiet">${fill(moment.recorded, { where: whereabouts[leftAs] })}</span></p>
    ${notice(parts, context)}
    <div class="acts">
      ${
        isOpen
          ? html`<button class="primary" data-testid="s7-report" @click=${() => machine.go('confirm')}>${texts.report}</button>`
          : nothing
      }
      ${leftAs === 'deceased' ? gone('deceased') : nothing} ${gone('left')} ${gone('transferred')}
      <button data-testid="s7-not-so" @click=${() => (isOpen ? machine.go('not-this') : acts.notLeft())}>${moment.notSo}</button>
    </div>
  </section>`;
}

const PLACE = 's7-place';

function keepStrip(parts: FollowParts, context: ViewContext): TemplateResult {
  const { kit, words, acts } = parts;
  const { html, line } = kit;
  const { machine, session } = context;
  const { moment } = words;
  const place = session.jotted[PLACE] || '';
  const button = (status: 'kept' | 'unavailable'): TemplateResult =>
    html`<button data-testid=${`s7-${status}`} @click=${() => acts.keep(status, place)}>${moment[status]}</button>`;
  return html`<section class="notice" data-testid="s7-strip">
    <p role="status"><strong>${moment.keep}</strong></p>
    ${line(moment.place, place, PLACE, (value) => machine.jot(PLACE, value))} ${notice(parts, context)}
    <div class="acts">${button('kept')} ${button('unavailable')}</div>
  </section>`;
}

/** S1 says it itself. */
function notice({ kit }: FollowParts, context: ViewContext): TemplateResult | symbol {
  return context.session.view === 'status' ? kit.notice(kit.noticeText(context)) : kit.nothing;
}
