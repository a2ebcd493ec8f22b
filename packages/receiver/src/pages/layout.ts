import { type Html, html } from '@zhida/core';
import { formTokenField, type Viewer } from '@zhida/signing';
import type { PageContext } from './format.js';

export interface LayoutOptions {
  /** Mode of the whole inbox, or of the one report on the page. */
  readonly mode: string;
  readonly viewer?: Viewer | undefined;
  readonly refreshSeconds?: number;
  /** Address of this page in the other language. */
  readonly path: string;
  /** A count for the title, so that a tab in the background tells of work without telling what it is. */
  readonly waiting?: number;
}

/** One page. The title says nothing about children or police: it shows on shared screens. */
export function layout(context: PageContext, options: LayoutOptions, content: Html): string {
  const { texts, locale } = context;
  const { viewer, refreshSeconds, waiting = 0 } = options;
  const stripe = texts.modes[options.mode];
  const otherLocale = locale === 'en' ? 'zh-CN' : 'en';
  return html`<!doctype html>
<html lang="${texts.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
${refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`}
<title>${waiting > 0 ? `(${waiting}) ` : ''}${texts.appTitle}</title>
<link rel="stylesheet" href="/inbox/style.css">
</head>
<body>
${stripe === undefined ? '' : html`<p class="stripe" data-mode="${options.mode}">${stripe}</p>`}
<header class="bar">
<a class="home" href="/inbox">${texts.appTitle}</a>
<span class="spacer"></span>
<a href="${options.path}?lang=${otherLocale}" lang="${otherLocale}">${texts.otherLanguage}</a>
${viewer === undefined ? '' : signOut(context, viewer)}
</header>
<main>
${content}
</main>
</body>
</html>
`.toString();
}

function signOut({ texts }: PageContext, viewer: Viewer): Html {
  return html`<form class="inline" method="post" action="/inbox/sign-out">${formTokenField(viewer)}
<span class="officer">${viewer.officer.name}</span> <button class="quiet">${texts.signIn.signOut}</button></form>`;
}
