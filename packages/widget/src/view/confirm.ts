import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fill } from '../locales/texts.js';
import { type ConfirmForm, SEXES, TRI_STATES, type WhereStatus } from '../machine/form.js';
import { noticeText, type ViewContext } from './context.js';
import { clockTime, patientLine } from './format.js';
import { area, back, choice, line, notice } from './parts.js';

/** S2: one page, filled in as far as the visit tells; nothing on it has to be touched. */
export function confirmView(context: ViewContext): TemplateResult {
  const { machine, texts, session, pressCase, elsewhere, now } = context;
  const form = session.form;
  if (form === undefined) return html``;
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && event.ctrlKey) machine.confirm();
  };
  return html`<div class="page" tabindex="-1" data-testid="s2-panel" @keydown=${press}>
    <h2>${texts.confirmTitle}</h2>
    ${whoFields(context, form)}${whereField(context, form)}
    ${area(texts.observed, form.observed, 2, 's2-observed', (observed) => machine.fill({ observed }))}
    <p class="advice">${texts.advice}</p>
    ${choice({
      name: 'speaker',
      legend: texts.verbatim,
      values: Object.entries(texts.speakers),
      chosen: form.speaker,
      testid: 's2-speaker',
      choose: (speaker) => machine.fill({ speaker: speaker as ConfirmForm['speaker'] }),
    })}
    ${area(html`<span class="hidden">${texts.verbatim}</span>`, form.verbatim, 1, 's2-verbatim', (verbatim) => machine.fill({ verbatim }))}
    <div class="three">
      ${triState(context, texts.immediateDanger, 'danger')} ${triState(context, texts.companionInvolved, 'companion')}
      ${triState(context, texts.unsafeHome, 'unsafeHome')}
    </div>
    ${line(texts.safeContact, form.safeContact, 's2-safe-contact', (safeContact) => machine.fill({ safeContact }))} ${footer(context, form)}
    ${notice(noticeText(context))}
    <div class="acts foot">
      <button class="primary" data-focus data-testid="s2-confirm" @click=${() => machine.confirm()}>
        ${elsewhere ? fill(texts.reportElsewhere, { name: pressCase.patient.maskedName }) : texts.confirm}
      </button>
      <button data-testid="s2-draft" @click=${() => machine.saveDraft()}>${texts.draft}</button>
      ${back(context)}
      ${session.draftAt === '' ? nothing : html`<span class="quiet">${fill(texts.draftSaved, { time: clockTime(session.draftAt, now) })}</span>`}
    </div>
  </div>`;
}

function whoFields({ machine, texts, pressCase }: ViewContext, form: ConfirmForm): TemplateResult {
  return html`<div class="field">${texts.who}</div>
    <details class="who">
      <summary data-testid="s2-who">${patientLine(pressCase, texts)} <span class="link">${texts.wrong}</span></summary>
      ${line(texts.name, form.name, 's2-name', (name) => machine.fill({ name }))}
      ${line(texts.age, form.age, 's2-age', (age) => machine.fill({ age }))}
      ${choice({
        name: 'sex',
        legend: texts.sexLabel,
        values: SEXES.map((code) => [code, texts.sex[code]]),
        chosen: form.sex,
        testid: 's2-sex',
        choose: (sex) => machine.fill({ sex }),
      })}
    </details>`;
}

function whereField({ machine, texts, pressCase }: ViewContext, form: ConfirmForm): TemplateResult {
  const here = fill(texts.here, { location: pressCase.encounter.location });
  return choice({
    name: 'where',
    legend: texts.where,
    values: [['in-facility', here], ...Object.entries(texts.whereabouts)],
    chosen: form.where,
    testid: 's2-where',
    choose: (where) => machine.fill({ where: where as WhereStatus }),
  });
}

function triState({ machine, texts, session }: ViewContext, legend: string, name: 'danger' | 'companion' | 'unsafeHome'): TemplateResult {
  return choice({
    name,
    legend,
    values: TRI_STATES.map((code) => [code, texts.triState[code]]),
    chosen: session.form?.[name] || 'unknown',
    testid: `s2-${name}`,
    choose: (value) => machine.fill({ [name]: value }),
  });
}

function footer({ machine, texts, pressCase }: ViewContext, form: ConfirmForm): TemplateResult {
  const { recipients, dutyContact, operator } = pressCase;
  return html`<div class="quiet" data-testid="s2-footer">
    <span>${fill(texts.sendTo, { names: recipients.map(({ name }) => name).join(texts.comma) })}</span
    >${texts.space}<span>${fill(texts.reporter, { title: dutyContact.title })}</span>
    <details class="inline">
      <summary data-testid="s2-not-me">${fill(texts.operator, { name: form.typedOperator || operator.name })} <span class="link">${texts.notMe}</span></summary>
      ${line(texts.typedOperator, form.typedOperator, 's2-operator', (typedOperator) => machine.fill({ typedOperator }))}
    </details>
  </div>`;
}
