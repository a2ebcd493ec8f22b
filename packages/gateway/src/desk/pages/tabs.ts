import { type Html, html, type HtmlValue, wordFor } from '@zhida/core';
import { formTokenField, type Viewer } from '@zhida/signing';
import type { DeskRoad, DeskRoster } from '../desk-relay.js';
import type { Handover, OpenRow } from '../handover.js';
import type { DeskPrompt } from '../held.js';
import type { DeskRow } from '../rows.js';
import { type DeskPage, momentText, nameIn, waitedText } from './format.js';
import { departmentText, rowsHtml } from './list.js';

/** 未处置提示: which department to telephone; what a prompt says is for those who treat the patient. */
export function promptsTab(page: DeskPage, prompts: readonly DeskPrompt[]): Html {
  const { prompts: words, list } = page.texts;
  return html`<h1>${words.heading}</h1><p class="note">${words.note}</p>${
    prompts.length === 0
      ? html`<p class="empty">${words.empty}</p>`
      : table([list.department, list.waited, words.level, words.state], prompts, (prompt) => [
          markedDepartment(page, prompt),
          waitedText(page, prompt.sinceMs),
          wordFor(words.levels, prompt.level),
          wordFor(words.states, prompt.state),
        ])
  }`;
}

/** The department, after the mark of an exercise. */
export function markedDepartment(
  page: DeskPage,
  { departments, exercise }: { readonly departments: readonly string[]; readonly exercise: boolean },
): Html {
  const tag = exercise ? html`<b class="tag mode">${wordFor(page.texts.modes, 'exercise')}</b> ` : '';
  return html`${tag}${departmentText(page, departments)}`;
}

/** 值班表: who is on duty, the hours without anybody in words, the shifts to come. */
export function rosterTab(page: DeskPage, roster: DeskRoster | undefined, fixed: { readonly title: string; readonly phone: string }): Html {
  const { roster: words, signs } = page.texts;
  const fixedHtml = html`<p>${words.fixed}${signs.colon}${fixed.title} <b class="num phone">${fixed.phone}</b></p>`;
  if (roster === undefined) return html`<h1>${words.heading}</h1><section class="card">${fixedHtml}</section>`;
  const { now, gaps, ahead, kept } = roster;
  const nowHtml = now === null ? words.nobody : html`${now.title} <b class="num phone">${now.phone ?? ''}</b>`;
  return html`<h1>${words.heading}</h1><section class="card"><p>${words.now}${signs.colon}${nowHtml}</p>${fixedHtml}</section>
${
  kept
    ? html`<section class="card"><h2>${words.gapsHeading}</h2>${
        gaps.length === 0
          ? html`<p>${words.noGaps}</p>`
          : html`<ul class="plain" id="gaps">${gaps.map(
              ({ from, to }) =>
                html`<li><b class="danger">${words.gap(momentText(page, from))}</b> ${words.until(momentText(page, to))}</li>`,
            )}</ul>`
      }</section>`
    : html`<p class="empty">${words.empty}</p>`
}
${
  ahead.length === 0
    ? ''
    : html`<h2>${words.ahead}</h2>${table([words.when, words.title, words.phone], ahead, ({ from, to, title, phone }) => [
        `${momentText(page, from)} – ${momentText(page, to)}`,
        title,
        phone ?? '',
      ])}`
}<p class="note">${words.importNote}</p>`;
}

/** 线路: each road, its breaker, and what is held on it with why. */
export function linesTab(page: DeskPage, roads: readonly DeskRoad[]): Html {
  const { lines, roster } = page.texts;
  return html`<h1>${lines.heading}</h1><p class="note">${lines.note}</p>${table(
    [lines.party, roster.phone, lines.state, lines.open, lines.oldest],
    roads,
    (road) => [
      nameIn(page, road.name),
      road.phone ?? '',
      roadState(page, road),
      lines.count(road.open),
      road.oldestOpenAt === null ? '' : waitedText(page, Date.parse(road.oldestOpenAt)),
    ],
  )}`;
}

function roadState(page: DeskPage, road: DeskRoad): string {
  const { lines, signs } = page.texts;
  const said = [
    ...(road.disabledSince === null ? [] : [lines.disabled(momentText(page, road.disabledSince), road.disabledReason ?? '')]),
    ...(road.breakerSince === null ? [] : [lines.breaker(momentText(page, road.breakerSince))]),
    ...(road.system === 'no-system' ? [lines.byHand] : road.trusted ? [] : [lines.untrusted]),
    ...road.held.map(({ reason, count }) => lines.held(wordFor(lines.reasons, reason), count)),
  ];
  return said.length === 0 ? lines.works : said.join(signs.semicolon);
}

/** What is open, for the one who leaves and the one who comes. */
export function handoverTab(
  page: DeskPage,
  viewer: Viewer,
  { rows, last }: { readonly rows: readonly DeskRow[]; readonly last: Handover | undefined },
): Html {
  const { handover } = page.texts;
  return html`<h1>${handover.heading}</h1><section aria-labelledby="last"><h2 id="last">${handover.last}</h2>
<div class="card">${last === undefined ? handover.never : lastHtml(page, viewer, last)}</div></section>
<h2>${handover.open} <span class="count">${rows.length}</span></h2>${rows.length === 0 ? html`<p class="empty">${handover.none}</p>` : rowsHtml(page, rows)}
<form method="post" action="/duty/handover" id="hand-over">${formTokenField(viewer)}<button class="primary">${handover.submit}</button></form><p class="note">${handover.note}</p>`;
}

function lastHtml(page: DeskPage, viewer: Viewer, last: Handover): Html {
  const { handover, signs } = page.texts;
  const took = last.confirmedAt === null ? undefined : handover.confirmed(last.confirmedBy ?? '', momentText(page, last.confirmedAt));
  return html`<p>${handover.handedOver(last.from, momentText(page, last.at))}${signs.semicolon}${took ?? html`<b class="danger">${handover.unconfirmed}</b>`}</p>
<p class="note">${handover.rows}${signs.colon}<span class="num">${last.openRows.length === 0 ? handover.none : last.openRows.map((row) => numberText(page, row)).join(signs.list)}</span></p>${
    took !== undefined
      ? ''
      : last.from === viewer.officer.id
        ? html`<p class="note">${handover.own}</p>`
        : html`<form method="post" action="/duty/handover/${last.handoverId}/confirm">${formTokenField(viewer)}<button class="primary">${handover.confirm}</button></form>`
  }`;
}

function numberText({ texts }: DeskPage, { number, exercise }: OpenRow): string {
  return `${exercise ? wordFor(texts.modes, 'exercise') : ''}${number}`;
}

/** A table that becomes cards where the screen is narrow: every cell says what it is. What is of an exercise is striped. */
export function table<Row extends object>(
  headings: readonly string[],
  rows: readonly Row[],
  cells: (row: Row) => readonly HtmlValue[],
): Html {
  return html`<table><thead><tr>${headings.map((heading) => html`<th scope="col">${heading}</th>`)}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr${isExercise(row) ? html` data-mode="exercise"` : ''}>${cells(row).map((cell, index) => html`<td data-heading="${headings[index]}">${cell}</td>`)}</tr>`,
  )}</tbody></table>`;
}

function isExercise(row: { readonly exercise?: unknown }): boolean {
  return row.exercise === true;
}
