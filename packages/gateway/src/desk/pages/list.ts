import { type Html, html, wordFor } from '@zhida/core';
import type { DeskRow, LineMark } from '../rows.js';
import { type DeskPage, waitedText } from './format.js';

const DAY_MS = 86_400_000;

/** The one list: what the police have not accepted, the longest waiting first, what is older than a day below it. */
export function waitingList(page: DeskPage, rows: readonly DeskRow[], more: boolean): Html {
  const { list } = page.texts;
  const isOld = ({ pressedAtMs }: DeskRow): boolean => page.nowMs - pressedAtMs > DAY_MS;
  const old = rows.filter(isOld);
  const fresh = rows.filter((row) => !isOld(row));
  return html`<h1>${list.heading}</h1>
${fresh.length === 0 ? html`<p class="empty">${list.empty}</p>` : rowsHtml(page, fresh)}
${old.length === 0 ? '' : html`<h2>${list.older}</h2>${rowsHtml(page, old)}`}
${more ? html`<p class="note">${list.more}</p>` : ''}`;
}

/** Rows as a list of their own, for the handover too. */
export function rowsHtml(page: DeskPage, rows: readonly DeskRow[]): Html {
  return html`<ol class="rows">${rows.map((row) => rowHtml(page, row))}</ol>`;
}

function rowHtml(page: DeskPage, row: DeskRow): Html {
  const { list, next, kinds, modes } = page.texts;
  const { reportId, number, departments, phone } = row;
  const tag = row.mode === 'exercise' ? html`<b class="tag mode">${modes['exercise']}</b> ` : '';
  const kind = row.kind === 'initial' ? '' : html` <b class="tag">${wordFor(kinds, row.kind)}</b>`;
  return html`<li class="row" data-next="${row.next}" data-mode="${row.mode}">
<b class="waited num">${waitedText(page, row.pressedAtMs)}</b>
<span class="department">${tag}${departmentText(page, departments)}${kind}</span>
<span class="marks">${markHtml(page, list.police, row.police)} ${markHtml(page, list.civilAffairs, row.civilAffairs)}</span>
<span class="next">${wordFor(next, row.next)}</span>
<span class="phone num">${phone}</span>
<span class="act">${reportId === null ? '' : html`<a class="button" id="call-${reportId}" href="/duty/reports/${reportId}">${list.call}</a>`}</span>
<span class="number num">${number ?? list.noNumber}</span></li>`;
}

export function departmentText({ texts }: DeskPage, departments: readonly string[]): string {
  // A department may be known by its code too; people say its name.
  const names = departments.filter((name) => /\P{ASCII}/u.test(name));
  const said = names.length > 0 ? names : departments;
  return said.length === 0 ? texts.list.noDepartment : said.join(texts.signs.list);
}

const SIGNS: Readonly<Record<LineMark, string>> = {
  none: '—',
  held: '✕',
  'by-hand': '○',
  open: '○',
  stored: '◐',
  attested: '◇',
  accepted: '●',
};

/** `公安○未签收`: a sign for the eye, the word for everybody. */
export function markHtml({ texts }: DeskPage, who: string, mark: LineMark): Html {
  return html`<span class="mark" data-mark="${mark}">${who}<span aria-hidden="true">${SIGNS[mark]}</span>${wordFor(texts.marks, mark)}</span>`;
}
