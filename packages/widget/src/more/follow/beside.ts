import type { TemplateResult } from 'lit/html.js';
import type { ViewContext } from '../../view/context.js';
import { addressIn } from './follow-book.js';
import type { FollowParts } from './follow-parts.js';
import { followList } from './follow-views.js';

/**
 * On S1 of a visit a colleague has reported: one's own words go into that report, and what one has added so far stands below, also once
 * another visit of the child speaks in the prompt and nothing more can be added.
 */
export function besideView(parts: FollowParts, context: ViewContext): TemplateResult {
  const { kit, words, acts } = parts;
  const { machine, session, pressCase, prompt } = context;
  if (session.press !== undefined || prompt?.state !== 'reported') return kit.html``;
  if (addressIn(context) === undefined) {
    const isEmpty = acts.of(pressCase).length === 0;
    return isEmpty ? kit.html`` : kit.html`<section class="card" data-testid="s1-beside">${followList(parts, context)}</section>`;
  }
  return kit.html`<section class="card" data-testid="s1-beside">
    <p class="quiet">${words.addIntoWhy}</p>
    <div class="acts">
      <button class="primary" data-focus data-testid="s1-add" @click=${() => machine.go('follow', 'add')}>${words.addInto}</button>
      <button data-testid="s1-moved" @click=${() => machine.go('follow', 'moved')}>${words.codes.moved}</button>
    </div>
    ${followList(parts, context)}
  </section>`;
}
