import type { Level } from '@zhida/packs';
import { type Texts, fill } from '../locales/texts.js';
import type { Paint, Style } from '../scan/paint.js';
import { LEVELS, type Tally } from '../scan/tally.js';
import type { ExplainedEncounter, Reason } from './encounter.js';
import { type Run, padded, widthOf, wrapped } from './layout.js';
import { type Piece, elided } from './marks.js';
import type { Silence } from './silence.js';

/** How a terminal is written to. */
export interface Screen {
  readonly paint: Paint;
  readonly texts: Texts;
  readonly columns: number;
}

const LEVEL_STYLES: Readonly<Record<Level, Style>> = { red: 'red', orange: 'orange', yellow: 'yellow', none: 'dim' };
const LEVEL_MARKS: Readonly<Record<Level, string>> = { red: '●', orange: '●', yellow: '○', none: '·' };
/** Characters of plain text shown on either side of what is marked, in a note that is long. */
const AROUND = 120;
const INDENT = 2;

/** An encounter for reading: a line; where there is a reason, the record with the reason marked in place, and each reason below. */
export function encounterLines(encounter: ExplainedEncounter, screen: Screen): string[] {
  const { level, id, who, when, place, reasons, texts, values, remarks } = encounter;
  const { paint } = screen;
  const head = [
    paint(LEVEL_STYLES[level], `${LEVEL_MARKS[level]} ${screen.texts.levels[level]}`),
    paint(level === 'none' ? 'dim' : 'bold', oneLine(id)),
    paint(
      'dim',
      [who, when, place]
        .filter((part) => part !== '')
        .map(oneLine)
        .join('  '),
    ),
  ].join('  ');
  if (reasons.length === 0) return [head, ...remarks.map((remark) => `  ${paint('dim', oneLine(remark))}`)];
  const width = Math.max(4, ...[...texts, ...values].map(({ label }) => widthOf(oneLine(label)))) + 2;
  return [
    head,
    ...texts.flatMap(({ label, pieces }) => entry(label, width, noteRuns(pieces, screen.texts), screen)),
    ...values.flatMap(({ label, value, words, reasons: own }) => entry(label, width, valueRuns(value, words, own), screen)),
    ...(texts.length + values.length === 0 ? [`  ${paint('dim', screen.texts.noText)}`] : []),
    ...reasons.flatMap((reason) => ['', ...reasonLines(reason, screen)]),
    '',
    ...lawLines(encounter, screen),
    '',
  ];
}

function lawLines({ law, remarks }: ExplainedEncounter, screen: Screen): string[] {
  const { paint, texts } = screen;
  const width = widthOf(texts.issuesTitle) + 2;
  return [
    `  ${paint('dim', texts.indication.sentences)}`,
    ...law.flatMap(({ name, text }) =>
      wrapped(plainRuns(`${name}${texts.indication.colon}${text}`), screen.columns, 4, paint).map((line, at) =>
        at === 0 ? `    ${line}` : line,
      ),
    ),
    ...(remarks.length === 0 ? [] : entry(texts.issuesTitle, width, plainRuns(remarks.join(texts.indication.separator)), screen)),
  ];
}

/** Why a rule kept silent: what stopped it or which parts of its condition failed, and the words it saw and could not count. */
export function silenceLines(ruleId: string, { stopped, lines, words }: Silence, { paint, texts }: Screen): string[] {
  return [
    `    ${fill(texts.why.spokeNot, { rule: ruleId })}`,
    ...(stopped === '' ? [] : [`    ${stopped}`]),
    ...lines.map(({ depth, holds, text }) => `    ${'  '.repeat(depth)}${holds ? '✓' : '✗'} ${text}`),
    ...(words.length === 0 ? [`    ${paint('dim', texts.why.seenNothing)}`] : [`    ${texts.why.seen}:`]),
    ...words.map(
      ({ label, text, standing, concept }) =>
        `      ${paint('dim', `${label}:`)} ${paint('mark', `「${oneLine(text)}」`)}  ${standing}${paint('dim', `  ${concept}`)}`,
    ),
  ];
}

/** The last line of a scan. */
export function tallyLine(tally: Tally, elapsedMs: number, { paint, texts }: Pick<Screen, 'paint' | 'texts'>): string {
  const levels = LEVELS.map((level) => paint(LEVEL_STYLES[level], `${texts.levelsShort[level]} ${tally.levels[level]}`));
  const unreadable = tally.unreadable === 0 ? [] : [paint('red', fill(texts.tally.unreadable, { n: tally.unreadable }))];
  const all = fill(texts.tally.encounters, { n: tally.encounters });
  return [all, ...levels, ...unreadable, paint('dim', `${(elapsedMs / 1000).toFixed(1)} s`)].join(' · ');
}

function reasonLines(reason: Reason, screen: Screen): string[] {
  const { number, level, summary, ruleId, remarks, found, law, lowered, lowers, asks } = reason;
  const { paint, texts } = screen;
  const remark = [texts.levels[level], ...remarks].join(' · ');
  const labels = [
    texts.indication.found,
    texts.indication.law,
    texts.indication.lowered,
    texts.indication.wouldLower,
    texts.indication.asks,
  ];
  const width = Math.max(...labels.map(widthOf)) + 2;
  const line = (label: string, text: string): string[] => (text === '' ? [] : entry(label, width, plainRuns(text), screen, INDENT + 3));
  return [
    `  ${paint(LEVEL_STYLES[level], circled(number))} ${paint('bold', summary)}  ${paint(LEVEL_STYLES[level], remark)}  ${paint('dim', ruleId)}`,
    ...line(texts.indication.found, found),
    ...line(texts.indication.law, law.join(texts.indication.separator)),
    ...line(texts.indication.lowered, lowered),
    ...line(texts.indication.wouldLower, lowers),
    ...line(texts.indication.asks, asks),
  ];
}

/** A dim label and a text beside it; the lines after the first stand under the text. */
function entry(label: string, width: number, runs: readonly Run[], { paint, columns }: Screen, indent = INDENT): string[] {
  const [first = '', ...others] = wrapped(runs, columns, indent + width, paint);
  return [`${' '.repeat(indent)}${paint('dim', padded(oneLine(label), width))}${first}`, ...others];
}

function noteRuns(pieces: readonly Piece[], texts: Texts): Run[] {
  return elided(pieces, AROUND, (n) => fill(texts.elided, { n })).flatMap(({ text, reasons }) =>
    reasons.length === 0 ? plainRuns(text) : markedRuns(text, reasons),
  );
}

function valueRuns(value: string, words: string, reasons: readonly number[]): Run[] {
  return [...markedRuns(value, reasons), ...plainRuns(words === '' ? '' : ` ${words}`)];
}

/** Corner brackets and the numbers of the reasons say without colour what the colour says. */
function markedRuns(text: string, reasons: readonly number[]): Run[] {
  return [
    { text: `「${oneLine(text)}」`, style: 'mark' },
    { text: reasons.map(circled).join(''), style: 'bold' },
  ];
}

function plainRuns(text: string): Run[] {
  return [{ text: oneLine(text), style: undefined }];
}

/** ① to ⑳, then (21). */
export function circled(number: number): string {
  return number <= 20 ? String.fromCharCode(0x245f + number) : `(${number})`;
}

/** Control characters of a record must not reach the terminal: they could move its cursor or write its title. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
