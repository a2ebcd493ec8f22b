import { DEFAULT_ZONE } from '@zhida/core';
import type { LocaleName } from '../locales/locale.js';
import { en } from './locales/en.js';
import { type PageTexts, zhCN } from './locales/zh-cn.js';
import { pageScript } from './script.js';
import { pageStyle } from './style.js';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function textsOf(locale: LocaleName): PageTexts {
  return locale === 'en' ? en : zhCN;
}

export interface PressPage {
  readonly token: string;
  readonly clinician: string;
  readonly locale: LocaleName;
  readonly mode: string;
  readonly deferMinutes: number;
  readonly nonce: string;
}

/** The page a clinician presses on where no HIS embeds the widget. The token is in the body of the answer, never in a URL. */
export function renderPressPage({ token, clinician, locale, mode, deferMinutes, nonce }: PressPage): string {
  const texts = textsOf(locale);
  // `<` is escaped so that nothing inside the JSON can close the script element.
  const session = JSON.stringify({ token, clinician, deferMinutes, zone: DEFAULT_ZONE, texts }).replaceAll('<', '\\u003c');
  return `${opening(texts, mode, nonce)}
<header><h1>${escapeHtml(texts.title)}</h1><span id="count" class="quiet" role="status"></span></header>
<main><p id="notice" class="notice" role="alert" hidden></p><p id="empty" class="quiet">${escapeHtml(texts.empty)}</p></main>
<script type="application/json" id="session" nonce="${nonce}">${session}</script>
<script type="module" nonce="${nonce}">${pageScript}</script>
</body></html>`;
}

/** What a person sees whose token is not (or no longer) good. */
export function renderSignInPage({ locale, mode, nonce }: Pick<PressPage, 'locale' | 'mode' | 'nonce'>): string {
  const texts = textsOf(locale);
  return `${opening(texts, mode, nonce)}
<header><h1>${escapeHtml(texts.title)}</h1></header><main><p class="notice" role="alert">${escapeHtml(texts.signInNeeded)}</p></main></body></html>`;
}

function opening(texts: PageTexts, mode: string, nonce: string): string {
  const stripe = mode === 'test' ? `<div class="stripe">${escapeHtml(texts.testStripe)}</div>` : '';
  return `<!doctype html>
<html lang="${texts.lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">
<title>${escapeHtml(texts.title)}</title><style nonce="${nonce}">${pageStyle}</style></head>
<body>${stripe}`;
}

/** Only this page's own elements run, and only this origin is spoken to. */
export function pagePolicy(nonce: string): string {
  return `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
}
