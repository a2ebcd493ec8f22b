import { type Exercise, type ExerciseStage, exerciseStage } from '@zhida/core';
import type { GatewayContext } from '../context.js';
import { UNANSWERED } from '../prompts/states.js';
import type { DeskLine, DeskReport } from './desk-relay.js';
import { pressedWhere } from './held.js';
import type { DeskRow } from './rows.js';

/** A report of an exercise, or a press of one that the relay has not taken; nothing of whom it is about. */
export interface DrilledReport {
  readonly reportId: string | null;
  readonly number: string | null;
  readonly kind: string;
  readonly departments: readonly string[];
  readonly pressedAtMs: number;
  readonly lines: readonly DeskLine[];
  /** Of a press that is still here: why. */
  readonly next: DeskRow['next'] | null;
}

/** One exercise as the desk looks at it. */
export interface Drill {
  readonly id: string;
  /** `null` where the configuration does not plan it any more. */
  readonly planned: { readonly from: string; readonly until: string; readonly stage: ExerciseStage } | null;
  /** Newest first. */
  readonly reports: readonly DrilledReport[];
  readonly prompts: number;
  /** Of these, what nobody has answered, in the window or when it ended. */
  readonly unanswered: number;
}

const ORDER: readonly ExerciseStage[] = ['running', 'planned', 'past'];
const NOBODY_ANSWERED: readonly string[] = [...UNANSWERED, 'expired'];

/** Every exercise of the configuration, and any other that a report names: what runs first, then what comes next, then the last one. */
export async function drillsOf(context: GatewayContext, exercised: readonly DeskReport[], held: readonly DeskRow[]): Promise<Drill[]> {
  const { exercises, clock } = context;
  const [pressed, prompts] = await Promise.all([
    pressedWhere(
      context,
      exercised.map(({ reportId }) => reportId),
    ),
    promptsOf(context),
  ]);
  const reportsOf = (id: string): DrilledReport[] =>
    exercised
      .filter(({ exerciseId }) => exerciseId === id)
      .map(({ reportId, number, kind, createdAt, lines }) => {
        const { departments = [], pressedAtMs = Date.parse(createdAt) } = pressed.get(reportId) ?? {};
        return { reportId, number, kind, lines, departments, pressedAtMs, next: null };
      });
  const planned = exercises.map((exercise): Drill => {
    const asked = prompts.filter(({ atMs }) => isWithin(exercise, atMs));
    const waiting = held.filter(({ pressedAtMs }) => isWithin(exercise, pressedAtMs));
    return {
      id: exercise.id,
      planned: { from: exercise.from, until: exercise.until, stage: exerciseStage(exercise, clock.now()) },
      reports: [...waiting.map((row) => ({ ...row, lines: [] })), ...reportsOf(exercise.id)],
      prompts: asked.length,
      unanswered: asked.filter(({ state }) => NOBODY_ANSWERED.includes(state)).length,
    };
  });
  const known = new Set(planned.map(({ id }) => id));
  const others = [...new Set(exercised.map(({ exerciseId }) => exerciseId ?? ''))].filter((id) => !known.has(id));
  return [
    ...planned.toSorted(inOrder),
    ...others.map((id): Drill => ({ id, planned: null, reports: reportsOf(id), prompts: 0, unanswered: 0 })),
  ];
}

function isWithin({ from, until }: Exercise, atMs: number): boolean {
  return Date.parse(from) <= atMs && atMs < Date.parse(until);
}

/** What comes soonest first, and of what is over the last. */
function inOrder({ planned: one }: Drill, { planned: other }: Drill): number {
  if (one === null || other === null) return 0;
  const [rank, otherRank] = [ORDER.indexOf(one.stage), ORDER.indexOf(other.stage)];
  if (rank !== otherRank) return rank - otherRank;
  const later = Date.parse(one.from) - Date.parse(other.from);
  return one.stage === 'past' ? -later : later;
}

async function promptsOf({ database, facility, exercises }: GatewayContext): Promise<{ readonly state: string; readonly atMs: number }[]> {
  if (exercises.length === 0) return [];
  const rows = await database.db
    .selectFrom('prompts')
    .select(['state', 'created_at'])
    .where('facility', '=', facility.code)
    .where('exercise', '=', true)
    .execute();
  return rows.map(({ state, created_at: at }) => ({ state, atMs: at.getTime() }));
}
