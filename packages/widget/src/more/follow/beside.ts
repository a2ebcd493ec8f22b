import type { TemplateResult } from 'lit/html.js';
import type { ViewContext } from '../../view/context.js';
import { addressIn } from './follow-book.js';
import type { FollowParts } from './follow-parts.js';
import { followList } from './follow-views.js';

/** On S1 of a visit a colleague has reported: one's own words go into that report, and what one has added so far stands below. */
export function besideView(parts: FollowParts, context: ViewContext): TemplateResult {
  const { kit, words } = parts;
  const { machine, session, prompt } = context;
  if (session.press !== undefined || prompt?.state !== 'reported' || addressIn(context) === undefined) return kit.html``;
  return kit.html`<section class="card" data-testid="s1-beside">
    <p class="quiet">${words.addIntoWhy}</p>
    <div class="acts">
      <button class="primary" data-focus data-testid="s1-add" @click=${() => machine.go('follow', 'add')}>${words.addInto}</button>
      <button data-testid="s1-moved" @click=${() => machine.go('follow', 'moved')}>${words.codes.moved}</button>
    </div>
    ${followList(parts, context)}
  </section>`;
}
