import { createId, type Html, html, wordFor } from '@zhida/core';
import { HANDOVER_WAYS, type Viewer, formTokenField } from '@zhida/signing';
import { CALL_OUTCOMES, type DeskLine, type DeskReport } from '../desk-relay.js';
import { markOfLine, type DeskRow } from '../rows.js';
import { type DeskPage, localInputText, momentText, nameIn, waitedText } from './format.js';
import { departmentText, markHtml } from './list.js';

/** One number that may be dialled. */
export interface DeskNumber {
  readonly name: string;
  readonly phone: string;
}

/** What the page of one report is made of. */
export interface ReportParts {
  readonly report: DeskReport;
  readonly row: DeskRow;
  readonly numbers: readonly DeskNumber[];
  /** What to say, with somebody beside and without; it names nobody. */
  readonly script: string;
}

/** What renews itself on top: which report, how long it waits, what to do next. */
export function reportLive(page: DeskPage, { report, row }: ReportParts): Html {
  const { texts } = page;
  const done = row.police === 'accepted' || row.police === 'attested' ? texts.report[row.police] : undefined;
  return html`<p class="back"><a href="/duty">← ${texts.report.back}</a></p>
<h1 class="num">${report.number}</h1>
<p class="lead"><b class="waited num">${waitedText(page, row.pressedAtMs)}</b> ${departmentText(page, row.departments)} · ${wordFor(texts.kinds, report.kind)}</p>
${done === undefined ? html`<p class="step">${wordFor(texts.next, row.next)}</p>` : html`<p class="done">${done}</p>`}`;
}

/** What renews itself below the telephone: how each recipient stands, and the calls. */
export function reportStanding(page: DeskPage, { lines, calls }: DeskReport): Html {
  const { report: words } = page.texts;
  return html`<section class="card" aria-labelledby="standing"><h2 id="standing">${words.standing}</h2><ul class="plain">${lines.map(
    (line) => html`<li>${markHtml(page, `${nameIn(page, line.recipient.name)} `, markOfLine(line))}${agencyNumber(page, line)}</li>`,
  )}</ul>
<h2>${words.calls}</h2>${
    calls.length === 0
      ? html`<p class="note">${words.noCalls}</p>`
      : html`<ul class="plain" id="calls">${calls.map(
          ({ at, outcome }) => html`<li><span class="num">${momentText(page, at)}</span> ${wordFor(words.outcomes, outcome)}</li>`,
        )}</ul>`
  }</section>`;
}

function agencyNumber({ texts }: DeskPage, line: DeskLine): Html | '' {
  return line.agencyNumber === null ? '' : html` ${texts.report.agencyNumber} <span class="num">${line.agencyNumber}</span>`;
}

/** What a person writes in; it stays while the rest renews itself. */
export function reportStill(page: DeskPage, viewer: Viewer, parts: ReportParts): Html {
  const { texts } = page;
  const { numbers, script } = parts;
  return html`<section class="card call" aria-labelledby="numbers"><h2 id="numbers">${texts.report.numbers}</h2>
<ul class="numbers">${numbers.map(({ name, phone }) => html`<li><span>${name}</span> <b class="num">${phone}</b></li>`)}</ul>
<h2>${texts.report.script}</h2><p class="script">${script}</p><p class="note">${texts.report.noName}</p></section>
${callForm(page, viewer, parts)}${printForm(page, viewer, parts.report)}${attestForm(page, viewer, parts.report)}${openForm(page, viewer, parts.report)}`;
}

function callForm({ texts }: DeskPage, viewer: Viewer, { report, numbers }: ReportParts): Html {
  const { call, outcomes } = texts.report;
  return html`<form class="card stack-form" id="call" method="post" action="/duty/reports/${report.reportId}/calls">${formTokenField(viewer)}
<input type="hidden" name="callId" value="${createId('cal')}"><h2>${call.heading}</h2>
<label><span>${call.number}</span><select name="number">${numbers.map(({ name, phone }) => html`<option value="${phone}">${phone} ${name}</option>`)}</select></label>
<label><span>${call.answeredBy}</span><input name="answeredBy" maxlength="200" autocomplete="off"></label>
<label><span>${call.incidentNumber}</span><input name="incidentNumber" maxlength="200" autocomplete="off"></label>
<p class="buttons">${CALL_OUTCOMES.map(
    (outcome) =>
      html`<button class="${outcome === 'answered' ? 'primary' : ''}" name="outcome" value="${outcome}">${wordFor(outcomes, outcome)}</button>`,
  )}</p><p class="note">${call.note}</p></form>`;
}

/** Shown only where the design allows it: no system, or past the 30-minute rung (INV-5). */
function attestForm(page: DeskPage, viewer: Viewer, { reportId, lines }: DeskReport): Html | '' {
  const { attest } = page.texts.report;
  const attestable = lines.filter((line) => line.attestable);
  if (attestable.length === 0) return '';
  return html`<details class="card"><summary>${attest.heading}</summary><p class="note">${attest.note}</p>
<form class="stack-form" id="attest" method="post" action="/duty/reports/${reportId}/attest">${formTokenField(viewer)}
<label><span>${attest.to}</span><select name="deliveryId">${attestable.map(
    ({ deliveryId, recipient }) => html`<option value="${deliveryId}">${nameIn(page, recipient.name)}</option>`,
  )}</select></label>
<label><span>${attest.handedTo}</span><input name="handedTo" required maxlength="200" autocomplete="off"></label>
<label><span>${attest.handedAt}</span><input name="handedAt" type="datetime-local" required value="${localInputText(page.nowMs)}"></label>
<label><span>${attest.how}</span><select name="how">${HANDOVER_WAYS.map((way) => html`<option value="${way}">${wordFor(attest.ways, way)}</option>`)}</select></label>
<label><span>${attest.incidentNumber}</span><input name="incidentNumber" maxlength="200" autocomplete="off"></label>
<button>${attest.submit}</button></form></details>`;
}

function printForm(page: DeskPage, viewer: Viewer, { reportId, lines }: DeskReport): Html | '' {
  const { print } = page.texts.report;
  // Whom the relay keeps the case from for an interest of its own gets it on no paper either (INV-10).
  const printable = lines.filter(({ holdReason }) => holdReason !== 'conflict');
  if (printable.length === 0) return '';
  return html`<details class="card"><summary>${print.heading}</summary><p class="note">${print.note}</p>
<form class="stack-form" id="print" method="post" action="/duty/reports/${reportId}/form">${formTokenField(viewer)}
<label><span>${print.to}</span><select name="deliveryId">${printable.map(
    ({ deliveryId, recipient }) => html`<option value="${deliveryId}">${nameIn(page, recipient.name)}</option>`,
  )}</select></label>
<label><span>${print.reason}</span><input name="reason" required maxlength="500" autocomplete="off"></label><button>${print.submit}</button></form></details>`;
}

function openForm({ texts }: DeskPage, viewer: Viewer, { reportId }: DeskReport): Html {
  const { open } = texts.report;
  return html`<details class="card"><summary>${open.heading}</summary><p class="note">${open.note}</p>
<form class="stack-form" id="open" method="post" action="/duty/reports/${reportId}/open">${formTokenField(viewer)}
<label><span>${open.reason}</span><input name="reason" required maxlength="500" autocomplete="off"></label><button>${open.submit}</button></form></details>`;
}
