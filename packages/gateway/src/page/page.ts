import { escapeHtml } from '@zhida/core';
import type { LocaleName } from '../locales/locale.js';
import { en } from './locales/en.js';
import { type PageTexts, zhCN } from './locales/zh-cn.js';
import { pageStyle } from './style.js';

/** What every page of the gateway is made with. */
export interface PageFrame {
  readonly locale: LocaleName;
  readonly mode: string;
  readonly nonce: string;
}

/** The page that hosts the widget where no HIS embeds it. The token is in the body of the answer, never in an address. */
export function renderLaunchPage(frame: PageFrame, token: string): string {
  const texts = textsOf(frame.locale);
  // `<` is escaped so that nothing inside the JSON can close the script element.
  const session = JSON.stringify({ token }).replaceAll('<', '\\u003c');
  return `${opening(texts, frame)}<main><p>${escapeHtml(texts.launched)}</p>${noScript(texts)}</main>
<zhida-prompt lang="${texts.lang}"></zhida-prompt>
<script type="application/json" id="session">${session}</script>
<script nonce="${frame.nonce}">
window.zhidaNonce = '${frame.nonce}';
document.querySelector('zhida-prompt').tokenProvider = function () {
  return Promise.resolve(JSON.parse(document.getElementById('session').textContent).token);
};
</script>
<script src="/widget.js"></script>
</body></html>`;
}

/** The page of S6 for whoever has no seat in the HIS: a staff number is enough. */
export function renderManualPage(frame: PageFrame): string {
  const texts = textsOf(frame.locale);
  return `${opening(texts, frame)}<main><p>${escapeHtml(texts.manual)}</p>${noScript(texts)}</main>
<zhida-prompt manual lang="${texts.lang}"></zhida-prompt>
<script nonce="${frame.nonce}">window.zhidaNonce = '${frame.nonce}';</script>
<script src="/widget.js"></script>
</body></html>`;
}

/** What a person sees whose token is not (or no longer) good. */
export function renderSignInPage(frame: PageFrame): string {
  const texts = textsOf(frame.locale);
  return `${opening(texts, frame)}<main><p class="notice" role="alert">${escapeHtml(texts.signInNeeded)}</p></main></body></html>`;
}

function textsOf(locale: LocaleName): PageTexts {
  return locale === 'en' ? en : zhCN;
}

function opening(texts: PageTexts, { mode, nonce }: PageFrame): string {
  const stripe = mode === 'test' ? `<div class="stripe">${escapeHtml(texts.testStripe)}</div>` : '';
  return `<!doctype html>
<html lang="${texts.lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><link rel="icon" href="data:,">
<title>${escapeHtml(texts.title)}</title><style nonce="${nonce}">${pageStyle}</style></head>
<body>${stripe}<header><h1>${escapeHtml(texts.title)}</h1></header>`;
}

function noScript(texts: PageTexts): string {
  return `<noscript><p class="notice">${escapeHtml(texts.noScript)}</p></noscript>`;
}

/** Only this page's own elements and the gateway's own files run, and only this origin is spoken to. */
export function pagePolicy(nonce: string): string {
  return `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'nonce-${nonce}'; img-src data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
}
