import type { TemplateResult } from 'lit/html.js';
import type { MoreTexts } from '../locales/texts.js';
import { isAnswered } from '../machine/prompts.js';
import type { ViewContext } from '../view/context.js';
import { evidenceOf, evidenceText } from '../view/format.js';
import { shownSentences } from '../view/legal.js';
import type { Adviser, Prompt, Question, QuestionSet } from '../wire.js';
import type { CheckActs } from './check-acts.js';
import type { Kit } from './kit.js';
import type { Tick } from './tick-keeper.js';

const TICKS: readonly Tick[] = ['normal', 'abnormal', 'not-asked'];
const EVIDENCE_SHOWN = 2;

/** How far the questions are answered: one 异常 speaks for a report, 正常 to all of them against it. */
type Tally = { readonly kind: 'abnormal' | 'normal' } | { readonly kind: 'open'; readonly left: number };

/** What S4 and the page behind 想先请教 are drawn from. */
export interface CheckParts {
  readonly kit: Kit;
  readonly words: MoreTexts;
  readonly context: ViewContext;
  readonly prompt: Prompt;
  readonly acts: CheckActs;
}

/** Whether a prompt asks its questions: not what is to be reported at once, and nothing that was answered or pressed. */
export function isToCheck(prompt: Prompt): boolean {
  const { level, questionSets, reports, refusedAt } = prompt;
  return level === 'orange' && questionSets.length > 0 && reports.length === 0 && !refusedAt && !isAnswered(prompt);
}

/** S4: who, why, the questions, and what follows from their answers. */
export function checkView(parts: CheckParts): TemplateResult {
  const { kit, context, prompt, acts } = parts;
  const { html, nothing, fill, notice, noticeText, patientLine } = kit;
  const { machine, texts, now } = context;
  const tally = tallyOf(prompt, acts);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !event.ctrlKey) return;
    if (tally.kind === 'abnormal') void acts.report(prompt);
    if (tally.kind === 'normal') void acts.notNow(prompt);
  };
  const evidence = evidenceOf(prompt).slice(0, EVIDENCE_SHOWN);
  return html`<div class="page" tabindex="-1" data-testid="s4-panel" @keydown=${onKey}>
    <p class="who" data-testid="s4-patient">
      ${patientLine(prompt, texts)}
      <button class="link" data-testid="s4-not-this-patient" @click=${() => machine.go('not-this', 'wrong-patient')}>
        ${texts.notThisPatient}
      </button>
    </p>
    ${prompt.occurrence > 1 ? html`<p class="quiet">${fill(texts.again, { count: String(prompt.occurrence) })}</p>` : nothing}
    <ul class="evidence" data-testid="s4-evidence">
      ${evidence.map((item) => html`<li>${evidenceText(item, texts, now)}</li>`)}
    </ul>
    ${otherReasons(parts)} ${notice(noticeText(context))}
    ${prompt.questionSets.map((set, index) => setView(parts, set, index))}
    <p class="quiet">${prompt.reporterProtected ? texts.unitReportsProtected : texts.unitReports}</p>
    ${prompt.operator.role === 'nurse' ? html`<p class="quiet" data-testid="s4-nurse">${texts.nurse}</p>` : nothing}
    ${otherWays(parts)} ${buttons(parts, tally)}
  </div>`;
}

function tallyOf(prompt: Prompt, acts: CheckActs): Tally {
  const ticks: Tick[] = [];
  for (const { questions } of prompt.questionSets) for (const question of questions) ticks.push(acts.tickOf(prompt, question));
  if (ticks.indexOf('abnormal') >= 0) return { kind: 'abnormal' };
  const left = ticks.filter((tick) => tick === 'not-asked').length;
  return left === 0 ? { kind: 'normal' } : { kind: 'open', left };
}

/** Reasons that ask nothing of their own. */
function otherReasons({ kit: { html, fill }, context: { texts }, prompt }: CheckParts): TemplateResult {
  const asking = prompt.questionSets.map(({ id }) => id);
  const others = prompt.reasons.filter(({ questionSet }) => asking.indexOf(questionSet) < 0);
  return html`<div class="due">${others.map(({ found }) => html`<p>${fill(texts.check, { reason: found })}</p>`)}</div>`;
}

/** What makes these questions worth asking, and the questions. */
function setView(parts: CheckParts, { id, questions }: QuestionSet, index: number): TemplateResult {
  const { kit, words, context, prompt } = parts;
  const { html, nothing, fill } = kit;
  const reasons = prompt.reasons.filter(({ questionSet }) => questionSet === id);
  return html`<section data-testid=${`s4-set-${id}`}>
    <div class="due">${reasons.map(({ found }) => html`<p>${fill(context.texts.check, { reason: found })}</p>`)}</div>
    ${index === 0 ? html`<h2 class="small">${words.checkTitle}</h2>` : nothing}
    ${questions.map((question, place) => questionView(parts, question, index === 0 && place === 0))}
  </section>`;
}

function questionView({ kit: { html }, words, prompt, acts }: CheckParts, question: Question, isFirst: boolean): TemplateResult {
  const chosen = acts.tickOf(prompt, question);
  const name = `s4-${question.id}`;
  const meaning = (tick: Tick): string => (tick === 'not-asked' ? '' : question[tick]);
  return html`<div role="radiogroup" aria-labelledby=${name} data-testid=${name}>
    <p id=${name}>${question.text}</p>
    <div class="chips">
      ${TICKS.map(
        (tick) => html`<label class="chip"
          ><input
            type="radio"
            name=${name}
            value=${tick}
            ?data-focus=${isFirst && tick === chosen}
            .checked=${tick === chosen}
            @change=${() => acts.tick(prompt, question, tick)}
          /><span>${words.answers[tick]} <small>${meaning(tick)}</small></span></label
        >`,
      )}
    </div>
  </div>`;
}

/** The rest of the evidence, the law, and the ways out that S1 has. */
function otherWays({ kit: { html }, words, context, prompt }: CheckParts): TemplateResult {
  const { machine, texts, now } = context;
  return html`<details>
    <summary data-testid="s4-other">${words.otherWays}</summary>
    <ul class="evidence">
      ${evidenceOf(prompt)
        .slice(EVIDENCE_SHOWN)
        .map((item) => html`<li>${evidenceText(item, texts, now)}</li>`)}
    </ul>
    ${shownSentences(prompt.reasons, texts).map(({ id, text }) => html`<blockquote data-law=${id}>${text}</blockquote>`)}
    <div class="acts">
      <button data-testid="s4-known" @click=${() => machine.go('known')}>${texts.known}</button>
      <button data-testid="s4-defer" @click=${() => machine.defer()}>${texts.defer}</button>
      <button data-testid="s4-decide" @click=${() => machine.go('not-this')}>${texts.notThis}</button>
    </div>
  </details>`;
}

function buttons({ kit, words, context, prompt, acts }: CheckParts, tally: Tally): TemplateResult {
  const { html, nothing, fill } = kit;
  const { machine, texts, elsewhere } = context;
  const name = prompt.patient.maskedName;
  const said = tally.kind === 'open' ? fill(words.checkOpen, { count: String(tally.left) }) : words.checkSaid[tally.kind];
  const notNow = elsewhere ? fill(words.notNowElsewhere, { name }) : words.notNow;
  return html`<div class="foot">
    <p class="quiet" role="status" data-testid="s4-said">${said}</p>
    <div class="acts">
      <button class=${tally.kind === 'abnormal' ? 'primary' : ''} data-testid="s4-report" @click=${() => acts.report(prompt)}>
        ${elsewhere ? fill(texts.reportElsewhere, { name }) : texts.report}
      </button>
      ${
        tally.kind === 'normal'
          ? html`<button class="primary" data-testid="s4-not-now" @click=${() => acts.notNow(prompt)}>${notNow}</button>`
          : nothing
      }
      <button data-testid="s4-consult" @click=${() => acts.consult(prompt)}>${words.consult}</button>
      <button data-testid="s4-dial" @click=${() => machine.dial()}>${texts.danger}</button>
    </div>
  </div>`;
}

/** S5's 请教: whom to telephone; nothing of the child leaves by it. */
export function consultView({ kit, words, context, prompt, acts }: CheckParts): TemplateResult {
  const { html, back, notice, noticeText, patientLine } = kit;
  const { texts } = context;
  const { title, phone } = prompt.dutyContact;
  const kindOf = ({ kind, name }: Adviser): string => (name === words.advisers[kind] ? '' : words.advisers[kind]);
  return html`<div class="page" tabindex="-1" data-testid="s5-consult">
    <p class="who">${patientLine(prompt, texts)}</p>
    <h2>${words.consultTitle}</h2>
    <p class="advice">${words.consultAdvice}</p>
    <ul class="lines" data-testid="s5-advisers">
      ${prompt.advisers.map(
        (adviser) => html`<li><span>${adviser.name} <small>${kindOf(adviser)}</small></span><strong>${adviser.phone}</strong></li>`,
      )}
      <li><span>${title}</span><strong>${phone}</strong></li>
    </ul>
    ${notice(noticeText(context))}
    <div class="acts">
      <button data-focus data-testid="s5-report" @click=${() => acts.report(prompt)}>${texts.report}</button>
      ${back(context)}
    </div>
  </div>`;
}
