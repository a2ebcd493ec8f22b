import { type Html, html, type HtmlValue, wordFor } from '@zhida/core';
import { CODE_SYSTEMS, displayOf } from '@zhida/report';
import type { OpenedCase } from '../desk-relay.js';
import type { DeskPage } from './format.js';

/** What the relay's allow-list of an opened case has; every member may be missing. */
interface Case {
  readonly department?: string;
  readonly patient?: { readonly name?: string; readonly sex?: string; readonly birthDate?: string; readonly statedAge?: string };
  readonly whereabouts?: { readonly status?: string; readonly place?: string; readonly destination?: string; readonly withWhom?: string };
  readonly companions?: readonly { readonly relationship?: string; readonly name?: string; readonly mayBeInvolved?: string }[];
  readonly contactPlan?: {
    readonly safeContact?: { readonly name?: string; readonly relationship?: string; readonly phone?: string };
    readonly doNotContact?: readonly { readonly phone?: string; readonly reason?: string }[];
    readonly approach?: readonly string[];
  };
  readonly immediateDanger?: string;
}

/** The child of one report, after a reason was given; what was opened is in no address and is gone with the page. */
export function openedPage(page: DeskPage, reportId: string, { number, case: opened, script }: OpenedCase): Html {
  const { texts, locale } = page;
  const { patient = {}, whereabouts = {}, companions = [], contactPlan = {}, department, immediateDanger } = opened as Case;
  const words = locale === 'en' ? script.en : script.zh;
  const { safeContact = {}, doNotContact = [], approach = [] } = contactPlan;
  const sex = patient.sex === undefined ? '' : displayOf(CODE_SYSTEMS.sex, patient.sex, locale);
  const born = patient.birthDate === undefined || patient.birthDate === '' ? '' : `${texts.opened.born} ${patient.birthDate}`;
  const where = [
    wordFor(texts.opened.whereabouts, whereabouts.status ?? ''),
    whereabouts.place,
    whereabouts.destination,
    whereabouts.withWhom,
  ];
  return html`<p class="back"><a href="/duty/reports/${reportId}">← ${texts.opened.close}</a></p>
<h1>${texts.opened.heading}</h1><p class="lead num">${number}</p><section class="card"><dl>
${line(texts.opened.patient, joined([patient.name, sex, born, patient.statedAge]))}
${line(texts.opened.where, joined(where))}
${line(texts.opened.department, department)}
${line(texts.opened.danger, triText(page, immediateDanger))}
${line(
  texts.opened.companions,
  companions.map((one) => html`<span class="line">${companionText(page, one)}</span>`),
)}
${line(texts.opened.safeContact, joined([safeContact.name, safeContact.relationship, safeContact.phone]))}
${line(
  texts.opened.doNotContact,
  doNotContact.map(({ phone, reason }) => html`<b class="forbidden">${joined([phone, reason])}</b> `),
)}
${line(texts.opened.approach, approach.map((code) => displayOf(CODE_SYSTEMS.approaches, code, locale)).join(texts.signs.list))}
</dl></section>
<section class="card"><h2>${texts.report.script}</h2><p class="script" id="script">${words.full}</p>
<h2>${texts.report.shortScript}</h2><p class="script">${words.short}</p><p class="note">${texts.report.noName}</p></section>`;
}

export function line(name: string, value: HtmlValue): Html | '' {
  if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0)) return '';
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function companionText(page: DeskPage, { relationship, name, mayBeInvolved }: NonNullable<Case['companions']>[number]): string {
  const { opened, signs } = page.texts;
  const said = relationship === undefined ? '' : displayOf(CODE_SYSTEMS.relationships, relationship, page.locale);
  return joined([said, name, mayBeInvolved === undefined ? '' : `${opened.involved}${signs.colon}${triText(page, mayBeInvolved)}`]);
}

function triText({ texts }: DeskPage, value: string | undefined): string {
  if (value === 'yes' || value === 'no') return texts.opened[value];
  return texts.opened.unknown;
}

export function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
