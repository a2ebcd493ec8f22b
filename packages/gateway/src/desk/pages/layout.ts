import { type Html, html } from '@zhida/core';
import { formTokenField, type Viewer } from '@zhida/signing';
import type { DeskRoster } from '../desk-relay.js';
import { clockText, type DeskPage, momentText } from './format.js';

export type DeskTab = 'waiting' | 'alarms' | 'prompts' | 'review' | 'roster' | 'exercises' | 'lines' | 'handover';
const TABS: readonly DeskTab[] = ['waiting', 'alarms', 'prompts', 'review', 'roster', 'exercises', 'lines', 'handover'];

/** What stands around the content of every page. */
export interface DeskFrame extends DeskPage {
  readonly mode: string;
  readonly path: string;
  readonly viewer?: Viewer | undefined;
  readonly tab?: DeskTab;
  /** Reports and presses without police acceptance, where they were asked for: the title tells a tab in the background of them. */
  readonly waiting?: number | undefined;
  /** A gap of the next 72 hours is told on every page. */
  readonly roster?: DeskRoster | undefined;
  /** The relay did not answer. */
  readonly unreachable?: boolean;
}

const RELOAD_SECONDS = 30;

/** Parts of a page: what renews itself, and what a person may be writing in, which does not. */
export interface DeskContent {
  readonly live?: Html;
  readonly still?: Html;
  /** More that renews itself, below what does not. */
  readonly liveAfter?: Html;
}

/** One page. The title names no child and no police: it shows on shared screens. */
export function deskLayout(frame: DeskFrame, { live, still, liveAfter }: DeskContent): string {
  const { texts, locale, mode, path, waiting = 0 } = frame;
  const other = locale === 'en' ? 'zh-CN' : 'en';
  const stripe = texts.modes[mode];
  return html`<!doctype html>
<html lang="${texts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${live === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="${RELOAD_SECONDS}"></noscript>`}
<title>${waiting > 0 ? `(${waiting}) ` : ''}${texts.appTitle}</title>
<link rel="stylesheet" href="/duty/style.css">
<script src="/duty/desk.js" defer></script>
</head>
<body>
${stripe === undefined ? '' : html`<p class="stripe" data-mode="${mode}">${stripe}</p>`}
<header class="bar"><a class="home" href="/duty">${texts.appTitle}</a><span class="emergency">${texts.emergency} <b class="num">110</b></span><span class="spacer"></span>
<a href="${path}?lang=${other}" lang="${other}">${texts.otherLanguage}</a>${frame.viewer === undefined ? '' : signOut(frame, frame.viewer)}</header>
${frame.viewer === undefined ? '' : tabsHtml(frame)}
<main>
<p id="stale" class="alarm" role="alert" data-text="${texts.live.stale}" hidden></p><p id="said" class="unseen" role="status"></p>
${live === undefined ? alarmsHtml(frame) : liveHtml(frame, live)}
${still ?? ''}
${liveAfter === undefined ? '' : html`<div id="live-after">${liveAfter}</div>`}
</main>
</body>
</html>
`.toString();
}

function liveHtml(frame: DeskFrame, live: Html): Html {
  const { texts, nowMs, waiting } = frame;
  return html`<div id="live" data-said="${waiting === undefined ? '' : texts.live.counted(waiting)}">
${alarmsHtml(frame)}
${live}
<p class="note">${texts.live.refreshed} <span class="num">${clockText(nowMs)}</span></p></div>`;
}

function alarmsHtml(frame: DeskFrame): Html {
  const { texts, roster, unreachable = false } = frame;
  return html`${unreachable ? html`<p class="alarm">${texts.live.unreachable}</p>` : ''}${roster === undefined ? '' : gapHtml(frame, roster)}`;
}

/** A facility that keeps no roster here works with its fixed number, and is not reminded on every page. */
function gapHtml(frame: DeskFrame, { gaps, kept }: DeskRoster): Html | '' {
  const [gap] = gaps;
  if (gap === undefined || !kept) return '';
  const { roster } = frame.texts;
  return html`<p class="warning"><a href="/duty/roster">${roster.banner}${roster.gap(momentText(frame, gap.from))}</a></p>`;
}

function tabsHtml({ texts, tab, waiting }: DeskFrame): Html {
  const address = (name: DeskTab): string => (name === 'waiting' ? '/duty' : `/duty/${name}`);
  return html`<nav class="tabs">${TABS.map(
    (name) =>
      html`<a href="${address(name)}"${name === tab ? html` aria-current="page"` : ''}>${texts.tabs[name]}${
        name === 'waiting' && waiting !== undefined ? html` <span class="count" id="tab-count">${waiting}</span>` : ''
      }</a>`,
  )}</nav>`;
}

function signOut({ texts }: DeskPage, viewer: Viewer): Html {
  return html`<form class="inline" method="post" action="/duty/sign-out">${formTokenField(viewer)}
<span class="officer">${viewer.officer.name}</span> <button class="quiet">${texts.signIn.signOut}</button></form>`;
}
