import { type Texts, fill, wordOf } from '../locales/texts.js';
import type { BacktestSummary } from './summary.js';
import { countOf, percentOf } from './words.js';

/** Parts of all prompts, visits and days from which something is worth saying. */
const LOUD = 0.3;
const LOUD_PROMPTS_MIN = 10;
const AGE_UNKNOWN = 0.01;
const MANY_PER_DAY = 10;
const FEW_PER_DAY = 3;
const FEW_OF_CHILDREN = 0.03;

/** What whoever reads a back-test should do next, in the order in which to do it. */
export function nextSteps(summary: BacktestSummary, texts: Texts): string[] {
  const { next, parts } = texts.backtest;
  const { prompts, visits, rules, toRead, unreadable, labels } = summary;
  const records = unreadable.reduce((sum, one) => sum + one.records, 0);
  const lacking = summary.parts.filter((one) => one.visits === 0).map(({ part }) => parts[part][0] ?? part);
  const loud = rules.filter((rule) => !rule.statutory && prompts.all >= LOUD_PROMPTS_MIN && rule.alone / prompts.all >= LOUD);
  const children = visits.minors + visits.ageUnknown;
  return [
    ...(toRead.length > 0 ? [next.responsible, next.backlog] : []),
    ...(records > 0 ? [fill(next.unreadable, { n: countOf(records, texts) })] : []),
    ...(visits.ageUnknown > visits.all * AGE_UNKNOWN ? [fill(next.age, { percent: percentOf(visits.ageUnknown / visits.all) })] : []),
    ...(children > 0 && lacking.length > 0 ? [fill(next.parts, { parts: lacking.join(texts.lang === 'en' ? ', ' : '、') })] : []),
    ...(loud.length > 0 ? [fill(next.loud, { rules: loud.map(({ ruleId }) => ruleId).join(texts.lang === 'en' ? ', ' : '、') })] : []),
    ...howOften(prompts, children, texts),
    ...(children > 0 && labels === null ? [next.labels] : []),
    next.settle,
  ];
}

function howOften({ all, perDay }: BacktestSummary['prompts'], children: number, { backtest: { next } }: Texts): string[] {
  const daily = perDay ?? 0;
  if (daily > MANY_PER_DAY) return [fill(next.many, { perDay: daily.toFixed(1) })];
  return all > 0 && daily <= FEW_PER_DAY && all <= children * FEW_OF_CHILDREN ? [next.few] : [];
}

/** What an issue means, in words where there are any. */
export function issueText(code: string, texts: Texts): string {
  return wordOf(texts.issues, code) || wordOf(texts.backtest.issues, code) || code;
}
