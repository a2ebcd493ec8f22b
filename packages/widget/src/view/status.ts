import { html, nothing, type TemplateResult } from 'lit/html.js';
import { fill } from '../locales/texts.js';
import { headlineOf, isTaken, type PressProgress } from '../machine/headline.js';
import type { StatusLine } from '../wire.js';
import type { ViewContext } from './context.js';
import { clockTime, patientLine } from './format.js';
import { back } from './parts.js';
import { phoneCard } from './phone.js';

/** S3: one headline, a line for each recipient, and the telephone. */
export function statusView(context: ViewContext): TemplateResult {
  const { texts, now, session, pressCase } = context;
  const { press } = session;
  if (press === undefined) return html``;
  const headline = headlineOf(press);
  const { key, number, agencyNumber, at } = headline;
  const urgent = key === 'undelivered' ? ' urgent' : '';
  return html`<div class="page" tabindex="-1" data-testid="s3-panel">
    <p class="who">${patientLine(pressCase, texts)}</p>
    <h2 class="headline${urgent}" role="status" data-testid="s3-headline" data-headline=${key}>
      ${fill(texts.headline[key], { number, agencyNumber, time: clockTime(at, now) }).trim()}
    </h2>
    ${trouble(context, press)} ${recipients(context, press)}
    ${number === '' ? nothing : html`<p class="number" data-testid="s3-number">${fill(texts.number, { number })}</p>`}
    ${phoneCard(context, number)} ${context.more?.cards(context, press)}
    ${context.prompt === undefined && isTaken(press.stage) ? context.more?.again(context) : nothing}
  </div>`;
}

/** `孩子有危险，先打110`: the telephone first, the report after it. */
export function dialView(context: ViewContext): TemplateResult {
  const { machine, texts, pressCase } = context;
  return html`<div class="page" tabindex="-1" data-testid="dial-panel">
    <p class="who">${patientLine(pressCase, texts)}</p>
    <h2 class="headline urgent">${texts.dialTitle}</h2>
    ${phoneCard(context, '')}
    <p class="quiet">${texts.dialThen}</p>
    <div class="acts">
      <button class="primary" data-focus data-testid="dial-report" @click=${() => machine.go('confirm')}>${texts.report}</button>
      ${back(context)}
    </div>
  </div>`;
}

function trouble({ machine, texts }: ViewContext, { stage, code, earlier }: PressProgress): TemplateResult | typeof nothing {
  if (stage === 'undelivered') return html`<p class="quiet" data-testid="s3-retrying">${texts.keepOpen}</p>`;
  if (stage === 'refused') {
    return html`<p class="notice">
      ${fill(texts.refusedCode, { code })} <button data-testid="s3-retry" @click=${() => machine.retry()}>${texts.retry}</button>
    </p>`;
  }
  return earlier ? html`<p class="notice">${texts.earlier}</p>` : nothing;
}

/** Before the relay has answered, every recipient is named and none is said to have anything. */
function recipients({ texts, now, pressCase }: ViewContext, { status, stage }: PressProgress): TemplateResult {
  const language = texts.lang === 'en' ? 'en' : 'zh';
  const lines: (readonly [string, string])[] =
    status === undefined || status.lines.length === 0
      ? pressCase.recipients.map(({ name }) => [name, stage === 'submitted' ? texts.line.open : ''])
      : status.lines.map((line) => [line.recipient.name[language], lineText(line)]);
  function lineText({ state, storedAt, acceptedAt, agencyNumber }: StatusLine): string {
    const time = clockTime((state === 'accepted' ? acceptedAt : storedAt) || '', now);
    return [fill(texts.line[state], { time }).trim(), agencyNumber || ''].filter((part) => part !== '').join(texts.space);
  }
  return html`<ul class="lines" data-testid="s3-lines">
    ${lines.map(([name, state]) => html`<li><span>${name}</span><span>${state}</span></li>`)}
  </ul>`;
}
