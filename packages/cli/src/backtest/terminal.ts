import type { Screen } from '../explanation/terminal.js';
import { padded, widthOf, wrapped } from '../explanation/layout.js';
import { fill } from '../locales/texts.js';
import type { Style } from '../scan/paint.js';
import { issueText, nextSteps } from './advice.js';
import { shareText, cellOf, countOf, factLines, groupTables, headlineOf, percentOf, rateOf, ruleSummary } from './words.js';
import type { BacktestSummary } from './summary.js';

const RULES_SHOWN = 10;
const DEPARTMENTS_SHOWN = 8;

/** A back-test for reading on a terminal. */
export function backtestLines(summary: BacktestSummary, screen: Screen): string[] {
  const { paint, texts } = screen;
  const { backtest } = texts;
  return [
    paint('bold', `${backtest.title}  ${backtest.subtitle}`),
    ...factLines(summary, texts).flatMap((line) => paragraph(line, screen, 'dim')),
    '',
    ...paragraph(headlineOf(summary, texts), screen, 'bold'),
    ...figureLines(summary, screen),
    ...rulesLines(summary, screen),
    ...departmentLines(summary, screen),
    ...lackLines(summary, screen),
    ...labelLines(summary, screen),
    '',
    paint('bold', backtest.next.title),
    ...nextSteps(summary, texts).flatMap((step, index) => listed(`${index + 1}.`, step, screen)),
    '',
    ...(summary.toRead.length === 0 ? [] : paragraph(fill(backtest.terminal.list, { n: countOf(summary.toRead.length, texts) }), screen)),
    ...paragraph(backtest.promise, screen, 'dim'),
    ...paragraph(backtest.footer, screen, 'dim'),
  ];
}

function figureLines({ prompts, levels }: BacktestSummary, { paint, texts }: Screen): string[] {
  const { terminal, levels: words } = texts.backtest;
  const level = (style: Style, name: 'red' | 'orange' | 'yellow'): string =>
    `${paint(style, `${name === 'yellow' ? '○' : '●'} ${texts.levelsShort[name]}`)} ${countOf(levels[name], texts)}`;
  return [
    `  ${[
      fill(terminal.perThousand, { n: rateOf(prompts.perThousandMinorVisits, texts) }),
      fill(terminal.perDay, { perDay: rateOf(prompts.perDay, texts), busiestDay: prompts.busiestDay }),
      ...(prompts.again === 0 ? [] : [fill(terminal.again, { n: prompts.again })]),
    ].join(' · ')}`,
    `  ${words.title}  ${[level('red', 'red'), level('orange', 'orange'), level('yellow', 'yellow')].join('  ')}${
      levels.onlySilent === 0 ? '' : `  ${words.onlySilent} ${countOf(levels.onlySilent, texts)}`
    }`,
  ];
}

function rulesLines({ rules }: BacktestSummary, screen: Screen): string[] {
  const { paint, texts } = screen;
  const { backtest } = texts;
  const loud = rules.filter((rule) => rule.prompts > 0);
  if (loud.length === 0) return [];
  const shown = loud.slice(0, RULES_SHOWN);
  const width = Math.max(...shown.map(({ ruleId }) => widthOf(ruleId)));
  const numbers = (a: string, b: string): string => `${flushRight(a, 9)}${flushRight(b, 14)}`;
  return [
    '',
    paint('bold', backtest.rules.title),
    paint('dim', `  ${padded('', width)}${numbers(backtest.columns.prompts, backtest.columns.alone)}`),
    ...shown.map(
      ({ ruleId, prompts, alone, statutory }) =>
        `  ${padded(ruleId, width)}${numbers(countOf(prompts, texts), countOf(alone, texts))}  ${ruleSummary(ruleId, texts)}${
          statutory ? paint('red', `  ${texts.indication.statutory}`) : ''
        }`,
    ),
    ...(loud.length > shown.length ? [paint('dim', `  ${fill(backtest.terminal.more, { n: loud.length - shown.length })}`)] : []),
  ];
}

function departmentLines(summary: BacktestSummary, screen: Screen): string[] {
  const { paint, texts } = screen;
  const [departments] = groupTables(summary, texts);
  if (departments === undefined || summary.prompts.all === 0) return [];
  const { columns, interrupted } = texts.backtest;
  const shown = departments.rows.slice(0, DEPARTMENTS_SHOWN).map((row) => ({ ...row, name: departments.nameOf(row.name) }));
  const width = Math.max(...shown.map(({ name }) => widthOf(name)));
  const numbers = (a: string, b: string): string => `${flushRight(a, 18)}${flushRight(b, 16)}`;
  return [
    '',
    paint('bold', departments.title),
    paint('dim', `  ${padded('', width)}${numbers(columns.visits, columns.interruptions)}`),
    ...shown.map(
      ({ name, visits, interruptions }) => `  ${padded(name, width)}${numbers(countOf(visits, texts), cellOf(interruptions, texts))}`,
    ),
    ...wrapped([{ text: `  ${interrupted.note}`, style: 'dim' }], screen.columns, 2, paint),
  ];
}

function lackLines({ parts, issues, readingIssues, unreadable, visits }: BacktestSummary, screen: Screen): string[] {
  const { paint, texts } = screen;
  const { backtest } = texts;
  const children = visits.minors + visits.ageUnknown;
  const some = children === 0 ? [] : parts.filter((one) => one.visits < children / 2);
  const records = unreadable.reduce((sum, one) => sum + one.records, 0);
  const codes = unreadable.map(({ code }) => code).join(', ');
  return [
    '',
    paint('bold', backtest.lacks.title),
    ...some.flatMap(({ part, visits: there }) =>
      listed('·', `${backtest.parts[part][0]} ${percentOf(there / children)}  ${backtest.parts[part][1]}`, screen),
    ),
    ...(records === 0 ? [] : listed('·', fill(backtest.lacks.unreadable, { n: countOf(records, texts), codes }), screen)),
    ...[
      ...readingIssues.map(({ code, places }) => [code, places] as const),
      ...issues.map((one) => [one.code, one.visits] as const),
    ].flatMap(([code, count]) => listed('·', `${issueText(code, texts)} ${countOf(count, texts)}`, screen)),
    ...(some.length + records + readingIssues.length + issues.length === 0 ? [`  ${backtest.lacks.nothing}`] : []),
  ];
}

function labelLines({ labels }: BacktestSummary, screen: Screen): string[] {
  if (labels === null) return [];
  const { paint, texts } = screen;
  const { labels: words } = texts.backtest;
  const { given, matched, found, redAtRed, leftAlone } = labels;
  return [
    '',
    paint('bold', words.title),
    ...paragraph(fill(words.matched, { given, matched }), screen, 'dim'),
    ...(
      [
        ['found', found],
        ['redAtRed', redAtRed],
        ['leftAlone', leftAlone],
      ] as const
    ).map(([name, share]) => `  ${words[name]}  ${shareText(share, texts)}`),
  ];
}

function paragraph(text: string, { paint, columns }: Screen, style?: Style): string[] {
  return wrapped([{ text, style }], columns - 2, 0, paint).map((line) => `  ${line}`);
}

function listed(mark: string, text: string, { paint, columns }: Screen): string[] {
  const indent = widthOf(mark) + 3;
  return wrapped([{ text: `  ${mark} ${text}`, style: undefined }], columns, indent, paint);
}

/** Flush right, as numbers stand. */
function flushRight(text: string, width: number): string {
  return `${' '.repeat(Math.max(1, width - widthOf(text)))}${text}`;
}
