import { type Html, html, wordFor } from '@zhida/core';
import type { ProfileRecipient } from '@zhida/packs';
import { formTokenField, type Viewer } from '@zhida/signing';
import type { DeskAlarm, DeskExchange } from '../desk-relay.js';
import { type DeskPage, momentText, nameIn, waitedText } from './format.js';
import { line } from './opened.js';
import { table } from './tabs.js';

/** What the pages of alarms are made of. */
export interface AlarmsPage extends DeskPage {
  /** How the profile calls the parties. */
  readonly recipients: readonly ProfileRecipient[];
}

const CHASE = 'chase-';

/** 待确认: what somebody was called for, until a person says that they see to it. */
export function alarmsTab(page: AlarmsPage, { alarms, more }: { readonly alarms: readonly DeskAlarm[]; readonly more: boolean }): Html {
  const { alarms: words, list, lines } = page.texts;
  const rows = alarms.map((alarm) => ({ ...alarm, exercise: alarm.mode === 'exercise' }));
  return html`<h1>${words.heading}</h1><p class="note">${words.note}</p>${
    rows.length === 0
      ? html`<p class="empty">${words.empty}</p>`
      : table([words.what, list.number, list.waited, lines.party, ''], rows, (alarm) => [
          whatHtml(page, alarm),
          html`<span class="num">${alarm.number ?? ''}</span>`,
          waitedText(page, Date.parse(alarm.raisedAt)),
          partyText(page, alarm.party),
          html`<a class="button" href="/duty/alarms/${alarm.escalationId}">${words.open}</a>`,
        ])
  }${more ? html`<p class="note">${words.more}</p>` : ''}`;
}

/** One alarm: what it says, what to do, and the two answers to it. */
export function alarmPage(page: AlarmsPage, viewer: Viewer, alarm: DeskAlarm, exchange: DeskExchange | undefined): Html {
  const { alarms: words, list, lines } = page.texts;
  const { reportId, number, why, day, from } = alarm;
  const link = reportId === null ? '' : html`<a class="num" href="/duty/reports/${reportId}">${number ?? ''}</a>`;
  return html`<p class="back"><a href="/duty/alarms">← ${words.back}</a></p><h1>${whatHtml(page, alarm)}</h1>
<p class="step">${wordFor(words.todos, kindOf(alarm))}</p>
<section class="card"><dl>${line(list.number, link)}${line(lines.party, partyText(page, alarm.party))}
${line(list.waited, waitedText(page, Date.parse(alarm.raisedAt)))}${line(words.why, why === null ? '' : wordFor(words.reasons, why))}
${line(words.day, day ?? '')}${line(words.from, from === null ? '' : momentText(page, from))}</dl></section>
${exchange === undefined ? '' : exchangeHtml(page, exchange)}
<form class="card" id="acknowledge" method="post" action="/duty/alarms/${alarm.escalationId}/acknowledge">${formTokenField(viewer)}
<p class="buttons"><button class="primary">${words.acknowledge}</button></p><p class="note">${words.acknowledgeNote}</p></form>
${alarm.silenceable ? silenceForm(page, viewer, alarm) : ''}`;
}

function silenceForm({ texts }: AlarmsPage, viewer: Viewer, { escalationId }: DeskAlarm): Html {
  const { silence } = texts.alarms;
  return html`<details class="card"><summary>${silence.heading}</summary><p class="note">${silence.note}</p>
<form class="stack-form" id="silence" method="post" action="/duty/alarms/${escalationId}/silence">${formTokenField(viewer)}
<label><span>${silence.reason}</span><input name="reason" required maxlength="500" autocomplete="off"></label><button>${silence.submit}</button></form></details>`;
}

/** What one end has signed for and the other has not: the ids are read out by telephone. */
function exchangeHtml({ texts }: AlarmsPage, { agencyCount, ownCount, missingHere, missingThere }: DeskExchange): Html {
  const { exchange } = texts.alarms;
  const ids = (words: string, missing: readonly string[]): Html | '' =>
    missing.length === 0 ? '' : html`<h2>${words}</h2><ul class="plain">${missing.map((id) => html`<li class="num">${id}</li>`)}</ul>`;
  return html`<section class="card"><p>${exchange.counts(agencyCount, ownCount)}</p>${ids(exchange.missingHere, missingHere)}${ids(exchange.missingThere, missingThere)}</section>`;
}

function kindOf({ rung }: DeskAlarm): string {
  return rung.startsWith(CHASE) ? 'chase' : rung;
}

/** In words, after the mark of an exercise. */
function whatHtml({ texts }: AlarmsPage, alarm: DeskAlarm): Html {
  const tag = alarm.mode === 'exercise' ? html`<b class="tag mode">${wordFor(texts.modes, 'exercise')}</b> ` : '';
  return html`${tag}${wordFor(texts.alarms.kinds, kindOf(alarm))}`;
}

function partyText(page: AlarmsPage, party: string | null): string {
  const recipient = page.recipients.find((known) => known.party === party);
  return recipient === undefined ? (party ?? '') : nameIn(page, recipient.name);
}
