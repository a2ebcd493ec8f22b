import { escapeHtml, isRecord, type Json, type Mode, type ScreenLocale } from '@zhida/core';
import type { Locale } from '../locales/locale.js';
import { labelOf, localeOf } from '../locales/locale-of.js';
import type { ReportKind } from '../report.js';
import { reportNode } from '../schema/node.js';
import { displayValue } from './display-value.js';
import { type FlatValue, flatten } from './flatten.js';

/** What a printed form shows. */
export interface FormOptions {
  /** A rendered view, or the opened payload of an envelope. Of `restricted` only the names of the groups are printed. */
  readonly view: { readonly body: Json; readonly restricted?: Readonly<Record<string, unknown>> };
  readonly locale: ScreenLocale;
  /** @defaultValue the number in the view */
  readonly number?: string | undefined;
  /** @defaultValue the mode in the view */
  readonly mode?: Mode | undefined;
}

/** Members that have a place of their own on the sheet. */
const ELSEWHERE = new Set(['notice', 'number', 'incidentNumbers']);

const STYLE = `@page{size:A4;margin:14mm}body{font:11pt/1.45 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#000;max-width:180mm;margin:0 auto}
h1{font-size:15pt;margin:4mm 0 2mm}h2{font-size:11pt;margin:3mm 0 1mm;border-bottom:.3mm solid #000}.number{font-size:17pt;font-weight:700;letter-spacing:.04em}
.stripe{background:repeating-linear-gradient(45deg,#000 0 3mm,#fff 3mm 6mm);padding:2mm}.stripe b{background:#fff;padding:0 3mm;font-size:15pt}
table{width:100%;border-collapse:collapse}th,td{border:.2mm solid #666;padding:.6mm 1.5mm;vertical-align:top;text-align:left;overflow-wrap:anywhere}th{width:34%;font-weight:400}
tr,.sign,.slip{break-inside:avoid}.sign td{height:12mm}.slip{border-top:.4mm dashed #000;margin-top:6mm}`;

/**
 * One view as a printable A4 page: a stripe unless the report is real, 警情编号 and number, the fields in the order of the
 * schema, the lines to sign, and a receipt to tear off. Everything from the report is escaped; the page loads nothing and
 * its title holds the number alone.
 */
export function renderForm(options: FormOptions): string {
  const locale = localeOf(options.locale);
  const body = isRecord(options.view.body) ? options.view.body : {};
  const number = options.number ?? textOf(body['number']);
  const mode = options.mode ?? textOf(body['mode']);
  const kind = textOf(body['kind']);
  const { form } = locale;
  const title = Object.hasOwn(form.title, kind) ? form.title[kind as ReportKind] : form.title.initial;
  return [
    `<!doctype html><html lang="${locale.name}"><head><meta charset="utf-8"><title>${escapeHtml(`${form.number} ${number}`)}</title><style>${STYLE}</style></head><body>`,
    stripe(mode, locale),
    incidents(body['incidentNumbers'], locale),
    `<h1>${escapeHtml(title)}</h1><p class="number">${escapeHtml(`${form.number} ${number}`)}</p>`,
    ...sections(body, locale),
    sealedApart(options.view.restricted ?? {}, locale),
    signLines(locale),
    `<section class="slip"><h2>${escapeHtml(form.slip)}</h2><p>${escapeHtml(form.slipText)}</p><p class="number">${escapeHtml(number)}</p>${signTable([form.receivedBy, form.time], locale)}</section>`,
    '</body></html>',
  ].join('\n');
}

function stripe(mode: string, locale: Locale): string {
  if (mode === 'production' || !Object.hasOwn(locale.form.stripe, mode)) return '';
  return `<p class="stripe"><b>${escapeHtml(locale.form.stripe[mode as Exclude<Mode, 'production'>])}</b></p>`;
}

function incidents(numbers: Json | undefined, locale: Locale): string {
  const shown = Array.isArray(numbers) ? numbers.map((number: Json) => textOf(number)) : [];
  if (shown.length === 0) return '';
  return `<p class="number">${escapeHtml(`${locale.form.incidentNumbers} ${shown.join(locale.form.listSeparator)}`)}</p>`;
}

function sections(body: { readonly [key: string]: Json }, locale: Locale): string[] {
  const known = ['guardianshipConcern', ...Object.keys(reportNode.properties ?? {}), 'authDegraded'];
  // A newer sender may say more than this version knows; what it says is printed, at the end and under its own name.
  const order = [...known, ...Object.keys(body).filter((key) => !known.includes(key))].filter(
    (key) => body[key] !== undefined && !ELSEWHERE.has(key),
  );
  const isBlock = (key: string): boolean => typeof body[key] === 'object' && body[key] !== null;
  const single = order.filter((key) => !isBlock(key)).flatMap((key) => flatten(body[key] ?? null, key, key));
  const blocks = order.filter(isBlock).map((key) => section(labelOf(locale, key), rowsOf(flatten(body[key] ?? null, key, key), locale)));
  return [section(locale.form.general, rowsOf(single, locale)), ...blocks];
}

interface Row {
  readonly label: string;
  readonly text: string;
}

/** One row for a value, one for a list of plain values, one for each entry of a list of things. */
function rowsOf(values: readonly FlatValue[], locale: Locale): Row[] {
  const { form } = locale;
  const rows = new Map<string, { label: string; parts: string[]; separator: string }>();
  for (const value of values) {
    const shown = displayValue(value, locale);
    if (shown === '') continue;
    const entry = /^(.*)\[(\d+)\]\.[^[]+$/.exec(value.path);
    const key = entry === null ? value.path.replace(/\[\d+\]$/, '') : `${entry[1]}[${entry[2]}]`;
    const label =
      entry === null
        ? labelOf(locale, value.pattern)
        : `${labelOf(locale, (entry[1] ?? '').replace(/\[\d+\]/g, '[]'))} ${Number(entry[2]) + 1}`;
    const row = rows.get(key) ?? { label, parts: [], separator: entry === null ? form.listSeparator : form.entrySeparator };
    row.parts.push(entry === null ? shown : `${labelOf(locale, value.pattern)}${form.colon}${shown}`);
    rows.set(key, row);
  }
  return [...rows.values()].map(({ label, parts, separator }) => ({ label, text: parts.join(separator) }));
}

function section(heading: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map(({ label, text }) => `<tr><th scope="row">${escapeHtml(label)}</th><td>${escapeHtml(text)}</td></tr>`);
  return `<section><h2>${escapeHtml(heading)}</h2><table>${lines.join('')}</table></section>`;
}

function sealedApart(restricted: Readonly<Record<string, unknown>>, locale: Locale): string {
  const groups = Object.keys(restricted).map((group) => labelOf(locale, group));
  return groups.length === 0
    ? ''
    : `<p>${escapeHtml(`${locale.form.restricted}${locale.form.colon}${groups.join(locale.form.listSeparator)}`)}</p>`;
}

function signLines(locale: Locale): string {
  const { handledBy, seal, receivedBy, time } = locale.form;
  return signTable([handledBy, seal, receivedBy, time], locale);
}

function signTable(labels: readonly string[], locale: Locale): string {
  return `<table class="sign"><tr>${labels.map((label) => `<td>${escapeHtml(label)}${escapeHtml(locale.form.colon)}</td>`).join('')}</tr></table>`;
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
