import type { TemplateResult } from 'lit/html.js';
import type { ViewContext } from '../view/context.js';
import type { Prompt } from '../wire.js';
import type { MoreTexts } from '../locales/texts.js';
import type { Kit } from './kit.js';

const KNOWN = 'known-to-police';

/** S1's ways out that are no report: the reason is recorded and reviewed afterwards. */
export function notThisView(
  { html, area, back, choice, notice, noticeText, patientLine }: Kit,
  words: MoreTexts,
  context: ViewContext,
  prompt: Prompt,
): TemplateResult {
  const { machine, texts, session } = context;
  const text = session.jotted['text'] || '';
  const codes = prompt.decisionCodes.filter((code) => code !== KNOWN);
  const labels: Readonly<Record<string, string>> = words.decisions;
  const chosen = session.code === '' ? codes[0] || '' : session.code;
  return html`<div class="page" tabindex="-1" data-testid="s5-panel">
    <p class="who">${patientLine(prompt, texts)}</p>
    ${choice({
      name: 'code',
      legend: words.notThisTitle,
      values: codes.map((code) => [code, labels[code] || code]),
      chosen,
      testid: 's5-code',
      choose: (code) => machine.go('not-this', code),
    })}
    ${area(words.reasonText, text, 2, 's5-text', (value) => machine.jot('text', value))} ${notice(noticeText(context))}
    <div class="acts">
      <button class="primary" data-focus data-testid="s5-record" @click=${() => machine.decide(chosen, text)}>${texts.record}</button>
      ${back(context)}
    </div>
  </div>`;
}

/** `公安已知情`: one more press says how. */
export function knownView(
  { html, back, line, notice, noticeText, patientLine }: Kit,
  words: MoreTexts,
  context: ViewContext,
): TemplateResult {
  const { machine, texts, session, pressCase } = context;
  const number = session.jotted['number'] || '';
  return html`<div class="page" tabindex="-1" data-testid="s5-known">
    <p class="who">${patientLine(pressCase, texts)}</p>
    ${line(words.knownNumber, number, 's5-number', (value) => machine.jot('number', value))} ${notice(noticeText(context))}
    <div class="acts">
      ${Object.entries(words.knownBy).map(
        ([code, label], index) => html`<button
          ?data-focus=${index === 0}
          data-testid=${`s5-${code}`}
          @click=${() => machine.decide(KNOWN, [code, number.trim()].filter((part) => part !== '').join(' '))}
        >
          ${label}
        </button>`,
      )}
      ${back(context)}
    </div>
  </div>`;
}
