import type { RulesUsed } from '@zhida/detect';
import type { Level } from '@zhida/packs';
import type { Collected } from './collect.js';
import { type Interruption, type Prompted, promptingReasons, promptsOf, toldOf } from './episodes.js';
import { type Compared, comparedWith } from './compared.js';
import { PARTS, type Part } from './parts.js';
import { type GroupRow, countsOf, departmentsOf, groupsOf, loudInDepartments } from './groups.js';
import { AGE_BANDS, HOURS_TOGETHER, type MarkedVisit } from './visit.js';

/** What a back-test tells. Nothing in it is about one person: groups of fewer than five are withheld, and a visit is named by where it stands in the input. */
export interface BacktestSummary {
  readonly schemaVersion: '1';
  readonly rulePack: RulesUsed;
  readonly files: number;
  readonly seconds: number;
  /** First and last day of the visits, and on how many days there was any. */
  readonly period: { readonly from: string | null; readonly to: string | null; readonly days: number };
  readonly visits: {
    readonly all: number;
    readonly repeated: number;
    readonly minors: number;
    readonly adults: number;
    readonly ageUnknown: number;
    readonly withoutTime: number;
  };
  /** Visits of children and of unknown age by the highest level they show, silent rules left out. */
  readonly levels: Readonly<Record<Level, number>> & { readonly statutory: number; readonly onlySilent: number };
  readonly prompts: {
    readonly all: number;
    readonly red: number;
    readonly orange: number;
    readonly statutory: number;
    readonly ageUnknown: number;
    /** How often a prompt would have spoken again. */
    readonly again: number;
    readonly perThousandMinorVisits: number | null;
    readonly perDay: number | null;
    readonly busiestDay: number;
  };
  readonly rules: readonly RuleCounted[];
  readonly situations: readonly { readonly situation: number; readonly visits: number }[];
  readonly departments: readonly GroupRow[];
  readonly departmentRules: readonly { readonly department: string; readonly ruleId: string; readonly interruptions: string }[];
  readonly classes: readonly GroupRow[];
  readonly ages: readonly GroupRow[];
  readonly hours: readonly GroupRow[];
  readonly parts: readonly { readonly part: Part; readonly visits: number; readonly notCarried: number }[];
  readonly issues: readonly { readonly code: string; readonly visits: number }[];
  readonly readingIssues: readonly { readonly code: string; readonly places: number }[];
  readonly unreadable: readonly { readonly code: string; readonly records: number }[];
  readonly labels: Compared | null;
  /** The visits a person has to look at, gravest first, by where they stand. */
  readonly toRead: readonly VisitToRead[];
}

export interface RuleCounted {
  readonly ruleId: string;
  readonly statutory: boolean;
  /** Visits at which it speaks, by level. */
  readonly red: number;
  readonly orange: number;
  readonly yellow: number;
  /** Visits at which the hospital's overlay keeps it silent. */
  readonly silent: number;
  /** Prompts it has a part in, and those in which it is the only reason. */
  readonly prompts: number;
  readonly alone: number;
}

export interface VisitToRead {
  /** `2:1043`: line 1043 of the second file. */
  readonly ref: string;
  readonly level: 'red' | 'orange';
  readonly statutory: boolean;
  readonly ruleIds: readonly string[];
}

export interface SummaryInput {
  readonly collected: Collected;
  readonly rulePack: RulesUsed;
  readonly files: number;
  readonly seconds: number;
  /** Labels that were given, whether or not there is a visit for each. */
  readonly labels: number | undefined;
}

const HOURS: readonly number[] = Array.from({ length: 24 / HOURS_TOGETHER }, (_none, index) => index * HOURS_TOGETHER);

export function summaryOf({ collected, rulePack, files, seconds, labels }: SummaryInput): BacktestSummary {
  const prompted = promptsOf(collected.rows, collected.marks);
  const visits = markedVisits(collected.marks);
  const { under, minor } = collected;
  const period = periodOf(collected);
  return {
    schemaVersion: '1',
    rulePack,
    files,
    seconds,
    period,
    visits: {
      all: collected.visits,
      repeated: collected.encounters - collected.visits,
      minors: minor.yes,
      adults: minor.no,
      ageUnknown: minor.unknown,
      withoutTime: collected.withoutTime,
    },
    levels: levelsOf(visits, minor.yes + minor.unknown),
    prompts: promptsCounted(prompted, minor.yes, period.days),
    rules: rulesOf(visits, prompted),
    situations: situationsOf(visits),
    departments: departmentsOf(under.department, prompted.interruptions),
    departmentRules: loudInDepartments(under.department, prompted.interruptions),
    classes: groupsOf([...under.class.keys()].toSorted(), under.class, prompted.interruptions, ({ mark }) => mark.under.class),
    ages: groupsOf(AGE_BANDS, under.band, prompted.interruptions, ({ mark }) => mark.under.band),
    hours: groupsOf(HOURS, under.hour, prompted.interruptions, ({ mark }) => mark.under.hour),
    parts: PARTS.map((part) => ({ part, visits: collected.parts[part].there, notCarried: collected.parts[part].notCarried })),
    issues: mostFirst(collected.issues).map(([code, number]) => ({ code, visits: number })),
    readingIssues: mostFirst(collected.readingIssues).map(([code, places]) => ({ code, places })),
    unreadable: mostFirst(collected.unreadable).map(([code, records]) => ({ code, records })),
    labels: labels === undefined ? null : comparedWith(collected, labels),
    toRead: visits.flatMap(toReadOf).toSorted(gravestFirst),
  };
}

/** The marks of one visit, told once or more, in the order of the input. */
function markedVisits(marks: ReadonlyMap<number, MarkedVisit>): MarkedVisit[][] {
  const byVisit = new Map<number, MarkedVisit[]>();
  for (const mark of marks.values()) byVisit.set(mark.visit, [...(byVisit.get(mark.visit) ?? []), mark]);
  return [...byVisit.values()];
}

function periodOf({ under }: Collected): BacktestSummary['period'] {
  const days = [...under.day.keys()].filter((day) => day !== undefined).toSorted();
  return { from: days[0] ?? null, to: days.at(-1) ?? null, days: days.length };
}

function levelsOf(visits: readonly MarkedVisit[][], all: number): BacktestSummary['levels'] {
  const counts = { red: 0, orange: 0, yellow: 0, none: all, statutory: 0, onlySilent: 0 };
  for (const marks of visits) {
    const loud = marks.flatMap(({ reasons }) => reasons.filter(({ silent }) => !silent));
    const level = (['red', 'orange', 'yellow'] as const).find((one) => loud.some((reason) => reason.level === one));
    if (loud.some(({ statutory }) => statutory)) counts.statutory += 1;
    if (level === undefined) counts.onlySilent += 1;
    else {
      counts[level] += 1;
      counts.none -= 1;
    }
  }
  return counts;
}

function promptsCounted({ prompts, interruptions }: Prompted, minors: number, days: number): BacktestSummary['prompts'] {
  const red = prompts.filter(({ level }) => level === 'red').length;
  return {
    all: prompts.length,
    red,
    orange: prompts.length - red,
    statutory: prompts.filter(({ statutory }) => statutory).length,
    ageUnknown: prompts.filter(({ ageUnknown }) => ageUnknown).length,
    again: interruptions.filter(({ again }) => again).length,
    perThousandMinorVisits: minors === 0 ? null : (prompts.length / minors) * 1000,
    perDay: days === 0 ? null : interruptions.length / days,
    busiestDay: busiestOf(interruptions),
  };
}

function busiestOf(interruptions: readonly Interruption[]): number {
  const days = interruptions.map(({ mark }) => mark.under.day).filter((day) => day !== undefined);
  return Math.max(0, ...countsOf(days).values());
}

function rulesOf(visits: readonly MarkedVisit[][], { prompts }: Prompted): RuleCounted[] {
  const rules = new Map<string, { -readonly [Key in keyof RuleCounted]: RuleCounted[Key] }>();
  for (const marks of visits) {
    const once = new Map(
      marks.flatMap(({ reasons }) => reasons).map((reason) => [`${reason.ruleId} ${reason.level} ${reason.silent}`, reason]),
    );
    for (const { ruleId, level, silent, statutory } of once.values()) {
      const rule = rules.get(ruleId) ?? { ruleId, statutory: false, red: 0, orange: 0, yellow: 0, silent: 0, prompts: 0, alone: 0 };
      rules.set(ruleId, rule);
      rule.statutory ||= statutory;
      if (silent) rule.silent += 1;
      else if (level !== 'none') rule[level] += 1;
    }
  }
  for (const { ruleIds } of prompts) {
    for (const ruleId of ruleIds) {
      const rule = rules.get(ruleId);
      if (rule === undefined) continue;
      rule.prompts += 1;
      if (ruleIds.length === 1) rule.alone += 1;
    }
  }
  return [...rules.values()].toSorted((a, b) => b.prompts - a.prompts || b.alone - a.alone || (a.ruleId < b.ruleId ? -1 : 1));
}

function situationsOf(visits: readonly MarkedVisit[][]): BacktestSummary['situations'] {
  const counts = countsOf(visits.flatMap((marks) => [...new Set(marks.flatMap(promptingReasons).map(({ situation }) => situation))]));
  return [...counts].toSorted(([a], [b]) => a - b).map(([situation, number]) => ({ situation, visits: number }));
}

function toReadOf(marks: readonly MarkedVisit[]): VisitToRead[] {
  const { level, ...told } = toldOf(marks);
  return level === 'none' ? [] : [{ ref: marks.at(-1)?.ref ?? '', level, ...told }];
}

/** Where the input has one order, it stays. */
function gravestFirst(a: VisitToRead, b: VisitToRead): number {
  return rank(b) - rank(a);
}

function rank({ level, statutory }: VisitToRead): number {
  return (statutory ? 2 : 0) + (level === 'red' ? 1 : 0);
}

function mostFirst<Key extends string>(counts: ReadonlyMap<Key, number>): [Key, number][] {
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}
