import type { TemplateResult } from 'lit/html.js';
import type { MoreTexts } from '../locales/texts.js';
import { type ManualState, type ManualSubject, NEW_MANUAL } from '../machine/state.js';
import type { WindowContext } from '../view/context.js';
import type { Kit } from './kit.js';
import { isSayable, type ManualActs, UNSURE } from './manual-acts.js';

const SITUATIONS = [1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** S6: for whom, one sentence or a chip, and `确认报告`. */
export function manualView(kit: Kit, words: MoreTexts, context: WindowContext, acts: ManualActs): TemplateResult {
  const { html, nothing, area, line, fill } = kit;
  const { machine, texts } = context;
  const manual = machine.state.manual || NEW_MANUAL;
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && event.ctrlKey) void acts.confirm();
  };
  const name = manual.pressCase?.patient.maskedName || '';
  const elsewhere = machine.shownCase()?.elsewhere === true && manual.subject === 'current';
  return html`<div class="page" tabindex="-1" data-testid="s6-panel" @keydown=${onKey}>
    ${manual.pressed ? underWay(kit, context, manual) : nothing} ${subjectField(kit, words, context, acts)}
    ${manual.subject === 'another' ? line(words.childName, manual.name, 's6-name', (value) => acts.change({ name: value })) : nothing}
    ${area(words.sentence, manual.text, 2, 's6-text', (text) => acts.change({ text }))} ${situationField(kit, words, manual, acts)}
    ${
      manual.typed
        ? html`<p class="quiet">${words.typedWhy}</p>
            ${line(words.staffId, manual.staffId, 's6-staff-id', (staffId) => acts.change({ staffId }))}
            ${line(words.staffName, manual.staffName, 's6-staff-name', (staffName) => acts.change({ staffName }))}`
        : nothing
    }
    <div class="acts foot">
      <button class="primary" data-testid="s6-confirm" ?disabled=${!isSayable(manual)} @click=${() => acts.confirm()}>
        ${elsewhere ? fill(texts.reportElsewhere, { name }) : texts.confirm}
      </button>
    </div>
  </div>`;
}

/** After S3 of a report one began: the next child. */
export function againView({ html }: Kit, words: MoreTexts, acts: ManualActs): TemplateResult {
  return html`<div class="acts"><button data-testid="s6-again" @click=${() => acts.again()}>${words.again}</button></div>`;
}

/** Pressed, and the gateway has given no ticket yet. */
function underWay({ html, nothing }: Kit, { texts }: WindowContext, { gateway }: ManualState): TemplateResult {
  const key = gateway === 'away' ? 'undelivered' : 'sending';
  return html`<h2 class=${key === 'sending' ? 'headline' : 'headline urgent'} role="status" data-testid="s3-headline" data-headline=${key}>
      ${texts.headline[key]}
    </h2>
    ${key === 'sending' ? nothing : html`<p class="quiet">${texts.keepOpen}</p>`}`;
}

function subjectField({ html, nothing, choice, patientLine }: Kit, words: MoreTexts, { machine, texts }: WindowContext, acts: ManualActs) {
  const { subject, pressCase, typed, visitId } = machine.state.manual || NEW_MANUAL;
  const known = !typed && (visitId !== '' || machine.state.chart.visitId !== '');
  const values = Object.entries(words.subjects).filter(([value]) => known || value !== 'current');
  return html`${choice({
    name: 'subject',
    legend: words.forWhom,
    values,
    chosen: subject,
    testid: 's6-subject',
    choose: (value) => acts.change({ subject: value as ManualSubject }),
  })}
  ${
    subject === 'current' && pressCase !== undefined && pressCase.encounter.id !== ''
      ? html`<p class="who" data-testid="s6-patient">${patientLine(pressCase, texts)}</p>`
      : nothing
  }`;
}

function situationField({ html }: Kit, words: MoreTexts, { situations }: ManualState, acts: ManualActs): TemplateResult {
  const labels: Readonly<Record<string, string>> = words.situations;
  return html`<fieldset data-testid="s6-situations">
    <legend>${words.what}</legend>
    <div class="chips">
      ${[...SITUATIONS, UNSURE].map(
        (situation) => html`<label class="chip"
          ><input type="checkbox" .checked=${situations.includes(situation)} @change=${() => acts.toggle(situation)} /><span
            >${labels[String(situation)]}</span
          ></label
        >`,
      )}
    </div>
  </fieldset>`;
}
