import { html, nothing, type TemplateResult } from 'lit/html.js';
import type { ViewContext } from './context.js';

/** One choice of a few, each a radio button with its words; the arrow keys move among them. */
export function choice(options: {
  readonly name: string;
  readonly legend: string;
  readonly values: readonly (readonly [value: string, text: string])[];
  readonly chosen: string;
  readonly testid: string;
  readonly choose: (value: string) => void;
}): TemplateResult {
  const { name, legend, values, chosen, testid, choose } = options;
  return html`<fieldset data-testid=${testid}>
    <legend>${legend}</legend>
    <div class="chips">
      ${values.map(
        ([value, text]) => html`<label class="chip"
          ><input type="radio" name=${name} value=${value} .checked=${value === chosen} @change=${() => choose(value)} /><span>${text}</span></label
        >`,
      )}
    </div>
  </fieldset>`;
}

export function line(label: string, value: string, testid: string, set: (value: string) => void): TemplateResult {
  return html`<label class="field"
    >${label}<input type="text" autocomplete="off" .value=${value} data-testid=${testid} @input=${(event: Event) => set(valueOf(event))}
  /></label>`;
}

export function area(
  label: string | TemplateResult,
  value: string,
  rows: number,
  testid: string,
  set: (value: string) => void,
): TemplateResult {
  return html`<label class="field"
    >${label}<textarea rows=${rows} .value=${value} data-testid=${testid} @input=${(event: Event) => set(valueOf(event))}></textarea>
  </label>`;
}

export function notice(text: string): TemplateResult | typeof nothing {
  return text === '' ? nothing : html`<p class="notice" role="alert" data-testid="notice">${text}</p>`;
}

export function back({ machine, texts }: ViewContext): TemplateResult {
  return html`<button data-testid="back" @click=${() => machine.go('reasons')}>${texts.back}</button>`;
}

function valueOf(event: Event): string {
  return (event.target as HTMLInputElement).value;
}
