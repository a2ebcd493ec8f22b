import { type Html, html } from '@zhida/core';
import type { Chart } from '../chart.js';
import { texts } from '../locales/zh-cn.js';
import { type Seat, SEATS } from '../roster.js';
import { chartForm } from './chart-form.js';
import { queueRows, type Tab, TABS, visitsUnder } from './queue.js';

export interface WorkstationPage {
  readonly seat: Seat;
  readonly charts: readonly Chart[];
  readonly selected: Chart | undefined;
  readonly nowMs: number;
  readonly gatewayUrl: string;
}

/** The doctor's whole screen. Title and tab say nothing of any patient. */
export function workstationPage({ seat, charts, selected, nowMs, gatewayUrl }: WorkstationPage): string {
  const first: Tab = seat.department === undefined ? 'all' : 'own';
  const count = (tab: Tab): number => visitsUnder(tab, charts, seat).length;
  return page(html`<header class="bar">
<div class="brand"><b>${texts.hospital}</b><span>${texts.product}</span></div>
<div class="seat"><button type="button" class="quiet" data-manual>${texts.bar.check}</button><span>${placeOf(seat)}</span><b>${seat.name}</b><span class="account">${seat.account}</span>
<form method="post" action="/sign-out"><button class="quiet">${texts.bar.signOut}</button></form></div>
</header>
<div class="work" data-view="${selected === undefined ? 'queue' : 'chart'}" >
<nav class="queue" aria-label="${texts.queue.heading}">
<div class="tabs" role="tablist">${TABS.map(
    (tab) =>
      html`<button type="button" role="tab" data-tab="${tab}" aria-selected="${tab === first ? 'true' : 'false'}">${texts.queue.tabs[tab]}<i>${count(tab)}</i></button>`,
  )}</div>
<input type="search" id="search" placeholder="${texts.queue.search}" aria-label="${texts.queue.search}" autocomplete="off">
<ol id="queue">${queueRows(visitsUnder(first, charts, seat), selected?.id, nowMs)}</ol>
</nav>
<main id="chart">${selected === undefined ? html`<p class="pick">${texts.queue.pick}</p>` : chartForm(selected, nowMs)}</main>
</div>
<zhida-prompt gateway="${gatewayUrl}" clinician-id="${seat.account}"></zhida-prompt>
<script src="${gatewayUrl}/widget.js" async></script>
<script type="module" src="/assets/his.js"></script>`);
}

function placeOf({ department, room }: Seat): string {
  return [department, room].filter((part) => part !== undefined).join('　');
}

/** Where a demo begins: whose seat it is. */
export function signInPage(): string {
  return page(html`<main class="sign-in"><section><h1>${texts.hospital}</h1><p>${texts.product}</p></section>
<form method="post" action="/sign-in"><h2>${texts.signIn.heading}</h2><fieldset><legend>${texts.signIn.lead}</legend>${SEATS.map(
    (seat, index) => html`<label><input type="radio" name="account" value="${seat.account}" ${index === 0 ? 'checked' : ''}>
<b>${seat.name}</b><span>${placeOf(seat)}</span><i>${seat.account}</i></label>`,
  )}</fieldset><button class="primary">${texts.signIn.submit}</button><p class="note">${texts.signIn.note}</p></form></main>`);
}

function page(content: Html): string {
  return html`<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,"><title>${texts.product}</title><link rel="stylesheet" href="/assets/his.css"></head>
<body><p class="stripe">${texts.stripe}</p>
${content}
</body></html>`.toString();
}
