import { en } from './locales/en.js';
import { type PageTexts, zhCN } from './locales/zh-cn.js';
import { pageScript } from './script.js';
import { pageStyle } from './style.js';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

export interface PressPage {
  readonly token: string;
  readonly clinician: string;
  readonly locale: 'zh' | 'en';
  readonly mode: string;
  readonly nonce: string;
}

/** The page a clinician presses on where no HIS embeds the widget. The token is in the body of the answer, never in a URL. */
export function renderPressPage({ token, clinician, locale, mode, nonce }: PressPage): string {
  const texts: PageTexts = locale === 'en' ? en : zhCN;
  // `<` is escaped so that nothing inside the JSON can close the script element.
  const session = JSON.stringify({ token, clinician, texts }).replace(/</g, '\\u003c');
  return `<!doctype html>
<html lang="${texts.lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${escapeHtml(texts.title)}</title><style nonce="${nonce}">${pageStyle}</style></head>
<body>${mode === 'test' ? `<div class="stripe">${escapeHtml(texts.testStripe)}</div>` : ''}
<header><h1>${escapeHtml(texts.title)}</h1><span id="count" class="quiet"></span></header>
<main><p id="empty" class="quiet">${escapeHtml(texts.empty)}</p></main>
<script type="application/json" id="session" nonce="${nonce}">${session}</script>
<script type="module" nonce="${nonce}">${pageScript}</script>
</body></html>`;
}

/** Only this page's own two elements run, and only this origin is spoken to. */
export function pagePolicy(nonce: string): string {
  return `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;
}
