import { type Sentence, lawOf } from '../explanation/encounter.js';
import { escaped } from '../explanation/escaped.js';
import { type Texts, fill, localeOf } from '../locales/texts.js';
import { nationalRulePack, nationalWording } from '@zhida/packs';
import { issueText, nextSteps } from './advice.js';
import type { GroupRow } from './groups.js';
import { BACKTEST_POLICY, BACKTEST_STYLE } from './page-style.js';
import type { BacktestSummary, RuleCounted, VisitToRead } from './summary.js';
import { type Column, section, table } from './page-table.js';
import { cellOf, countOf, departmentName, factLines, groupTables, headlineOf, percentOf, rateOf, ruleSummary, shareText } from './words.js';

/** Rules shown with their law and reason, and visits listed on a page. */
const LOUDEST = 8;
const LISTED_MAX = 1_000;

/** One page by itself, for a screen and for A4: no script, nothing loaded from elsewhere. Equal summaries give equal bytes. */
export function backtestPage(summary: BacktestSummary, texts: Texts): string {
  const { backtest } = texts;
  const { id, version, digest, overlay } = summary.rulePack;
  return [
    '<!doctype html>',
    `<html lang="${texts.lang}"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${BACKTEST_POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">',
    `<title>${escaped(backtest.title)}</title><style>${BACKTEST_STYLE}</style></head><body><main>`,
    `<h1>${escaped(backtest.title)}</h1><p>${escaped(backtest.subtitle)}</p>`,
    `<p class="promise">${escaped(backtest.promise)}</p>`,
    `<p class="quiet">${factLines(summary, texts).map(escaped).join('<br>')}</p><br>`,
    headSection(summary, texts),
    nextSection(summary, texts),
    summary.prompts.all === 0 ? '' : groupsSection(summary, texts),
    summary.rules.length === 0 ? '' : rulesSection(summary, texts),
    lacksSection(summary, texts),
    labelsSection(summary, texts),
    listSection(summary, texts),
    `<footer>${[
      backtest.footer,
      fill(texts.page.pack, { id, version, digest: digest.slice(0, 12) }),
      ...(overlay === undefined ? [] : [fill(texts.page.overlay, { digest: overlay.slice(0, 12) })]),
    ]
      .map((text) => `<p>${escaped(text)}</p>`)
      .join('')}</footer>`,
    '</main></body></html>',
    '',
  ].join('\n');
}

function headSection(summary: BacktestSummary, texts: Texts): string {
  const { backtest } = texts;
  const { prompts, levels } = summary;
  const figure = (value: string, label: string): string => `<div><b>${escaped(value)}</b><span>${escaped(label)}</span></div>`;
  const figures = [
    figure(rateOf(prompts.perDay, texts), backtest.figures.perDay),
    figure(countOf(prompts.busiestDay, texts), backtest.figures.busiestDay),
    figure(rateOf(prompts.perThousandMinorVisits, texts), backtest.figures.perThousand),
    figure(countOf(prompts.again, texts), backtest.figures.again),
  ];
  const level = (name: 'red' | 'orange' | 'yellow' | 'none'): string =>
    `<li class="${name}"><span class="swatch"></span>${escaped(texts.levelsShort[name])} <b>${countOf(levels[name], texts)}</b></li>`;
  const more = (label: string, count: number): string => (count === 0 ? '' : `<li>${escaped(label)} <b>${countOf(count, texts)}</b></li>`);
  const situations = table(
    [{ head: backtest.columns.situation }, { head: backtest.columns.count, isNumber: true }],
    summary.situations.map(({ situation, visits }) => [
      escaped(lawOf([`opinion-2020:4.${situation}`], localeOf(texts))[0]?.text ?? ''),
      countOf(visits, texts),
    ]),
  );
  return `<section><p class="headline">${escaped(headlineOf(summary, texts))}</p><div class="figures">${figures.join('')}</div>
<p class="quiet">${escaped(backtest.counted)}</p><h3>${escaped(backtest.levels.title)}</h3><ul class="sum">${level('red')}${level('orange')}${level('yellow')}${level('none')}${more(
    backtest.levels.statutory,
    levels.statutory,
  )}${more(backtest.levels.onlySilent, levels.onlySilent)}</ul>${
    summary.situations.length === 0 ? '' : `<h3>${escaped(backtest.situations.title)}</h3>${situations}`
  }</section>`;
}

function nextSection(summary: BacktestSummary, texts: Texts): string {
  const steps = nextSteps(summary, texts).map((step) => `<li>${escaped(step)}</li>`);
  return section(texts.backtest.next.title, `<ol>${steps.join('')}</ol>`);
}

function groupsSection(summary: BacktestSummary, texts: Texts): string {
  const { interrupted } = texts.backtest;
  const [departments, classes, ages, hours] = groupTables(summary, texts).map(
    ({ title, column, rows, nameOf }) => `<div><h3>${escaped(title)}</h3>${groupTable(column, rows, nameOf, texts)}</div>`,
  );
  return section(
    interrupted.title,
    `<p class="quiet">${escaped(interrupted.note)}</p>${departments}<div class="two"><div>${classes}${ages}</div>${hours}</div>`,
  );
}

function groupTable(column: string, rows: readonly GroupRow[], nameOf: (name: string) => string, texts: Texts): string {
  const { columns } = texts.backtest;
  const most = Math.max(1, ...rows.map(({ interruptions }) => interruptions ?? 0));
  return table(
    [
      { head: column },
      { head: columns.visits, isNumber: true },
      { head: columns.interruptions, isNumber: true },
      { head: '', className: 'bar' },
    ],
    rows.map(({ name, visits, interruptions }) => [
      escaped(nameOf(name)),
      countOf(visits, texts),
      cellOf(interruptions, texts),
      interruptions === null ? '' : bar(interruptions / most),
    ]),
  );
}

function bar(part: number): string {
  return `<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${(part * 100).toFixed(1)}" height="10"/></svg>`;
}

function rulesSection(summary: BacktestSummary, texts: Texts): string {
  const { backtest } = texts;
  const { rules, departmentRules } = summary;
  const loudest = rules.filter(({ prompts }) => prompts > 0).slice(0, LOUDEST);
  const columns: Column[] = [
    { head: backtest.columns.rule },
    { head: backtest.columns.prompts, isNumber: true },
    { head: backtest.columns.alone, isNumber: true },
    { head: backtest.columns.byLevel, isNumber: true },
    ...(rules.some(({ silent }) => silent > 0) ? [{ head: backtest.columns.silent, isNumber: true }] : []),
  ];
  const rows = rules.map(({ ruleId, prompts, alone, red, orange, yellow, silent }) =>
    [
      `${escaped(ruleSummary(ruleId, texts))} <span class="quiet id">${escaped(ruleId)}</span>`,
      countOf(prompts, texts),
      countOf(alone, texts),
      `${countOf(red, texts)} / ${countOf(orange, texts)} / ${countOf(yellow, texts)}`,
      countOf(silent, texts),
    ].slice(0, columns.length),
  );
  const inDepartments = table(
    [{ head: backtest.columns.department }, { head: backtest.columns.rule }, { head: backtest.columns.range, isNumber: true }],
    departmentRules.map(({ department, ruleId, interruptions }) => [
      escaped(departmentName(department, texts)),
      `${escaped(ruleSummary(ruleId, texts))} <span class="quiet id">${escaped(ruleId)}</span>`,
      escaped(interruptions),
    ]),
  );
  return section(
    backtest.rules.title,
    [
      `<p class="quiet">${escaped(backtest.rules.note)}</p>`,
      loudest.length === 0 ? '' : `<h3>${escaped(fill(backtest.rules.loudest, { n: loudest.length }))}</h3>`,
      ...loudest.map((rule) => ruleHtml(rule, texts)),
      sentencesHtml(loudest, texts),
      `<h3>${escaped(backtest.rules.all)}</h3>${table(columns, rows)}`,
      departmentRules.length === 0
        ? ''
        : `<h3>${escaped(backtest.rules.inDepartments)}</h3><p class="quiet">${escaped(backtest.rules.inDepartmentsNote)}</p>${inDepartments}`,
    ].join(''),
  );
}

/** The sentences of law a rule may stand on: the items of article 4 first. */
function lawOfRule(ruleId: string, texts: Texts): Sentence[] {
  const rule = nationalRulePack.rules.find(({ id }) => id === ruleId);
  const items = rule?.situations.map(({ situation }) => `opinion-2020:4.${situation}`) ?? [];
  return lawOf([...new Set([...items, ...(rule?.legalBasis ?? [])])], localeOf(texts));
}

function ruleHtml({ ruleId, prompts, statutory }: RuleCounted, texts: Texts): string {
  const { backtest, indication } = texts;
  const line = (label: string, text: string | undefined): string =>
    text === undefined || text === '' ? '' : `<p><span class="quiet">${escaped(label)}</span> ${escaped(text)}</p>`;
  const names = lawOfRule(ruleId, texts).map(({ name }) => name);
  return [
    `<div class="rule"><h4>${escaped(ruleSummary(ruleId, texts))} <span class="quiet id">${escaped(ruleId)}</span></h4>`,
    `<p><span class="quiet">${escaped(backtest.columns.prompts)}</span> <b>${countOf(prompts, texts)}</b>${statutory ? ` <span class="tag red">${escaped(indication.statutory)}</span>` : ''}</p>`,
    line(indication.why, nationalWording[ruleId]?.why[localeOf(texts)]),
    line(indication.law, names.join(indication.separator)),
    '</div>',
  ].join('');
}

/** Each sentence once, word for word. */
function sentencesHtml(rules: readonly RuleCounted[], texts: Texts): string {
  const sentences = new Map(rules.flatMap(({ ruleId }) => lawOfRule(ruleId, texts)).map((sentence) => [sentence.name, sentence]));
  if (sentences.size === 0) return '';
  const lines = [...sentences.values()].map(({ name, text }) => `<p>${escaped(text)}<span class="law">${escaped(name)}</span></p>`);
  return `<h3>${escaped(texts.indication.sentences)}</h3><div class="sentences">${lines.join('')}</div>`;
}

function lacksSection(summary: BacktestSummary, texts: Texts): string {
  const { lacks, columns, parts } = texts.backtest;
  const { visits, unreadable, issues, readingIssues } = summary;
  const children = visits.minors + visits.ageUnknown;
  const rows = summary.parts.map(({ part, visits: there, notCarried }) => [
    escaped(parts[part][0] ?? part),
    escaped(children === 0 ? '–' : percentOf(there / children)),
    `${there < children ? escaped(parts[part][1] ?? '') : ''}${notCarried === 0 ? '' : escaped(fill(lacks.notCarried, { n: countOf(notCarried, texts) }))}`,
  ]);
  const records = unreadable.reduce((sum, one) => sum + one.records, 0);
  const codes = unreadable.map(({ code }) => code).join(', ');
  const issueTable = (title: string, lines: readonly (readonly [string, number])[]): string =>
    lines.length === 0
      ? ''
      : `<h3>${escaped(title)}</h3>${table(
          [{ head: columns.issue }, { head: columns.count, isNumber: true }],
          lines.map(([code, count]) => [
            `${escaped(issueText(code, texts))} <span class="quiet id">${escaped(code)}</span>`,
            countOf(count, texts),
          ]),
        )}`;
  return section(
    lacks.title,
    [
      `<p class="quiet">${escaped(lacks.note)}</p>`,
      records === 0 ? '' : `<p><b>${escaped(fill(lacks.unreadable, { n: countOf(records, texts), codes }))}</b></p>`,
      table([{ head: columns.part }, { head: columns.there, isNumber: true }, { head: columns.without }], rows),
      issueTable(
        lacks.reading,
        readingIssues.map(({ code, places }) => [code, places]),
      ),
      issueTable(
        lacks.inVisits,
        issues.map(({ code, visits: count }) => [code, count]),
      ),
    ].join(''),
  );
}

function labelsSection({ labels }: BacktestSummary, texts: Texts): string {
  if (labels === null) return '';
  const { labels: words, columns } = texts.backtest;
  const { given, matched, found, redAtRed, leftAlone, rules } = labels;
  const shares = [
    [escaped(words.found), escaped(shareText(found, texts))],
    [escaped(words.redAtRed), escaped(shareText(redAtRed, texts))],
    [escaped(words.leftAlone), escaped(shareText(leftAlone, texts))],
  ];
  const perRule = rules.map(({ ruleId, right }) => [
    `${escaped(ruleSummary(ruleId, texts))} <span class="quiet id">${escaped(ruleId)}</span>`,
    escaped(shareText(right, texts)),
  ]);
  return section(
    words.title,
    [
      `<p class="quiet">${escaped(fill(words.matched, { given, matched }))}</p>`,
      table([{ head: '' }, { head: '', isNumber: true }], shares),
      perRule.length === 0
        ? ''
        : `<h3>${escaped(words.rules)}</h3>${table([{ head: columns.rule }, { head: columns.right, isNumber: true }], perRule)}`,
    ].join(''),
  );
}

function listSection({ toRead }: BacktestSummary, texts: Texts): string {
  const { list, columns } = texts.backtest;
  if (toRead.length === 0) return section(list.title, `<p>${escaped(list.nothing)}</p>`);
  const rows = toRead.slice(0, LISTED_MAX).map((visit) => listRow(visit, texts));
  const left = toRead.length - rows.length;
  const head: Column[] = [
    { head: columns.ref },
    { head: columns.level },
    { head: columns.why },
    { head: columns.decision, className: 'blank' },
    { head: columns.signature, className: 'blank' },
  ];
  return section(
    list.title,
    `<p class="quiet">${escaped(list.note)}</p><p class="signed"><span>${escaped(list.responsible)}</span><span>${escaped(list.date)}</span></p><div class="list">${table(head, rows)}</div>${
      left === 0 ? '' : `<p>${escaped(fill(list.left, { n: countOf(left, texts) }))}</p>`
    }`,
  );
}

function listRow({ ref, level, statutory, ruleIds }: VisitToRead, texts: Texts): string[] {
  const separator = texts.lang === 'en' ? '; ' : '；';
  return [
    `<span class="id">${escaped(ref)}</span>`,
    `<span class="tag ${level}">${escaped(texts.levelsShort[level])}${statutory ? ` ${escaped(texts.backtest.list.statutory)}` : ''}</span>`,
    escaped(ruleIds.map((ruleId) => ruleSummary(ruleId, texts) || ruleId).join(separator)),
    '',
    '',
  ];
}
