import { sayByPhone } from '@zhida/report';
import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fill } from '../locales/texts.js';
import { phoneAnswers } from '../machine/form.js';
import type { ViewContext } from './context.js';
import { clockTime } from './format.js';
import { line } from './parts.js';

/** The numbers to try, 110 first, then the police of this county; after the last one it begins again. */
function numbersOf({ pressCase, texts }: Pick<ViewContext, 'pressCase' | 'texts'>): readonly string[] {
  const police = pressCase.recipients.filter(({ kind, phone }) => kind === 'police' && phone !== '');
  return [texts.emergency, ...police.map(({ phone }) => phone)];
}

/** Number and words for the telephone, in large type; the child's name is in neither. */
export function phoneCard(context: ViewContext, reportNumber: string): TemplateResult {
  const { machine, texts, session, pressCase } = context;
  const { phone, form } = session;
  const numbers = numbersOf(context);
  const number = numbers[phone.next % numbers.length] || texts.emergency;
  return html`<section class="phone" aria-label=${fill(texts.call, { number })}>
    <div class="dial">
      <strong data-testid="s3-dial">${fill(texts.call, { number })}</strong>
      <label class="chip"
        ><input
          type="checkbox"
          data-testid="s3-beside"
          .checked=${phone.beside}
          @change=${(event: Event) => machine.setBeside((event.target as HTMLInputElement).checked)}
        /><span>${texts.beside}</span></label
      >
    </div>
    <p class="script" data-testid="s3-script">${sayByPhone(pressCase.phone, phoneAnswers(pressCase, form, reportNumber), phone.beside)}</p>
    <div class="acts">
      <button data-testid="s3-answered" aria-expanded=${phone.answering} @click=${() => machine.answering(!phone.answering)}>${texts.answered}</button>
      <button data-testid="s3-no-answer" @click=${() => machine.logCall('no-answer', number)}>${texts.noAnswer}</button>
    </div>
    ${phone.answering ? answeredForm(context, number) : nothing} ${callList(context)}
  </section>`;
}

function answeredForm({ machine, texts, session }: ViewContext, number: string): TemplateResult {
  const { incidentNumber = '', answeredBy = '' } = session.jotted;
  return html`<div class="answered">
    ${line(texts.incidentNumber, incidentNumber, 's3-incident-number', (value) => machine.jot('incidentNumber', value))}
    ${line(texts.answeredBy, answeredBy, 's3-answered-by', (value) => machine.jot('answeredBy', value))}
    <div class="acts">
      <button data-testid="s3-log-call" @click=${() => machine.logCall('answered', number)}>${texts.record}</button>
    </div>
  </div>`;
}

function callList({ texts, session, now }: ViewContext): TemplateResult {
  const { calls, unsent } = session.phone;
  return html`<ul class="quiet calls" data-testid="s3-calls">
    ${calls.map(
      ({ callId, number, outcome, at, incidentNumber }) =>
        html`<li>
          ${fill(texts.logged[outcome], { number, time: clockTime(at, now) })} ${incidentNumber}${unsent.includes(callId) ? texts.callUnsent : ''}
        </li>`,
    )}
  </ul>`;
}
