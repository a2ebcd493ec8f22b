import { type Html, html } from '@zhida/core';
import type { Chart, ChartResult, NoteField } from '../chart.js';
import { texts } from '../locales/zh-cn.js';
import { visitIdOf } from '../outbound/visit-id.js';
import { ageText, clockText, dayClockText } from './format.js';

/** Headings a doctor always sees; the others only where something is written under them. */
const ALWAYS: readonly NoteField[] = ['complaint', 'present', 'exam', 'plan'];
const SHOWN: readonly NoteField[] = ['complaint', 'present', 'past', 'family', 'exam', 'nursing', 'imaging', 'assessment', 'plan'];
const ROWS: Partial<Record<NoteField, number>> = { complaint: 1, nursing: 2, family: 1, past: 1 };
const FLAGS = { H: '↑', L: '↓', A: '' } as const;

/** What the last act led to, said beside the button. */
export interface Notice {
  readonly text: string;
  readonly failed: boolean;
}

/** One patient's chart. The client replaces it whole when another patient is chosen. */
export function chartForm(chart: Chart, nowMs: number, notice?: Notice): Html {
  return html`<form class="chart" id="chart-form" data-visit="${chart.id}" data-patient="${chart.patient.number}" data-visit-id="${visitIdOf(chart)}" data-name="${chart.patient.name}">
${banner(chart, nowMs)}
<div class="columns">
<section class="pane record" aria-label="${texts.sections.record}"><h2>${texts.sections.record}</h2>${SHOWN.filter(
    (field) => ALWAYS.includes(field) || (chart[field] ?? '') !== '',
  ).map((field) => noteField(chart, field))}</section>
<div class="side">
${diagnosesPane(chart)}
${ordersPane(chart)}
${resultsPane(chart)}
</div>
</div>
<footer class="actions">
<label>${texts.disposition.label} <select name="disposition">${(['', 'home', 'admitted', 'transferred'] as const).map(
    (value) =>
      html`<option value="${value}" ${(chart.disposition ?? '') === value ? 'selected' : ''}>${value === '' ? texts.disposition.none : texts.disposition[value]}</option>`,
  )}</select></label>
<button class="primary" type="submit">${texts.save}<kbd>Ctrl+S</kbd></button>
<output class="notice ${notice?.failed === true ? 'failed' : ''}" role="status">${notice?.text ?? ''}</output>
<span class="revision">${chart.revision > 1 ? texts.revision(chart.revision - 1) : ''}</span>
</footer>
</form>`;
}

function banner(chart: Chart, nowMs: number): Html {
  const { patient } = chart;
  const facts: readonly (readonly [label: string, value: string])[] = [
    [texts.banner.visitNumber, chart.visitNumber],
    [texts.banner.born, patient.birthDate],
    [texts.banner.place, `${chart.department}　${chart.room}`],
    [texts.banner.arrived, dayClockText(chart.startedAt)],
    [texts.banner.companion, chart.companion ?? texts.banner.alone],
    [texts.banner.address, patient.address],
    ...(patient.school === undefined ? [] : [[texts.banner.school, patient.school] as const]),
  ];
  return html`<header class="banner"><button type="button" class="back" data-back>‹ ${texts.queue.back}</button>
<h1>${patient.name} <span>${texts.sexes[patient.sex]}　${ageText(chart, nowMs)}</span> <em class="kind ${chart.kind}">${texts.kinds[chart.kind]}</em></h1>
<dl>${facts.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl></header>`;
}

function noteField(chart: Chart, field: NoteField): Html {
  return html`<label class="field"><span>${texts.fields[field]}</span><textarea name="${field}" rows="${ROWS[field] ?? 3}">${chart[field] ?? ''}</textarea></label>`;
}

function diagnosesPane({ diagnoses }: Chart): Html {
  const rows = [...diagnoses, { code: '', text: '' }];
  return html`<section class="pane"><h2>${texts.sections.diagnoses}</h2><table class="entry"><thead><tr><th>${texts.diagnosis.code}</th><th>${texts.diagnosis.text}</th></tr></thead><tbody>${rows.map(
    ({ code, text }, index) => html`<tr class="${index === diagnoses.length ? 'new' : ''}">
<td><input name="code" value="${code}" aria-label="${texts.diagnosis.code}" placeholder="${texts.diagnosis.codePlaceholder}" autocomplete="off"></td>
<td><input name="diagnosis" value="${text}" aria-label="${texts.diagnosis.text}" placeholder="${index === diagnoses.length ? texts.diagnosis.add : ''}" autocomplete="off"></td></tr>`,
  )}</tbody></table></section>`;
}

function ordersPane({ orders }: Chart): Html {
  return html`<section class="pane"><h2>${texts.sections.orders}</h2><ol class="orders">${orders.map(
    (text) => html`<li><input type="hidden" name="order" value="${text}"><span>${text}</span><i>${texts.order.status}</i></li>`,
  )}<li class="new"><input name="order" value="" placeholder="${texts.order.add}" aria-label="${texts.order.add}" autocomplete="off"></li></ol></section>`;
}

function resultsPane({ results, pending }: Chart): Html {
  const { result } = texts;
  const head = [result.name, result.value, result.unit, result.range, result.at];
  return html`<section class="pane"><h2>${texts.sections.results}${pending.length === 0 ? '' : html`<button type="button" class="small" data-results>${result.fetch}</button>`}</h2>
${
  results.length + pending.length === 0
    ? html`<p class="none">${result.none}</p>`
    : html`<table class="results"><thead><tr>${head.map((title) => html`<th>${title}</th>`)}</tr></thead><tbody>${results.map(resultRow)}${pending.map(
        ({ name, range = '' }) =>
          html`<tr class="pending"><td>${name}</td><td>${result.pending}</td><td></td><td>${range}</td><td></td></tr>`,
      )}</tbody></table>`
}</section>`;
}

function resultRow({ name, value, unit = '', flag, range = '', at }: ChartResult): Html {
  return html`<tr class="${flag === undefined ? '' : 'abnormal'}"><td>${name}</td><td class="value">${value} ${flag === undefined ? '' : FLAGS[flag]}</td><td>${unit}</td><td>${range}</td><td>${clockText(at)}</td></tr>`;
}
