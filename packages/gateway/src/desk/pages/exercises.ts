import { type Html, html, wordFor } from '@zhida/core';
import type { DeskLine } from '../desk-relay.js';
import type { Drill, DrilledReport } from '../drills.js';
import { type DeskPage, momentText, nameIn, waitedText, windowText } from './format.js';
import { departmentText } from './list.js';
import { table } from './tabs.js';

const MINUTE_MS = 60_000;

/** 演练: what is planned, runs and is over, and how long each agency took. */
export function exercisesTab(
  page: DeskPage,
  facility: string,
  { drills, more, known }: { readonly drills: readonly Drill[]; readonly more: boolean; readonly known: boolean },
): Html {
  const { exercises: words } = page.texts;
  return html`<h1>${words.heading}</h1><p class="note">${words.note}</p>
${drills.length === 0 && known ? html`<p class="empty">${words.empty}</p>` : drills.map((drill) => drillHtml(page, facility, drill, known && !more))}
${more ? html`<p class="note">${words.more}</p>` : ''}`;
}

/** @param all whether every report of an exercise is known: only then is it certain that there is none */
function drillHtml(page: DeskPage, facility: string, { id, planned, reports, prompts, unanswered }: Drill, all: boolean): Html {
  const { exercises: words, modes } = page.texts;
  const stage = planned === null ? words.unplanned : wordFor(words.stages, planned.stage);
  const asked = prompts === 0 ? words.noPrompts : words.prompted(prompts, unanswered);
  return html`<section class="drill" data-stage="${planned?.stage ?? 'unplanned'}">
<h2 class="strip"><b class="tag mode">${modes['exercise']}</b> ${id} <b class="tag">${stage}</b></h2>
${
  planned === null
    ? html`<p class="note">${words.unplannedNote}</p>`
    : html`<dl><div><dt>${words.window}</dt><dd class="num">${windowText(page, planned.from, planned.until)}</dd></div>
<div><dt>${words.facility}</dt><dd>${facility}</dd></div>${
        planned.stage === 'planned' ? '' : html`<div><dt>${words.prompts}</dt><dd>${asked}</dd></div>`
      }</dl>`
}
${reports.length === 0 ? (planned?.stage === 'planned' || !all ? '' : html`<p class="note">${words.none}</p>`) : reports.map((report) => reportHtml(page, report))}
</section>`;
}

function reportHtml(page: DeskPage, report: DrilledReport): Html {
  const { exercises: words, list, kinds, next, modes } = page.texts;
  const { reportId, number, kind, departments, pressedAtMs, lines } = report;
  const shown = reportId === null ? list.noNumber : html`<a href="/duty/reports/${reportId}">${number}</a>`;
  return html`<h3>${modes['exercise']}<span class="num">${shown}</span>${kind === 'initial' ? '' : html` <b class="tag">${wordFor(kinds, kind)}</b>`}</h3>
<p class="lead">${departmentText(page, departments)} · ${words.pressed} <span class="num">${momentText(page, pressedAtMs)}</span></p>
${
  report.next === null
    ? table([words.agency, words.stored, words.accepted], lines, (line) => [
        nameIn(page, line.recipient.name),
        tookText(page, pressedAtMs, line.storedAt),
        acceptedText(page, pressedAtMs, line),
      ])
    : html`<p class="danger">${wordFor(next, report.next)}</p>`
}`;
}

function acceptedText(page: DeskPage, pressedAtMs: number, { acceptedAt, attestedAt }: DeskLine): string {
  if (acceptedAt === null && attestedAt !== null) return page.texts.exercises.handedOver(momentText(page, attestedAt));
  return tookText(page, pressedAtMs, acceptedAt);
}

/** When, and how long after the press: that is what an exercise is for. */
function tookText(page: DeskPage, pressedAtMs: number, at: string | null): string {
  const { exercises: words } = page.texts;
  if (at === null) return words.notYet;
  const when = momentText(page, at);
  const isSoon = Date.parse(at) - pressedAtMs < MINUTE_MS;
  return isSoon ? words.sameMinute(when) : words.after(when, waitedText({ ...page, nowMs: Date.parse(at) }, pressedAtMs));
}
