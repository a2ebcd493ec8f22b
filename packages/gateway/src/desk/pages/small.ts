import { type Html, html, wordFor } from '@zhida/core';
import type { DeskPage } from './format.js';

/** The only page without a session. It says nothing about what is behind it, and that 110 needs no sign-in. */
export function signInPage({ texts }: DeskPage, note: 'failed' | 'ended' | undefined): Html {
  const { signIn } = texts;
  return html`<form class="card sign-in stack-form" method="post" action="/duty/sign-in"><h1>${signIn.heading}</h1>
${note === undefined ? '' : html`<p class="alarm" role="alert">${signIn[note]}</p>`}
<label><span>${signIn.officer}</span><input name="officer" required maxlength="40" autocomplete="username" autocapitalize="none"></label>
<label><span>${signIn.code}</span><input name="code" type="password" required maxlength="64" autocomplete="current-password"></label>
<button class="primary">${signIn.submit}</button><p class="note">${signIn.hint}</p></form>`;
}

/** Why something was not done, in words; the code is for the one who is called. */
export function problemPage({ texts }: DeskPage, code: string): Html {
  const { problem } = texts;
  const words = wordFor({ ...problem.messages, [code]: problem.messages[code] ?? problem.other }, code);
  return html`<section class="card"><h1>${problem.heading}</h1><p class="alarm" role="alert">${words}</p><p class="note">${code}</p>
<p><a href="/duty">${problem.back}</a></p></section>`;
}
