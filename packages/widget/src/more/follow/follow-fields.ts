import type { TemplateResult } from 'lit/html.js';
import { SEXES, TRI_STATES } from '../../machine/form.js';
import type { ViewContext } from '../../view/context.js';
import { dangerIn, type FollowForm, reportedPatient, type SaidCode, whereIn } from './follow-report.js';
import { isBeforeReport } from './follow-book.js';
import type { FollowParts } from './follow-parts.js';

/** What can be written on the page of one code. */
export function followFields(parts: FollowParts, context: ViewContext, code: SaidCode): TemplateResult {
  const { kit, words, acts } = parts;
  const form = acts.form(context.pressCase, code);
  if (code === 'wrong-patient')
    return kit.html`<p data-testid="s8-notice">${words.wrongPatient}</p><p class="quiet">${words.rightPatient}</p>`;
  if (code === 'moved') return movedFields(parts, context, form);
  const label = code === 'add' ? words.addText : words.wrongText;
  const text = kit.area(label, form['text'] || '', 3, 's8-text', (value) => acts.write(code, { text: value }));
  return code === 'add'
    ? kit.html`${text}<p class="advice">${context.texts.advice}</p>${dangerField(parts, context, code, form)}`
    : kit.html`${text}${patientFields(parts, context, form)}`;
}

function movedFields(parts: FollowParts, context: ViewContext, form: FollowForm): TemplateResult {
  const { kit, words, acts } = parts;
  const field = (name: 'withWhom' | 'destination' | 'since'): TemplateResult =>
    kit.line(words[name], form[name] || '', `s8-${name}`, (value) => acts.write('moved', { [name]: value }));
  return kit.html`${kit.choice({
    name: 's8-where',
    legend: words.where,
    values: Object.entries(words.whereabouts),
    chosen: whereIn(form) || '',
    testid: 's8-where',
    choose: (where) => acts.write('moved', { where }),
  })}
  ${field('withWhom')} ${field('destination')} ${field('since')}
  ${isBeforeReport(context) ? kit.nothing : dangerField(parts, context, 'moved', form)}`;
}

function patientFields({ kit, acts }: FollowParts, { texts, pressCase, session }: ViewContext, form: FollowForm): TemplateResult {
  const patient = { ...reportedPatient(pressCase, session.form), ...form };
  const write = (change: FollowForm): void => acts.write('wrong-content', change);
  return kit.html`${kit.line(texts.name, patient['name'] || '', 's8-name', (name) => write({ name }))}
  ${kit.line(texts.age, patient['statedAge'] || '', 's8-age', (statedAge) => write({ statedAge }))}
  ${kit.choice({
    name: 's8-sex',
    legend: texts.sexLabel,
    values: SEXES.map((code) => [code, texts.sex[code]] as const),
    chosen: patient['sex'] || 'unknown',
    testid: 's8-sex',
    choose: (sex) => write({ sex }),
  })}`;
}

function dangerField({ kit, words, acts }: FollowParts, { texts }: ViewContext, code: 'add' | 'moved', form: FollowForm): TemplateResult {
  return kit.choice({
    name: 's8-danger',
    legend: words.danger,
    values: TRI_STATES.map((state) => [state, texts.triState[state]] as const),
    chosen: dangerIn(form),
    testid: 's8-danger',
    choose: (danger) => acts.write(code, { danger }),
  });
}
