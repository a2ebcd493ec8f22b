import type { TemplateResult } from 'lit/html.js';
import type { MoreTexts } from '../locales/texts.js';
import type { CallLog } from '../machine/calls.js';
import type { ViewContext } from '../view/context.js';
import type { Kit } from './kit.js';

/** What became of a call to this number, and the calls made so far. */
export function callsView(kit: Kit, words: MoreTexts, context: ViewContext, log: CallLog, number: string): TemplateResult {
  const { html, nothing } = kit;
  const { machine, session } = context;
  const { answering } = session.phone;
  return html`<div class="acts">
      <button data-testid="s3-answered" aria-expanded=${answering} @click=${() => machine.answering(!answering)}>${words.answered}</button>
      <button data-testid="s3-no-answer" @click=${() => log.log('no-answer', number)}>${words.noAnswer}</button>
    </div>
    ${answering ? answeredForm(kit, words, context, log, number) : nothing} ${callList(kit, words, context)}`;
}

function answeredForm(
  { html, line }: Kit,
  words: MoreTexts,
  { machine, texts, session }: ViewContext,
  log: CallLog,
  number: string,
): TemplateResult {
  const { incidentNumber = '', answeredBy = '' } = session.jotted;
  return html`<div class="answered">
    ${line(words.incidentNumber, incidentNumber, 's3-incident-number', (value) => machine.jot('incidentNumber', value))}
    ${line(words.answeredBy, answeredBy, 's3-answered-by', (value) => machine.jot('answeredBy', value))}
    <div class="acts">
      <button data-testid="s3-log-call" @click=${() => log.log('answered', number)}>${texts.record}</button>
    </div>
  </div>`;
}

function callList({ html, fill, clockTime }: Kit, words: MoreTexts, { session, now }: ViewContext): TemplateResult {
  const { calls, unsent } = session.phone;
  return html`<ul class="quiet calls" data-testid="s3-calls">
    ${calls.map(
      ({ callId, number, outcome, at, incidentNumber }) =>
        html`<li>
          ${fill(words.logged[outcome], { number, time: clockTime(at, now) })} ${incidentNumber}${unsent.includes(callId) ? words.callUnsent : ''}
        </li>`,
    )}
  </ul>`;
}
