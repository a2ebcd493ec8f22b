import { nationalRulePack } from '@zhida/packs';
import { type Texts, fill, localeOf, wordOf } from '../locales/texts.js';
import { OTHERS, type GroupRow } from './groups.js';
import type { Share } from './labels.js';
import type { Cell } from './small-cells.js';
import type { BacktestSummary } from './summary.js';
import { HOURS_TOGETHER } from './visit.js';

/** A number with its thousands apart. */
export function countOf(count: number, { lang }: Texts): string {
  return count.toLocaleString(lang);
}

/** A count of a group, or a dash where it is withheld. */
export function cellOf(cell: Cell, texts: Texts): string {
  return cell === null ? '–' : countOf(cell, texts);
}

export function percentOf(part: number): string {
  const percent = part * 100;
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : percent.toFixed(0)}%`;
}

export function rateOf(rate: number | null, { backtest }: Texts): string {
  return rate === null ? backtest.figures.unknown : rate.toFixed(1);
}

export function shareText({ part, whole, low, high }: Share, { backtest }: Texts): string {
  if (whole === 0) return backtest.labels.noShare;
  return fill(backtest.labels.share, { part, whole, percent: percentOf(part / whole), low: percentOf(low), high: percentOf(high) });
}

/** What a rule speaks of, in a few words. */
export function ruleSummary(ruleId: string, texts: Texts): string {
  return nationalRulePack.rules.find(({ id }) => id === ruleId)?.summary[localeOf(texts)] ?? '';
}

export function departmentName(name: string, { backtest }: Texts): string {
  if (name === OTHERS) return backtest.others;
  return name === '' ? backtest.unnamed : name;
}

/** The tables of who would have been asked, each with how a row of it is called. */
export function groupTables(
  summary: BacktestSummary,
  texts: Texts,
): { title: string; column: string; rows: readonly GroupRow[]; nameOf: (name: string) => string }[] {
  const { backtest } = texts;
  const { columns } = backtest;
  return [
    { title: backtest.departments, column: columns.department, rows: summary.departments, nameOf: (name) => departmentName(name, texts) },
    {
      title: backtest.classes,
      column: columns.class,
      rows: summary.classes,
      nameOf: (name) => wordOf(texts.classes, name) || backtest.unnamed,
    },
    { title: backtest.ages, column: columns.age, rows: summary.ages, nameOf: (name) => wordOf(backtest.bands, name) },
    { title: backtest.hours, column: columns.hour, rows: summary.hours, nameOf: hoursOf },
  ];
}

function hoursOf(name: string): string {
  const hour = (number: number): string => `${String(number).padStart(2, '0')}:00`;
  return `${hour(Number(name))}–${hour(Number(name) + HOURS_TOGETHER)}`;
}

/** When the visits were, how many, and how it was reckoned; one sentence a line. */
export function factLines({ period, visits, files, seconds }: BacktestSummary, texts: Texts): string[] {
  const { facts } = texts.backtest;
  const { from, to, days } = period;
  const count = (number: number): string => countOf(number, texts);
  return [
    from === null || to === null ? facts.noPeriod : fill(facts.period, { from, to, days: count(days) }),
    fill(facts.visits, {
      all: count(visits.all),
      minors: count(visits.minors),
      adults: count(visits.adults),
      ageUnknown: count(visits.ageUnknown),
    }),
    ...(visits.repeated === 0 ? [] : [fill(facts.repeated, { n: count(visits.repeated) })]),
    fill(facts.files, { files, seconds: seconds.toFixed(1) }),
  ];
}

export function headlineOf({ prompts, visits }: BacktestSummary, texts: Texts): string {
  const { backtest } = texts;
  if (prompts.all === 0) return backtest.none;
  const { all, red, orange, statutory } = prompts;
  return fill(backtest.headline, { minors: countOf(visits.minors, texts), prompts: countOf(all, texts), red, orange, statutory });
}
