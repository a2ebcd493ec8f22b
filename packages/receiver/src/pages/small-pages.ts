import { html, wordFor } from '@zhida/core';
import type { Viewer } from '@zhida/signing';
import type { PageContext } from './format.js';
import { layout } from './layout.js';

/** The only page without a session. It says nothing about what is behind it. */
export function signInPage(context: PageContext, mode: string, note: 'failed' | 'ended' | undefined): string {
  const { signIn } = context.texts;
  const content = html`<form class="card sign-in stack-form" method="post" action="/inbox/sign-in"><h1>${signIn.heading}</h1>
${note === undefined ? '' : html`<p class="alarm" role="alert">${signIn[note]}</p>`}
<label><span>${signIn.officer}</span><input name="officer" required maxlength="40" autocomplete="username" autocapitalize="none"></label>
<label><span>${signIn.code}</span><input name="code" type="password" required maxlength="64" autocomplete="current-password"></label>
<button class="primary">${signIn.submit}</button><p class="note">${signIn.hint}</p></form>`;
  return layout(context, { mode, path: '/inbox/sign-in' }, content);
}

/** Why something was not done, in words; the code is for the one who is called. */
export function problemPage(context: PageContext, mode: string, viewer: Viewer | undefined, code: string): string {
  const { problem } = context.texts;
  const words = wordFor({ ...problem.messages, [code]: problem.messages[code] ?? problem.other }, code);
  const content = html`<section class="card"><h1>${problem.heading}</h1><p class="alarm" role="alert">${words}</p><p class="note">${code}</p>
<p><a href="/inbox">${problem.back}</a></p></section>`;
  return layout(context, { mode, viewer, path: '/inbox' }, content);
}
