import type { TemplateResult } from 'lit/html.js';
import { isTaken, type PressProgress } from '../../machine/headline.js';
import type { StatusLine } from '../../wire.js';
import type { ViewContext } from '../../view/context.js';
import type { Kit } from '../kit.js';
import type { FollowUp } from './follow-acts.js';
import { addressIn, isBeforeReport, isStopped } from './follow-book.js';
import { followFields } from './follow-fields.js';
import type { FollowParts } from './follow-parts.js';
import { CARDS, type FollowCode, reportedPatient, SAID, type SaidCode, saysSomething } from './follow-report.js';

/** On S3: what was pressed after the report, and what can be. The report itself stays above it, as it is. */
export function followSection(parts: FollowParts, context: ViewContext, press: PressProgress): TemplateResult {
  const { kit, words, acts } = parts;
  const { html, nothing, fill, clockTime } = kit;
  const { machine, now, pressCase, prompt } = context;
  const isThere = isTaken(press.stage);
  const button = (code: FollowCode): TemplateResult =>
    html`<button data-testid=${`s8-${code}`} @click=${() => machine.go('follow', code)}>${words.codes[code]}</button>`;
  return html`<section class="card" data-testid="s8-section">
    <h3>${words.title}</h3>
    ${
      isThere && prompt?.correctedAt
        ? html`<p class="notice" data-testid="s8-corrected">${fill(words.corrected, { time: clockTime(prompt.correctedAt, now) })}</p>`
        : nothing
    }
    ${isThere && acts.reportedFor(pressCase) !== undefined ? whoLine(parts, context) : nothing}
    ${followList(parts, context)}
    <div class="acts">${isThere ? SAID.map(button) : nothing} ${CARDS.map(button)}</div>
  </section>`;
}

/** What this person has pressed after the report, each with how it stands. */
export function followList(parts: FollowParts, context: ViewContext): TemplateResult {
  const { kit, words, acts } = parts;
  const { html, fill, clockTime } = kit;
  const { machine, now, pressCase } = context;
  return html`<ul class="lines" data-testid="s8-list">
    ${acts.of(pressCase).map(
      (one) =>
        html`<li>
          <button class="link" data-testid=${`s8-open-${one.code}`} @click=${() => machine.go('followed', one.key)}>
            ${fill(words.listed, { label: words.codes[one.code], time: clockTime(one.at, now) })}</button
          ><span>${headlineText(parts, context, one)}</span>
        </li>`,
    )}
  </ul>`;
}

/** S8 itself: a page for what is to be said. */
export function followView(parts: FollowParts, context: ViewContext): TemplateResult {
  const { session } = context;
  const code = SAID.find((known) => known === session.code);
  if (code === undefined) return session.code === 'obstructed' ? obstructedView(parts, context) : helpView(parts, context);
  const onKey = (event: KeyboardEvent): void => {
    // What stops every recipient from using a report takes a press of its own.
    if (event.key === 'Enter' && event.ctrlKey && code !== 'wrong-patient') parts.acts.press(code);
  };
  return parts.kit.html`<div class="page" tabindex="-1" data-testid="s8-panel" @keydown=${onKey}>
    ${whoLine(parts, context)} ${formOf(parts, context, code)}
  </div>`;
}

/** The page of one that was pressed: how it stands. */
export function followedView(parts: FollowParts, context: ViewContext): TemplateResult {
  const { session, pressCase } = context;
  const pressed = parts.acts.of(pressCase).find(({ key }) => key === session.code);
  return parts.kit.html`<div class="page" tabindex="-1" data-testid="s8-status">
    ${whoLine(parts, context)} ${pressed === undefined ? '' : standing(parts, context, pressed)}
  </div>`;
}

/** Whom the report speaks of, which is not always whom the visit is of now. */
function whoLine({ kit, words, acts }: FollowParts, { pressCase, texts }: ViewContext): TemplateResult {
  const name = acts.reportedFor(pressCase);
  if (name === undefined) return kit.html`<p class="who">${kit.patientLine(pressCase, texts)}</p>`;
  return kit.html`<p class="who">${kit.fill(words.reportedFor, { name })}</p>
    <p class="notice" role="status" data-testid="s8-other-patient">${words.otherPatient}</p>`;
}

function formOf(parts: FollowParts, context: ViewContext, code: SaidCode): TemplateResult {
  const { kit, words, acts } = parts;
  const { html, nothing, fill } = kit;
  const { session, pressCase, elsewhere, texts } = context;
  const own = session.press;
  const number = own === undefined ? addressIn(context) || '' : own.number;
  const reportedFor = acts.reportedFor(pressCase);
  const isNotice = code === 'wrong-patient';
  const isBefore = isBeforeReport(context);
  const [plain, other] = isNotice
    ? [words.confirm, words.confirmElsewhere]
    : isBefore
      ? [texts.report, texts.reportElsewhere]
      : [words.send, words.sendElsewhere];
  const isReady = saysSomething(code, acts.form(pressCase, code), reportedPatient(pressCase, session.form));
  return html`<h2>${own === undefined && code === 'add' ? words.addInto : words.codes[code]}</h2>
    ${number === '' ? nothing : html`<p class="quiet" data-testid="s8-number">${fill(texts.number, { number })}</p>`}
    ${followFields(parts, context, code)}
    ${isNotice || isBefore ? nothing : html`<p class="quiet">${words.stays}</p>`}
    <div class="acts foot">
      <button class=${isReady ? 'primary' : 'quiet'} data-testid="s8-send" ?disabled=${!isReady} @click=${() => acts.press(code)}>
        ${elsewhere || reportedFor !== undefined ? fill(other, { name: reportedFor || pressCase.patient.maskedName }) : plain}
      </button>
      ${backToStatus(kit, context)}
    </div>`;
}

/** Where one stands that was pressed: a headline of its own, and a line for each recipient. */
function standing(parts: FollowParts, context: ViewContext, one: FollowUp): TemplateResult {
  const { kit, words } = parts;
  const { html, nothing, fill } = kit;
  const { key, number } = kit.headlineOf(one.progress);
  return html`<p class="field">${words.codes[one.code]}</p>
    <h2 class=${key === 'undelivered' ? 'headline urgent' : 'headline'} role="status" data-testid="s8-headline" data-headline=${key}>
      ${headlineText(parts, context, one)}
    </h2>
    ${trouble(parts, context, one)}
    <ul class="lines" data-testid="s8-lines">
      ${linesOf(parts, context, one).map(([name, state]) => html`<li><span>${name}</span><span>${state}</span></li>`)}
    </ul>
    ${number === '' || one.code === 'add' || one.code === 'kept' ? nothing : html`<p data-testid="s8-call-too">${fill(words.callToo, { number })}</p>`}
    ${one.code === 'wrong-patient' ? html`<p class="quiet">${words.rightPatient}</p>` : nothing}
    <div class="acts">
      ${
        context.session.press === undefined && one.progress.stage === 'submitted'
          ? html`<button data-testid="s8-voucher" @click=${() => parts.voucher.save(context, one.progress)}>${parts.voucher.label}</button>`
          : nothing
      }
      ${backToStatus(kit, context)}
    </div>`;
}

function trouble({ kit, words, acts }: FollowParts, { texts }: ViewContext, { key, progress, own }: FollowUp): TemplateResult {
  const { html, fill } = kit;
  const { stage, code, earlier } = progress;
  if (stage === 'undelivered') return html`<p class="quiet" data-testid="s8-retrying">${texts.keepOpen}</p>`;
  if (stage !== 'refused') return earlier ? html`<p class="notice">${words.earlier}</p>` : html``;
  return html`<p class="notice" data-testid="s8-refused">
    ${fill(texts.refusedCode, { code })}
    ${own ? html`<button data-testid="s8-retry" @click=${() => acts.retry(key)}>${texts.retry}</button>` : words.again}
  </p>`;
}

/**
 * What is proved of one, in a line. Of an error notice an officer's 已受理 says nothing: it is answered by 已停止使用 alone, and all have
 * stopped only when each has said so (INV-5).
 */
function headlineText({ kit, words }: FollowParts, { texts, now }: ViewContext, { code, progress }: FollowUp): string {
  const { key, number, agencyNumber, at } = kit.headlineOf(progress);
  if (code !== 'wrong-patient' || progress.stage !== 'submitted') {
    return kit.fill(texts.headline[key], { number, agencyNumber, time: kit.clockTime(at, now) }).trim();
  }
  return isStopped(progress) ? words.noticeStopped : kit.fill(words.noticeSubmitted, { number });
}

/** Before the relay has answered, every recipient is named and none is said to have anything. */
function linesOf(
  { kit, words }: FollowParts,
  { texts, now, pressCase }: ViewContext,
  { code, progress }: FollowUp,
): readonly (readonly [string, string])[] {
  const { status, stage } = progress;
  if (status === undefined || status.lines.length === 0) {
    return pressCase.recipients.map(({ name }) => [name, stage === 'submitted' ? texts.line.open : ''] as const);
  }
  const language = texts.lang === 'en' ? 'en' : 'zh';
  const said = (line: StatusLine): string => {
    const notice = code === 'wrong-patient' ? { stored: words.lines.stored, accepted: words.lines.stopped } : {};
    const text = { ...texts.line, ...notice }[line.state];
    return kit.fill(text, { time: kit.clockTime((line.state === 'accepted' ? line.acceptedAt : line.storedAt) || '', now) }).trim();
  };
  return status.lines.map((line) => [line.recipient.name[language], said(line)] as const);
}

/** 我需要帮助: two numbers and nothing else; nobody is told that it was opened. */
function helpView({ kit, words }: FollowParts, context: ViewContext): TemplateResult {
  const { html, nothing } = kit;
  const { securityContact } = context.pressCase;
  return html`<div class="page" tabindex="-1" data-testid="s8-help-page">
    <h2>${words.codes.help}</h2>
    <p class="number">${words.helpCall}</p>
    <p class="number" data-testid="s8-security">${words.security} ${securityContact ? securityContact.phone : nothing}</p>
    <div class="acts">${backToStatus(kit, context)}</div>
  </div>`;
}

/**
 * 有人阻止报告: who can be called outside of the hospital. Like help it asks the gateway nothing, so that nobody inside learns that it was
 * opened.
 */
function obstructedView({ kit, words }: FollowParts, context: ViewContext): TemplateResult {
  const { html } = kit;
  const near = context.prompt?.advisers.filter(({ kind }) => kind === 'procuratorate') ?? [];
  return html`<div class="page" tabindex="-1" data-testid="s8-obstructed-page">
    <h2>${words.codes.obstructed}</h2>
    ${near.map(({ name, phone }) => html`<p class="number">${name} ${phone}</p>`)}
    <p class="number">${words.procuratorate}</p>
    <p class="number">${words.helpCall}</p>
    <p>${words.unseen}</p>
    <div class="acts">${backToStatus(kit, context)}</div>
  </div>`;
}

/** To S3; whoever adds to a colleague's report has none, and goes back to S1. */
function backToStatus({ html }: Kit, { machine, texts, session }: ViewContext): TemplateResult {
  const view = session.press === undefined ? 'reasons' : 'status';
  return html`<button data-testid="s8-back" @click=${() => machine.go(view)}>${texts.back}</button>`;
}
