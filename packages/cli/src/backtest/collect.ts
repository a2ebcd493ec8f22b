import type { Clock, IssueCode, ZhidaErrorCode } from '@zhida/core';
import type { Assessment, Indication } from '@zhida/detect';
import { promptingIndications } from '@zhida/gateway';
import type { ReadEncounter, ReadRecord } from '../scan/reading.js';
import type { Label } from './labels.js';
import { type Part, PARTS, isNotCarried, isThere } from './parts.js';
import { type Rows, createRows } from './rows.js';
import { type MarkedVisit, type MarkReason, type Under, keysOf, spanOf, underOf } from './visit.js';

/** All that a back-test keeps of what it read: counts, four numbers for each visit of a child, and the marks of those with a reason. */
export interface Collected {
  /** Rows of visits, each revision of its own. */
  encounters: number;
  visits: number;
  readonly minor: Record<Assessment['minor'], number>;
  withoutTime: number;
  /** Visits of children and of unknown age, by what they are counted under. */
  readonly under: { readonly [Key in keyof Under]: Map<Under[Key], number> };
  readonly parts: Record<Part, { there: number; notCarried: number }>;
  /** Visits of children and of unknown age in which something could not be used, by code. */
  readonly issues: Map<IssueCode, number>;
  /** What was wrong with records as a whole, by code: how many places. */
  readonly readingIssues: Map<IssueCode, number>;
  readonly unreadable: Map<ZhidaErrorCode, number>;
  readonly rows: Rows;
  readonly marks: Map<number, MarkedVisit>;
  /** Labelled visits by their key, each with its rows (−1 for an adult's, which has none). */
  readonly labelled: Map<number, { readonly label: Label; readonly rows: number[] }>;
  /** Ids of labels that a visit has. */
  readonly labelIds: Set<string>;
}

/** Names of departments and days that are kept apart; a column read as the wrong thing could have as many as there are visits. */
const NAMES_MAX = 5_000;

/** How a back-test counts, one encounter after the other. */
export interface Collector {
  readonly collected: Collected;
  record(record: ReadRecord): void;
  visit(encounter: ReadEncounter, assessment: Assessment, ref: string): void;
}

export function createCollector(clock: Clock, labels: ReadonlyMap<string, Label>): Collector {
  const collected = emptyCollected();
  const seen = new Set<number>();
  return {
    collected,
    record({ unreadable, issues }) {
      if (unreadable !== undefined) add(collected.unreadable, unreadable.code);
      for (const { code, severity } of issues) if (severity !== 'information') add(collected.readingIssues, code);
    },
    visit({ snapshot }, assessment, ref) {
      collected.encounters += 1;
      const keys = keysOf(snapshot);
      const under = underOf(snapshot, assessment);
      const isNew = !seen.has(keys.visit);
      seen.add(keys.visit);
      if (isNew) countVisit(collected, snapshot, assessment, under);
      const { start, end } = spanOf(snapshot, clock);
      // Of an adult nothing is asked, and nothing kept.
      const row = assessment.minor === 'no' ? -1 : collected.rows.add(keys.patient, keys.visit, start, end);
      const reasons = reasonsOf(assessment);
      if (row >= 0 && reasons.length > 0)
        collected.marks.set(row, { ref, visit: keys.visit, reasons, under, ageUnknown: assessment.minor === 'unknown' });
      const label = labels.get(snapshot.id);
      if (label === undefined) return;
      collected.labelIds.add(snapshot.id);
      const known = collected.labelled.get(keys.visit);
      if (known === undefined) collected.labelled.set(keys.visit, { label, rows: [row] });
      else known.rows.push(row);
    },
  };
}

function reasonsOf(assessment: Assessment): MarkReason[] {
  const prompting = new Set<Indication>(promptingIndications(assessment));
  return assessment.indications
    .filter(({ level }) => level !== 'none')
    .map((indication) => {
      const { ruleId, level, silent, statutory, situation } = indication;
      return { ruleId, level, silent, statutory, situation, prompts: prompting.has(indication) };
    });
}

function emptyCollected(): Collected {
  return {
    encounters: 0,
    visits: 0,
    minor: { yes: 0, no: 0, unknown: 0 },
    withoutTime: 0,
    under: { department: new Map(), class: new Map(), band: new Map(), hour: new Map(), day: new Map() },
    parts: Object.fromEntries(PARTS.map((part) => [part, { there: 0, notCarried: 0 }])) as Collected['parts'],
    issues: new Map(),
    readingIssues: new Map(),
    unreadable: new Map(),
    rows: createRows(),
    marks: new Map(),
    labelled: new Map(),
    labelIds: new Set(),
  };
}

/** A visit told twice is counted as it was told first. */
function countVisit(collected: Collected, snapshot: ReadEncounter['snapshot'], { minor, issues }: Assessment, under: Under): void {
  collected.visits += 1;
  collected.minor[minor] += 1;
  if (under.day === undefined) collected.withoutTime += 1;
  if (minor === 'no') return;
  const { department, class: visitClass, band, hour, day } = under;
  add(collected.under.department, department);
  add(collected.under.class, visitClass);
  add(collected.under.band, band);
  add(collected.under.hour, hour);
  add(collected.under.day, day);
  for (const part of PARTS) {
    if (isThere(snapshot, part)) collected.parts[part].there += 1;
    else if (isNotCarried(snapshot, part)) collected.parts[part].notCarried += 1;
  }
  const codes = new Set(issues.filter(({ severity }) => severity !== 'information').map(({ code }) => code));
  for (const code of codes) add(collected.issues, code);
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  const known = counts.get(key);
  if (known === undefined && counts.size >= NAMES_MAX) return;
  counts.set(key, (known ?? 0) + 1);
}
