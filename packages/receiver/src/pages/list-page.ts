import { type Html, html, wordFor } from '@zhida/core';
import type { Viewer } from '@zhida/signing';
import { isOpen } from '../order.js';
import type { InboxRow } from '../reading.js';
import { childText, type PageContext, sinceText, timeText } from './format.js';
import { layout } from './layout.js';

const REFRESH_SECONDS = 20;

/** The inbox: what waits first. No row names a person. */
export function listPage(context: PageContext, viewer: Viewer, mode: string, rows: readonly InboxRow[], limit: number): string {
  const { texts } = context;
  const open = rows.filter(isWaiting);
  const done = rows.filter((row) => !isWaiting(row));
  const content = html`<h1>${texts.list.heading}</h1>
<section aria-labelledby="open"><h2 id="open">${texts.list.open} <span class="count">${open.length}</span></h2>
${open.length === 0 ? html`<p class="empty">${texts.list.empty}</p>` : html`<ol class="rows">${open.map((row) => rowHtml(context, row, mode))}</ol>`}
</section>
${
  done.length === 0
    ? ''
    : html`<section aria-labelledby="done"><h2 id="done">${texts.list.done}</h2><ol class="rows">${done.map((row) => rowHtml(context, row, mode))}</ol></section>`
}
<p class="note">${rows.length < limit ? '' : `${texts.list.limited} · `}${texts.list.refreshed} ${timeText(context, new Date(context.nowMs).toISOString())}</p>`;
  return layout(context, { mode, viewer, refreshSeconds: REFRESH_SECONDS, path: '/inbox', waiting: open.length }, content);
}

function isWaiting(row: InboxRow): boolean {
  return isOpen(row.kind, row.stages);
}

function rowHtml(context: PageContext, row: InboxRow, inboxMode: string): Html {
  const { texts } = context;
  const { summary } = row;
  const waiting = isWaiting(row);
  return html`<li class="row ${waiting ? row.priority : 'done'}"><a href="/inbox/${row.deliveryId}">
<span class="tags">${row.mode === inboxMode ? '' : modeTag(context, row)}<b class="tag ${row.priority}">${row.priority === 'urgent' ? texts.row.urgent : texts.row.routine}</b>${
    row.kind === 'initial' ? '' : html`<b class="tag ${row.kind}">${wordFor(texts.kinds, row.kind)}</b>`
  }${row.conflicts === 0 ? '' : html`<b class="tag conflict">${texts.row.conflict}</b>`}</span>
<span class="age num">${sinceText(context, row.createdAt)}</span>
<span class="facility">${summary.facility || texts.row.noFacility}</span>
<span class="child">${childText(context, summary)}</span>
<span class="where">${wordFor(texts.whereabouts, summary.whereabouts)}</span>
<span class="with">${wordFor(texts.row.involved, summary.companionInvolved)}${summary.immediateDanger === 'yes' ? html` <b class="danger">${texts.row.danger}</b>` : ''}</span>
<span class="state">${stateText(context, row)}</span>
<span class="number num">${row.number}</span>
</a></li>`;
}

/** An exercise stands beside real reports in the inbox of a production agency, so that its row must say so. */
function modeTag({ texts }: PageContext, row: InboxRow): Html | string {
  const words = texts.modes[row.mode];
  return words === undefined ? '' : html`<b class="tag mode">${/^[【[][^】\]]*[】\]]/.exec(words)?.[0] ?? words}</b>`;
}

function stateText(context: PageContext, row: InboxRow): string {
  const { texts } = context;
  if (row.acceptedAt !== null) return texts.report.acceptedHeadline(timeText(context, row.acceptedAt));
  return isWaiting(row)
    ? `${texts.report.stored} ${timeText(context, row.storedAt)}`
    : wordFor(texts.actions, `delivery.${row.stages.at(-1) ?? ''}`);
}
