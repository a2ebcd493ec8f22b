import { type Html, html, wordFor } from '@zhida/core';
import { randomUUID } from 'node:crypto';
import { RELEASE_KINDS } from '@zhida/report';
import { feedbackCodesOf, type Viewer, formTokenField } from '@zhida/signing';
import { textAt } from '../body.js';
import type { OpenedReport } from '../reading.js';
import { type PageContext, timeText } from './format.js';
import { phoneLink } from './sections.js';

/** What an officer can do: 受理 stands first and needs nothing filled in. */
export function actsHtml(context: PageContext, viewer: Viewer, report: OpenedReport): Html {
  const { texts } = context;
  const { row } = report;
  const reached = (stage: string): boolean => row.stages.some((known) => known === stage);
  const action = (path: string): string => `/inbox/${row.deliveryId}/${path}`;
  const token = formTokenField(viewer);
  const stop = html`<form method="post" action="${action('stopped-using')}" class="line-form">${token}<button class="primary">${texts.acts.stop}</button></form>`;
  const accept = html`<form method="post" action="${action('accept')}" class="stack-form">${token}
<button class="primary">${texts.acts.accept}</button>
<label><span>${texts.acts.acceptNumber}</span><input name="agencyNumber" maxlength="64" autocomplete="off"></label></form>`;
  const misdirect = html`<details><summary>${texts.acts.misdirect}</summary><form method="post" action="${action('misdirected')}" class="stack-form">${token}
<label><span>${texts.acts.misdirectTo}</span><input name="transferredTo" required maxlength="100" autocomplete="off"></label>
<button>${texts.acts.misdirect}</button></form><p class="note">${texts.acts.misdirectNote}</p></details>`;
  return html`<section class="acts" id="acts">
${row.kind === 'error-notice' && !reached('stopped-using') ? stop : ''}
${row.kind === 'error-notice' || reached('accepted') ? '' : accept}
${callHtml(context, report)}
${reached('misdirected') || reached('accepted') ? '' : misdirect}
${feedbackHtml(context, viewer, report)}
</section>`;
}

/** `联系医院`: the duty office, whose number is the only one that is safe to call. */
function callHtml({ texts }: PageContext, { body }: OpenedReport): Html | '' {
  const phone = textAt(body, 'facility.dutyContact.phone');
  return phone === '' ? '' : html`<p class="call"><span>${texts.acts.call}</span> ${phoneLink(phone)}</p>`;
}

function feedbackHtml(context: PageContext, viewer: Viewer, { row, view, feedback }: OpenedReport): Html {
  const { texts } = context;
  const codes = feedbackCodesOf(view);
  const releases = codes.includes('release')
    ? html`<fieldset><legend>${texts.acts.releaseTo}</legend>${RELEASE_KINDS.map(
        (target) =>
          html`<label class="check"><input type="checkbox" name="releaseTo" value="${target}"> ${wordFor(texts.releaseTargets, target)}</label>`,
      )}</fieldset>`
    : '';
  const given = feedback.map(
    ({ code, at, documentNumber }) =>
      html`<li><time class="num">${timeText(context, at)}</time> ${wordFor(texts.feedbackCodes, code)}${documentNumber === null ? '' : html` <span class="num">${documentNumber}</span>`}</li>`,
  );
  return html`${given.length === 0 ? '' : html`<p class="note">${texts.report.feedbackList}</p><ul class="history">${given}</ul>`}
<details><summary>${texts.acts.feedback}</summary><form method="post" action="/inbox/${row.deliveryId}/feedback" class="stack-form">${formTokenField(viewer)}
<input type="hidden" name="key" value="${randomUUID()}">
<label><span>${texts.acts.feedbackCode}</span><select name="code" required><option value=""></option>${codes.map(
    (code) => html`<option value="${code}">${wordFor(texts.feedbackCodes, code)}</option>`,
  )}</select></label>
<label><span>${texts.acts.documentNumber}</span><input name="documentNumber" maxlength="64" autocomplete="off"></label>
<label><span>${texts.acts.reason}</span><input name="reason" maxlength="500" autocomplete="off"></label>
${releases}<button>${texts.acts.send}</button></form></details>`;
}
