import { sayByPhone } from '@zhida/report';
import { html, type TemplateResult } from 'lit/html.js';
import { fill } from '../locales/texts.js';
import { phoneAnswers } from '../machine/form.js';
import type { ViewContext } from './context.js';

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
    ${context.more?.calls(context, number)}
  </section>`;
}
