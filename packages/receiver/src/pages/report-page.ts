import { type Html, html, wordFor } from '@zhida/core';
import { formTokenField, type Viewer } from '@zhida/signing';
import type { OpenedGroup, OpenedReport } from '../reading.js';
import { actsHtml } from './acts.js';
import { childText, flatten, type PageContext, timeText } from './format.js';
import { layout } from './layout.js';
import { contactSection, section, sections } from './sections.js';

/** One report, opened: what must be done and whom not to call first, everything that was sent last. */
export function reportPage(context: PageContext, viewer: Viewer, report: OpenedReport): string {
  const { texts } = context;
  const { row } = report;
  const content = html`<p class="back"><a href="/inbox">${texts.report.back}</a></p>
<article class="report">
<header class="report-head">
<h1><b class="tag ${row.priority}">${row.priority === 'urgent' ? texts.row.urgent : texts.row.routine}</b>
<b class="tag">${wordFor(texts.kinds, row.kind)}</b> ${childText(context, row.summary)}　${row.summary.facility || texts.row.noFacility}</h1>
<p class="lead">${texts.report.number} <span class="num">${row.number}</span></p>
<p class="headline" data-stage="${row.stages.at(-1) ?? 'stored'}">${headline(context, report)}</p>
</header>
${row.kind === 'error-notice' ? html`<p class="alarm">${texts.report.errorNotice}</p>` : ''}
${row.conflicts === 0 ? '' : html`<p class="alarm">${texts.report.conflict(row.conflicts)}</p>`}
${contactSection(context, report.body)}
${actsHtml(context, viewer, report)}
${sections(context, report.body)}
${attachmentsHtml(context, viewer, report)}
${restrictedHtml(context, viewer, report)}
${historyHtml(context, report)}
${sentHtml(context, report)}
</article>`;
  return layout(context, { mode: row.mode, viewer, path: `/inbox/${row.deliveryId}` }, content);
}

/** `已签收` and `已受理` are two things and are never shown as one another (INV-5). */
function headline(context: PageContext, { receipts, row }: OpenedReport): string {
  const { report } = context.texts;
  const at = (stage: string): string | undefined => {
    const receipt = receipts.find((candidate) => candidate.stage === stage);
    return receipt === undefined ? undefined : timeText(context, receipt.at);
  };
  const stopped = at('stopped-using');
  if (stopped !== undefined) return report.stoppedHeadline(stopped);
  const accepted = at('accepted');
  const number = receipts.find(({ stage }) => stage === 'accepted')?.agencyNumber;
  if (accepted !== undefined) return `${report.acceptedHeadline(accepted)}${number ? `　${report.agencyNumber} ${number}` : ''}`;
  const misdirected = at('misdirected');
  if (misdirected !== undefined) return report.misdirectedHeadline(misdirected);
  return report.storedHeadline(timeText(context, row.storedAt));
}

/** What came after the report. Each is fetched by an act of its own, because who has seen a photograph must be known. */
function attachmentsHtml(context: PageContext, viewer: Viewer, { row, attachments }: OpenedReport): Html | '' {
  const { report, attachmentKinds } = context.texts;
  if (attachments.length === 0) return '';
  return html`<section class="card" id="attachments"><h2>${report.sections.attachments}</h2>
${attachments.map(
  ({ attachmentId, contentType, size, receivedAt, restricted }) =>
    html`<form method="post" action="/inbox/${row.deliveryId}/attachments/${attachmentId}" class="line-form">${formTokenField(viewer)}
<span><b>${wordFor(attachmentKinds, contentType.split('/')[0] ?? '')}</b> <span class="num">${sizeText(size)}</span> <time class="num">${timeText(context, receivedAt)}</time></span>
${restricted ? html`<input name="reason" required maxlength="500" autocomplete="off" placeholder="${report.restricted.reason}" aria-label="${report.restricted.reason}">` : ''}
<button>${report.attachments.open}</button></form>`,
)}<p class="note">${report.attachments.note}</p></section>`;
}

function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1_000))} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** Restricted groups come last, one form each: opening one is an act of its own, with a reason. */
function restrictedHtml(context: PageContext, viewer: Viewer, { row, restrictedGroups }: OpenedReport): Html | '' {
  const { report } = context.texts;
  if (restrictedGroups.length === 0) return '';
  return html`<section class="card" id="restricted"><h2>${report.sections.restricted}</h2><p class="note">${report.restricted.note}</p>
${restrictedGroups.map(
  (group) => html`<form method="post" action="/inbox/${row.deliveryId}/restricted/${group}" class="line-form">${formTokenField(viewer)}
<input name="reason" required maxlength="500" autocomplete="off" placeholder="${report.restricted.reason}" aria-label="${groupName(context, group)} · ${report.restricted.reason}">
<button>${report.restricted.open(groupName(context, group))}</button></form>`,
)}</section>`;
}

function groupName({ texts }: PageContext, group: string): string {
  return wordFor(texts.groups, group);
}

function historyHtml(context: PageContext, { trail }: OpenedReport): Html {
  const { texts } = context;
  return html`<details class="card" id="history"><summary>${texts.report.sections.history}</summary><ol class="history">${trail.map(
    ({ at, actor, action }) =>
      html`<li><time class="num">${timeText(context, at)}</time> <span>${actionText(context, action)}</span> <span class="note">${actor}</span></li>`,
  )}</ol></details>`;
}

function actionText({ texts }: PageContext, action: string): string {
  const [area, code = ''] = action.split('.');
  if (area === 'feedback') return `${wordFor(texts.actions, 'feedback')}${texts.marks.colon}${wordFor(texts.feedbackCodes, code)}`;
  return wordFor(texts.actions, action);
}

/** The view of what was sent, field by field, so that nothing depends on what this page knows to show. */
function sentHtml(context: PageContext, { body, payloadSha256, relay }: OpenedReport): Html {
  const { report } = context.texts;
  return html`<details class="card" id="sent"><summary>${report.sections.sent}</summary><p class="note">${report.sentNote}</p>
<table class="fields"><tbody>${flatten(body).map(([path, text]) => html`<tr><th scope="row">${path}</th><td>${text}</td></tr>`)}</tbody></table>
<p class="note">${report.sentBy} ${relay}<br>${report.sentDigest} <span class="digest">${payloadSha256}</span></p></details>`;
}

/** What one restricted group holds. It answers the form and has no address of its own. */
export function groupPage(context: PageContext, viewer: Viewer, deliveryId: string, { group, mode, value }: OpenedGroup): string {
  const { report } = context.texts;
  const content = html`<p class="back"><a href="/inbox/${deliveryId}">‹ ${report.restricted.close}</a></p>
<h1>${groupName(context, group)}</h1>
${section(
  'group',
  report.sections.restricted,
  flatten(value, '').map(([path, text]) => [wordFor(context.texts.reporterFields, path), text]),
)}
<p class="note">${report.restricted.note}</p>`;
  return layout(context, { mode, viewer, path: `/inbox/${deliveryId}` }, content);
}
