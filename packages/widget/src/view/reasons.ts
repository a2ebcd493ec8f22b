import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fill } from '../locales/texts.js';
import { isAnswered } from '../machine/prompts.js';
import type { Prompt } from '../wire.js';
import { noticeText, type ViewContext } from './context.js';
import { clockTime, evidenceOf, evidenceText, patientLine } from './format.js';
import { shownSentences } from './legal.js';
import { notice } from './parts.js';

const EVIDENCE_SHOWN = 2;

/** S1: who, why, the law, in whose name, and five ways on. */
export function reasonsView(context: ViewContext, prompt: Prompt): TemplateResult {
  const { machine, texts, now } = context;
  const evidence = evidenceOf(prompt);
  return html`<div class="page" tabindex="-1" data-testid="s1-panel">
    <p class="who" data-testid="s1-patient">
      ${patientLine(prompt, texts)}
      <button class="link" data-testid="s1-not-this-patient" @click=${() => machine.go('not-this', 'wrong-patient')}>
        ${texts.notThisPatient}
      </button>
    </p>
    ${prompt.occurrence > 1 ? html`<p class="quiet">${fill(texts.again, { count: String(prompt.occurrence) })}</p>` : nothing}
    ${stateOf(context, prompt)} ${context.more?.above(context, prompt)}
    <h2 class="small">${texts.evidence}</h2>
    <ul class="evidence" data-testid="s1-evidence">
      ${evidence.slice(0, EVIDENCE_SHOWN).map((item) => html`<li>${evidenceText(item, texts, now)}</li>`)}
    </ul>
    ${
      evidence.length > EVIDENCE_SHOWN
        ? html`<details>
            <summary>${texts.allEvidence}</summary>
            <ul class="evidence">
              ${evidence.slice(EVIDENCE_SHOWN).map((item) => html`<li>${evidenceText(item, texts, now)}</li>`)}
            </ul>
          </details>`
        : nothing
    }
    <div class="due" data-testid="s1-due">${prompt.reasons.map((reason) => html`<p>${dueText(context, prompt, reason.found)}</p>`)}</div>
    <details>
      <summary data-testid="s1-law">${texts.legalBasis}</summary>
      ${shownSentences(prompt.reasons, texts).map(({ id, text }) => html`<blockquote data-law=${id}>${text}</blockquote>`)}
    </details>
    <p class="quiet" data-testid="s1-unit">${prompt.reporterProtected ? texts.unitReportsProtected : texts.unitReports}</p>
    ${prompt.operator.role === 'nurse' ? html`<p class="quiet" data-testid="s1-nurse">${texts.nurse}</p>` : nothing}
    ${notice(noticeText(context))}
    ${buttons(context, prompt)}
  </div>`;
}

function dueText({ texts }: ViewContext, { level }: Prompt, reason: string): string {
  return fill(level === 'red' ? texts.due : texts.check, { reason });
}

function stateOf({ texts, now }: ViewContext, { state, reports }: Prompt): TemplateResult {
  const said = (texts.states as Readonly<Record<string, string | undefined>>)[state] || '';
  return html`${said === '' ? nothing : html`<p class="notice" role="status" data-testid="s1-state">${said}</p>`}
  ${reports.map(({ number, at }) => html`<p class="notice">${fill(texts.alreadyReported, { number, time: clockTime(at, now) })}</p>`)}`;
}

function buttons({ machine, texts, elsewhere }: ViewContext, prompt: Prompt): TemplateResult {
  const answered = isAnswered(prompt);
  const name = prompt.patient.maskedName;
  const report = elsewhere ? fill(texts.reportElsewhere, { name }) : prompt.reports.length > 0 ? texts.reportAnyway : texts.report;
  const primary = answered ? '' : 'primary';
  return html`<div class="acts">
    <button class=${primary} data-focus data-testid="s1-report" @click=${() => machine.go('confirm')}>${report}</button>
    <button data-testid="s1-dial" @click=${() => machine.dial()}>${texts.danger}</button>
    ${
      answered
        ? nothing
        : html`<button data-testid="s1-known" @click=${() => machine.go('known')}>${texts.known}</button>
            <button data-testid="s1-defer" @click=${() => machine.defer()}>${texts.defer}</button>
            <button data-testid="s1-decide" @click=${() => machine.go('not-this')}>${texts.notThis}</button>`
    }
  </div>`;
}
