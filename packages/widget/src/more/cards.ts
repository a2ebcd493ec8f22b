import type { TemplateResult } from 'lit/html.js';
import type { MoreTexts } from '../locales/texts.js';
import type { PressProgress } from '../machine/headline.js';
import type { Reason } from '../wire.js';
import type { ViewContext } from '../view/context.js';
import type { Kit } from './kit.js';
import { saveVoucher } from './voucher.js';

const TICKS_MAX = 5;

/** What to keep and until when, what to do for the child, and the doctor's own record. */
export function careCards(kit: Kit, words: MoreTexts, context: ViewContext, press: PressProgress): TemplateResult {
  const { html, nothing } = kit;
  const { machine, prompt, session } = context;
  const reasons = prompt === undefined ? [] : prompt.reasons;
  const ticks = ticksOf(reasons);
  const care = reasons.map(({ doNow }) => doNow).filter((text, index, all) => text !== '' && all.indexOf(text) === index);
  return html`${
    ticks.length === 0
      ? nothing
      : html`<fieldset class="card" data-testid="s3-keep">
          <legend>${words.keep}</legend>
          <ul class="lines">
            ${ticks.map(
              ({ text, deadlineHours }) =>
                html`<li>
                  <label><input type="checkbox" .checked=${session.kept.includes(text)} @change=${() => machine.keep(text)} /> ${text}</label>
                  <span class="quiet">${deadlineText(kit, deadlineHours, words)}</span>
                </li>`,
            )}
          </ul>
        </fieldset>`
  }
  ${
    care.length === 0
      ? nothing
      : html`<section class="card" data-testid="s3-care">
          <h3>${words.care}</h3>
          ${care.map((text) => html`<p>${text}</p>`)}
        </section>`
  }
  ${
    press.stage === 'submitted'
      ? html`<div class="acts">
          <button data-testid="s3-voucher" @click=${() => saveVoucher(kit, words, context, press)}>${words.voucher}</button>
        </div>`
      : nothing
  }`;
}

/** The most urgent first, each thing once. */
function ticksOf(reasons: readonly Reason[]): Reason['preserve'] {
  const all = reasons.reduce<Reason['preserve']>((list, { preserve }) => [...list, ...preserve], []);
  return all
    .filter(({ text }, index) => all.findIndex((other) => other.text === text) === index)
    .sort((a, b) => a.deadlineHours - b.deadlineHours)
    .slice(0, TICKS_MAX);
}

/** 24 → `24小时内`, 720 → `30天内`. */
function deadlineText({ fill }: Kit, hours: number, { withinHours, withinDays }: MoreTexts): string {
  return hours <= 72 ? fill(withinHours, { hours: String(hours) }) : fill(withinDays, { days: String(Math.round(hours / 24)) });
}
