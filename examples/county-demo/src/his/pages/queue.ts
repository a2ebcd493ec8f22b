import { type Html, html } from '@zhida/core';
import type { Chart } from '../chart.js';
import { texts } from '../locales/zh-cn.js';
import type { Seat } from '../roster.js';
import { ageText, clockText } from './format.js';

export const TABS = ['own', 'emergency', 'outpatient', 'all'] as const;
export type Tab = (typeof TABS)[number];

/** Whom this seat sees under a tab; who waits and is being seen comes first, then by time of arrival, newest first. */
export function visitsUnder(tab: Tab, charts: readonly Chart[], seat: Seat): readonly Chart[] {
  const shown = charts.filter((chart) => belongs(tab, chart, seat));
  return shown.toSorted((a, b) => Number(a.state === 'seen') - Number(b.state === 'seen') || (a.startedAt < b.startedAt ? 1 : -1));
}

function belongs(tab: Tab, chart: Chart, seat: Seat): boolean {
  if (tab === 'all') return true;
  if (tab === 'own') return seat.department === undefined || chart.department === seat.department || chart.staff === seat.account;
  return tab === 'emergency' ? chart.kind === 'emergency' : chart.kind !== 'emergency';
}

/** The list of one tab; the client puts it in place when a tab is chosen. */
export function queueRows(charts: readonly Chart[], selected: string | undefined, nowMs: number): Html {
  if (charts.length === 0) return html`<li class="none">${texts.queue.empty}</li>`;
  return html`${charts.map(
    (
      chart,
    ) => html`<li data-search="${chart.patient.name} ${chart.visitNumber}"><button type="button" class="visit" data-visit="${chart.id}" aria-current="${chart.id === selected ? 'true' : 'false'}">
<span class="who"><b>${chart.patient.name}</b> ${texts.sexes[chart.patient.sex]} ${ageText(chart, nowMs)}</span>
<span class="state ${chart.state}">${texts.states[chart.state]}</span>
<span class="what">${chart.complaint ?? ''}</span>
<time>${clockText(chart.startedAt)}</time>
</button></li>`,
  )}`;
}
