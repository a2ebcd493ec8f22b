import { type Html, html, type HtmlValue, parseInstant, wordFor } from '@zhida/core';
import { formTokenField, type Viewer } from '@zhida/signing';
import { CODE_SYSTEMS, displayOf } from '@zhida/report';
import type { QuestionnaireResponse } from '../../prompts/questionnaire.js';
import type { OpenedReview, ToReview } from '../reviews.js';
import { type DeskPage, momentText, waitedText } from './format.js';
import { joined, line } from './opened.js';
import { markedDepartment, table } from './tabs.js';

/** 待复核: reasons given against a red prompt with the hour each is to be reviewed by, and those against an orange one, for whoever wants to look. */
export function reviewTab(page: DeskPage, { decisions, more }: { readonly decisions: readonly ToReview[]; readonly more: boolean }): Html {
  const { review, list } = page.texts;
  const red = decisions.filter(({ level }) => level === 'red');
  const orange = decisions.filter(({ level }) => level === 'orange');
  const open = ({ promptId }: ToReview): Html => html`<a class="button" href="/duty/reviews/${promptId}">${review.open}</a>`;
  return html`<h1>${review.heading}</h1><p class="note">${review.note}</p>${
    red.length === 0
      ? html`<p class="empty">${review.empty}</p>`
      : table([list.department, review.code, list.waited, review.due, ''], red, (decision) => [
          markedDepartment(page, decision),
          wordFor(review.codes, decision.code),
          waitedText(page, decision.decidedAtMs),
          dueText(page, decision),
          open(decision),
        ])
  }${
    orange.length === 0
      ? ''
      : html`<h2>${review.orangeHeading}</h2>${table([list.department, review.code, review.decidedAt, ''], orange, (decision) => [
          markedDepartment(page, decision),
          wordFor(review.codes, decision.code),
          momentText(page, decision.decidedAtMs),
          open(decision),
        ])}`
  }${more ? html`<p class="note">${review.more}</p>` : ''}`;
}

function dueText(page: DeskPage, { dueAtMs }: ToReview): HtmlValue {
  if (dueAtMs === null) return '';
  const { review } = page.texts;
  const at = momentText(page, dueAtMs);
  return page.nowMs < dueAtMs ? review.dueBy(at) : html`<b class="danger">${review.overdue(at)}</b>`;
}

/** What is known of a decision without opening it, and the reason it is opened with. */
export function reviewOpening(page: DeskPage, viewer: Viewer, decision: ToReview): Html {
  const { review, list } = page.texts;
  const { opening } = review;
  const due = dueText(page, decision);
  return html`<p class="back"><a href="/duty/review">← ${review.back}</a></p><h1>${opening.heading}</h1>
<section class="card"><dl>${line(list.department, markedDepartment(page, decision))}${line(review.code, wordFor(review.codes, decision.code))}
${line(review.decidedAt, momentText(page, decision.decidedAtMs))}${line(review.due, due)}</dl></section>
<form class="card stack-form" id="open" method="post" action="/duty/reviews/${decision.promptId}/open">${formTokenField(viewer)}
<label><span>${opening.reason}</span><input name="reason" required maxlength="500" autocomplete="off"></label>
<p class="buttons"><button class="primary">${opening.submit}</button></p><p class="note">${opening.note}</p></form>`;
}

/** The opened decision: whom it is about, who decided what on what, and what the reviewer finds. */
export function openedReview(page: DeskPage, viewer: Viewer, opened: OpenedReview): Html {
  const { review, prompts } = page.texts;
  const { opened: words } = review;
  const { decision, level } = opened;
  return html`<p class="back"><a href="/duty/review">← ${review.back}</a></p><h1>${words.heading}</h1>
<section class="card"><dl>${patientLines(page, opened)}
${line(words.level, wordFor(prompts.levels, level))}</dl></section>
<section class="card"><h2>${words.decision}</h2><p class="step">${wordFor(review.codes, decision.code)}</p>
${opened.ofAnother ? html`<p class="warning">${words.ofAnother}</p>` : decision.text === '' ? html`<p class="note">${words.noText}</p>` : html`<blockquote>${decision.text}</blockquote>`}
<dl>${line(words.by, decision.account)}${line(words.at, momentText(page, decision.at))}</dl></section>
${evidenceHtml(page, opened)}${opened.answers === undefined ? '' : answersHtml(page, opened.answers)}${reviewForm(page, viewer, opened)}`;
}

function patientLines(page: DeskPage, { visit, departments, exercise }: OpenedReview): Html {
  const { opened } = page.texts.review;
  const { patient = {}, visitNumber, location } = visit?.snapshot ?? {};
  const sex = patient.sex === undefined ? '' : displayOf(CODE_SYSTEMS.sex, patient.sex, page.locale);
  const born = patient.birthDate === undefined ? '' : `${page.texts.opened.born} ${patient.birthDate}`;
  return html`${line(opened.patient, joined([patient.name, sex, born, patient.statedAge]))}
${line(opened.visit, joined([visitNumber, location]))}${line(page.texts.opened.department, markedDepartment(page, { departments, exercise }))}`;
}

function evidenceHtml(page: DeskPage, { reasons, changedSince, visit }: OpenedReview): Html {
  const { opened } = page.texts.review;
  if (visit === undefined) return html`<section class="card"><h2>${opened.evidence}</h2><p class="note">${opened.purged}</p></section>`;
  if (reasons.length === 0)
    return html`<section class="card"><h2>${opened.evidence}</h2><p class="warning">${opened.nothingLeft}</p></section>`;
  return html`<section class="card"><h2>${opened.evidence}</h2>${changedSince ? html`<p class="warning">${opened.changed}</p>` : ''}
<ul class="plain spaced">${reasons.map(
    ({ found, evidence }) =>
      html`<li><b>${found}</b>${evidence.map(
        ({ label, value, source, at }) => html`<br>${label} ${value} <span class="note">${joined([source, evidenceTime(page, at)])}</span>`,
      )}</li>`,
  )}</ul></section>`;
}

/** A visit tells times as its system writes them: with an offset or in the facility's zone, or a day alone. */
function evidenceTime(page: DeskPage, at: string): string {
  const ms = parseInstant(at);
  return ms === undefined ? at : momentText(page, ms);
}

/** In the words that were asked, whatever language the page is in. */
function answersHtml({ texts }: DeskPage, { item }: QuestionnaireResponse): Html {
  const { opened } = texts.review;
  const questions = item.flatMap((set) => set.item ?? []);
  return html`<section class="card" id="answers"><h2>${opened.answers}</h2><ul class="plain spaced">${questions.map(({ text, answer }) => {
    const given = answer?.[0].valueCoding;
    const said = given === undefined ? opened.notAsked : `${opened[given.code]} · ${given.display}`;
    return html`<li>${text ?? ''} <span class="answer" data-answer="${given?.code ?? 'not-asked'}">${said}</span></li>`;
  })}</ul></section>`;
}

/** No second signature: it goes nowhere near the clinician, and a report from here waits for nobody. */
function reviewForm({ texts }: DeskPage, viewer: Viewer, { promptId, reportable, stamp }: OpenedReview): Html {
  const { form } = texts.review;
  return html`<form class="card stack-form" id="review" method="post" action="/duty/reviews/${promptId}">${formTokenField(viewer)}<input type="hidden" name="stamp" value="${stamp}"><h2>${form.heading}</h2>
<label><span>${form.text}</span><textarea name="text" rows="3" maxlength="500" required></textarea></label>
<p class="buttons"><button name="verdict" value="agreed" formnovalidate>${form.agreed}</button><button name="verdict" value="disagreed">${form.disagreed}</button>${
    reportable ? html`<button class="primary" name="verdict" value="report" formnovalidate>${form.report}</button>` : ''
  }</p><p class="note">${reportable ? form.note : form.noReport}</p></form>`;
}
