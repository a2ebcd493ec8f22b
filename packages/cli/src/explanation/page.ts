import type { Level } from '@zhida/packs';
import type { RulesUsed } from '@zhida/detect';
import { type Texts, fill } from '../locales/texts.js';
import { LEVELS, type Tally } from '../scan/tally.js';
import { escaped } from './escaped.js';
import type { ExplainedEncounter, Reason, Sentence } from './encounter.js';
import type { Piece } from './marks.js';
import { PAGE_POLICY, PAGE_STYLE } from './page-style.js';
import type { Silence } from './silence.js';
import { circled } from './terminal.js';

const RANK: Readonly<Record<Level, number>> = { red: 3, orange: 2, yellow: 1, none: 0 };

/** An encounter of a page; `silence` where one rule is asked for and kept silent. */
export interface PageEncounter {
  readonly encounter: ExplainedEncounter;
  readonly silence: { readonly ruleId: string; readonly silence: Silence } | undefined;
}

export interface PageContent {
  readonly encounters: readonly PageEncounter[];
  readonly tally: Tally;
  /** Encounters without a reason, which are only counted. */
  readonly quiet: number;
  /** Encounters with a reason beyond those listed. */
  readonly left: number;
  /** What was asked of them. */
  readonly rulePack: RulesUsed;
}

/** One page by itself: no script, nothing loaded from elsewhere, every word of the record escaped. Equal input gives equal bytes. */
export function pageOf({ encounters, tally, quiet, left, rulePack }: PageContent, texts: Texts): string {
  const { page } = texts;
  const { id, version, digest, overlay } = rulePack;
  return [
    '<!doctype html>',
    `<html lang="${texts.lang}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${PAGE_POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">',
    `<title>${escaped(page.title)}</title><style>${PAGE_STYLE}</style></head><body><main>`,
    `<h1>${escaped(page.title)}</h1><p class="notice">${escaped(page.notice)}</p>`,
    sumOf(tally, texts),
    ...encounters.map((item, index) => articleOf(item, `e${index + 1}`, texts)),
    `<footer>${[
      ...(left > 0 ? [fill(page.left, { n: left })] : []),
      ...(quiet > 0 ? [fill(page.quiet, { n: quiet })] : []),
      fill(page.pack, { id, version, digest: digest.slice(0, 12) }),
      ...(overlay === undefined ? [] : [fill(page.overlay, { digest: overlay.slice(0, 12) })]),
    ]
      .map((text) => `<p>${escaped(text)}</p>`)
      .join('')}</footer>`,
    '</main></body></html>',
    '',
  ].join('\n');
}

function sumOf(tally: Tally, texts: Texts): string {
  const levels = LEVELS.map(
    (level) => `<li class="${level}"><span class="swatch"></span>${escaped(texts.levelsShort[level])} <b>${tally.levels[level]}</b></li>`,
  );
  const unreadable = tally.unreadable === 0 ? [] : [`<li>${escaped(fill(texts.tally.unreadable, { n: tally.unreadable }))}</li>`];
  return `<ul class="sum"><li>${escaped(fill(texts.tally.encounters, { n: tally.encounters }))}</li>${[...levels, ...unreadable].join('')}</ul>`;
}

function articleOf({ encounter, silence }: PageEncounter, anchor: string, texts: Texts): string {
  const { level, id, who, when, place, reasons, texts: notes, values, law, remarks } = encounter;
  const levels = reasons.map((reason) => reason.level);
  const facts = [
    ...notes.map(({ label, pieces }) => fact(label, piecesHtml(pieces, levels, anchor))),
    ...values.map(({ label, value, words, reasons: own }) =>
      fact(label, `${markHtml(value, own, levels, anchor)}${words === '' ? '' : ` ${escaped(words)}`}`),
    ),
  ];
  return [
    `<article class="${level}" id="${anchor}"><header class="visit"><span class="level">${escaped(texts.levels[level])}</span><h2>${escaped(id)}</h2>`,
    `<span class="quiet">${[who, when, place]
      .filter((part) => part !== '')
      .map(escaped)
      .join(' · ')}</span></header>`,
    `<h3>${escaped(texts.page.record)}</h3>${facts.length === 0 ? `<p class="quiet">${escaped(texts.noText)}</p>` : `<dl class="facts">${facts.join('')}</dl>`}`,
    ...(reasons.length === 0 ? [] : [`<h3>${escaped(texts.page.indications)}</h3>`]),
    ...reasons.map((reason) => reasonHtml(reason, anchor, texts)),
    ...(law.length === 0 || reasons.length === 0 ? [] : [lawHtml(law, texts)]),
    ...(silence === undefined ? [] : [silenceHtml(silence.ruleId, silence.silence, texts)]),
    ...(remarks.length === 0 ? [] : [`<p class="remarks">${remarks.map(escaped).join('<br>')}</p>`]),
    '</article>',
  ].join('\n');
}

function reasonHtml(reason: Reason, anchor: string, texts: Texts): string {
  const { number, level, summary, ruleId, remarks, found, law, lowered, lowers, asks } = reason;
  const line = (label: string, html: string): string => (html === '' ? '' : fact(label, html));
  return [
    `<section class="reason ${level}" id="${anchor}-r${number}"><header><span class="number">${circled(number)}</span><h4>${escaped(summary)}</h4>`,
    `<span class="level">${escaped(texts.levels[level])}</span><span class="quiet">${[...remarks, ruleId].map(escaped).join(' · ')}</span></header><dl>`,
    line(texts.indication.found, escaped(found)),
    line(texts.indication.law, escaped(law.join(texts.indication.separator))),
    line(texts.indication.lowered, escaped(lowered)),
    line(texts.indication.wouldLower, escaped(lowers)),
    line(texts.indication.asks, escaped(asks)),
    '</dl></section>',
  ].join('');
}

function lawHtml(law: readonly Sentence[], texts: Texts): string {
  const sentences = law.map(({ name, text }) => `<p>${escaped(text)}<span class="law">${escaped(name)}</span></p>`);
  return `<h3>${escaped(texts.indication.sentences)}</h3><div class="sentences">${sentences.join('')}</div>`;
}

function silenceHtml(ruleId: string, { stopped, lines, words }: Silence, texts: Texts): string {
  const { why } = texts;
  const trace = lines.map(({ depth, holds, text }) => `<li class="d${depth}">${holds ? '✓' : '✗'} ${escaped(text)}</li>`).join('');
  const seen = words
    .map(({ label, text, standing, concept }) =>
      fact(label, `<mark class="none">${escaped(text)}</mark> ${escaped(standing)} <span class="quiet">${escaped(concept)}</span>`),
    )
    .join('');
  return [
    `<h3>${escaped(fill(why.spokeNot, { rule: ruleId }))}</h3>`,
    stopped === '' ? '' : `<p>${escaped(stopped)}</p>`,
    trace === '' ? '' : `<ul class="trace">${trace}</ul>`,
    seen === '' ? `<p class="quiet">${escaped(why.seenNothing)}</p>` : `<h3>${escaped(why.seen)}</h3><dl>${seen}</dl>`,
  ].join('');
}

function fact(label: string, html: string): string {
  return `<dt>${escaped(label)}</dt><dd>${html}</dd>`;
}

function piecesHtml(pieces: readonly Piece[], levels: readonly Level[], anchor: string): string {
  return pieces.map(({ text, reasons }) => (reasons.length === 0 ? escaped(text) : markHtml(text, reasons, levels, anchor))).join('');
}

/** The mark has the colour of the gravest of its reasons, and a number that leads to each. */
function markHtml(text: string, reasons: readonly number[], levels: readonly Level[], anchor: string): string {
  const gravest = reasons.map((number) => levels[number - 1] ?? 'none').reduce((a, b) => (RANK[a] >= RANK[b] ? a : b), 'none');
  const links = reasons.map((number) => `<a class="ref" href="#${anchor}-r${number}">${circled(number)}</a>`).join('');
  return `<mark class="${gravest}">${escaped(text)}${links}</mark>`;
}
