import { GATEWAY_DEFAULTS, hasRisen } from '@zhida/gateway';
import type { Row, Rows } from './rows.js';
import type { MarkedVisit, MarkReason } from './visit.js';

/** A doctor is asked: a prompt that opens, or one that speaks again because there is something new to say. */
export interface Interruption {
  readonly mark: MarkedVisit;
  readonly again: boolean;
}

/** One prompt: a child and an episode. */
export interface PromptCounted {
  readonly level: 'red' | 'orange';
  readonly statutory: boolean;
  readonly ruleIds: readonly string[];
  readonly ageUnknown: boolean;
}

export interface Prompted {
  readonly prompts: readonly PromptCounted[];
  readonly interruptions: readonly Interruption[];
}

/** The reasons of a visit for which somebody is interrupted. */
export function promptingReasons(mark: MarkedVisit): MarkReason[] {
  return mark.reasons.filter(({ prompts }) => prompts);
}

interface OpenPrompt {
  first: number;
  last: number;
  /** What each visit says last. */
  readonly visits: Map<number, Told>;
  told: Told;
  /** The highest it ever said. */
  height: Told;
  ageUnknown: boolean;
}

interface Told {
  readonly level: 'red' | 'orange' | 'none';
  readonly statutory: boolean;
  readonly ruleIds: readonly string[];
}

const GAP_MS = GATEWAY_DEFAULTS.episodeGapHours * 3_600_000;
const NOTHING: Told = { level: 'none', statutory: false, ruleIds: [] };

/**
 * What the gateway would have asked, had each visit reached it at its own time: one prompt per child and episode (visits of one patient
 * with gaps of at most 72 hours), asked again when a visit adds a rule or raises the level. As nobody answered, no prompt was
 * ever ended by an answer; a visit told twice says what it says last.
 */
export function promptsOf(rows: Rows, marks: ReadonlyMap<number, MarkedVisit>): Prompted {
  const interrupting = [...marks].filter(([, mark]) => promptingReasons(mark).length > 0);
  const patients = new Set(interrupting.map(([row]) => rows.patientOf(row)));
  const prompts: PromptCounted[] = [];
  const interruptions: Interruption[] = [];
  let patient: number | undefined;
  let open: OpenPrompt[] = [];
  const end = (): void => {
    prompts.push(...open.map(countedOf));
    open = [];
  };
  for (const row of rows.sorted((key) => patients.has(key))) {
    if (row.patient !== patient) end();
    patient = row.patient;
    const mark = marks.get(row.row);
    const again = take(open, row, mark);
    if (again !== undefined && mark !== undefined) interruptions.push({ mark, again });
  }
  end();
  return { prompts, interruptions };
}

/** Folds one row into the prompts of its patient. @returns whether somebody is asked, and whether again */
function take(open: OpenPrompt[], row: Row, mark: MarkedVisit | undefined): boolean | undefined {
  const told = toldOf(mark === undefined ? [] : [mark]);
  const current = open.findLast(({ visits }) => visits.has(row.visit)) ?? open.findLast((prompt) => isNear(prompt, row));
  if (current === undefined) {
    if (told.level === 'none') return undefined;
    const visits = new Map([[row.visit, told]]);
    open.push({ first: row.start, last: row.end, visits, told, height: told, ageUnknown: mark?.ageUnknown === true });
    return false;
  }
  current.first = Math.min(current.first, row.start);
  current.last = Math.max(current.last, row.end);
  if (told.level !== 'none' || current.visits.has(row.visit)) current.visits.set(row.visit, told);
  const now = together([...current.visits.values()]);
  const risen = now.level !== 'none' && hasRisen(current.told, now);
  current.told = now;
  current.height = together([current.height, now]);
  return risen && told.level !== 'none' ? true : undefined;
}

function isNear({ first, last }: OpenPrompt, { start, end }: Row): boolean {
  return last >= start - GAP_MS && first <= end + GAP_MS;
}

/** What the reasons of these say together for which somebody is interrupted. */
export function toldOf(marks: readonly MarkedVisit[]): Told {
  return together(
    marks
      .flatMap(promptingReasons)
      .map(({ level, statutory, ruleId }) => ({ level: level === 'red' ? 'red' : 'orange', statutory, ruleIds: [ruleId] })),
  );
}

function together(all: readonly Told[]): Told {
  if (all.length === 0) return NOTHING;
  const speaking = all.filter(({ level }) => level !== 'none');
  return {
    level: speaking.some(({ level }) => level === 'red') ? 'red' : speaking.length > 0 ? 'orange' : 'none',
    statutory: speaking.some(({ statutory }) => statutory),
    ruleIds: [...new Set(speaking.flatMap(({ ruleIds }) => ruleIds))].toSorted(),
  };
}

function countedOf({ height, ageUnknown }: OpenPrompt): PromptCounted {
  return { ...height, level: height.level === 'red' ? 'red' : 'orange', ageUnknown };
}
