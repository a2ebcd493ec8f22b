import { type Exercise, type ExerciseStage, exerciseStage, parseInstant } from '@zhida/core';
import type { GatewayContext } from '../context.js';
import type { PromptEventKind } from '../prompts/change.js';
import { grouped } from '../prompts/reports.js';
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
const ASKS = ['shown', 'raised'] as const satisfies PromptEventKind[];
/** After these nobody is asked any more, until the prompt is raised again; a report that was made stays made. */
const ANSWERS = ['decided', 'closed', 'pressed'] as const satisfies PromptEventKind[];

/** Every exercise of the configuration, and any other that a report names: what runs first, then what comes next, then the last one. */
export async function drillsOf(context: GatewayContext, exercised: readonly DeskReport[], held: readonly DeskRow[]): Promise<Drill[]> {
  const { exercises, clock } = context;
  const [pressed, asked] = await Promise.all([
    pressedWhere(
      context,
      exercised.map(({ reportId }) => reportId),
    ),
    askedOf(context),
  ]);
  const reportsOf = (id: string): DrilledReport[] =>
    exercised
      .filter(({ exerciseId }) => exerciseId === id)
      .map(({ reportId, number, kind, createdAt, lines }) => {
        const { departments = [], pressedAtMs = instantOf(createdAt) } = pressed.get(reportId) ?? {};
        return { reportId, number, kind, lines, departments, pressedAtMs, next: null };
      });
  const planned = exercises.map((exercise): Drill => {
    const prompts = asked.filter((events) => events.some((event) => isAsk(event) && isWithin(exercise, event.atMs)));
    const waiting = held.filter(({ pressedAtMs }) => isWithin(exercise, pressedAtMs));
    return {
      id: exercise.id,
      planned: { from: exercise.from, until: exercise.until, stage: exerciseStage(exercise, clock.now()) },
      reports: [...waiting.map((row) => ({ ...row, lines: [] })), ...reportsOf(exercise.id)],
      prompts: prompts.length,
      unanswered: prompts.filter((events) => !isAnsweredBy(instantOf(exercise.until), events)).length,
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
  return instantOf(from) <= atMs && atMs < instantOf(until);
}

/** What comes soonest first, and of what is over the last. */
function inOrder({ planned: one }: Drill, { planned: other }: Drill): number {
  if (one === null || other === null) return 0;
  const [rank, otherRank] = [ORDER.indexOf(one.stage), ORDER.indexOf(other.stage)];
  if (rank !== otherRank) return rank - otherRank;
  const later = instantOf(one.from) - instantOf(other.from);
  return one.stage === 'past' ? -later : later;
}

interface Asked {
  readonly kind: string;
  readonly atMs: number;
}

function isAsk({ kind }: Asked): boolean {
  return ASKS.some((one) => one === kind);
}

function isAnsweredBy(untilMs: number, events: readonly Asked[]): boolean {
  const known = events.filter(({ atMs }) => atMs < untilMs);
  return known.some(({ kind }) => kind === 'pressed') || !known.slice(-1).some(isAsk);
}

/** When each prompt of an exercise has asked and was answered: one episode may ask in the window of more than one. */
async function askedOf({ database, facility, exercises }: GatewayContext): Promise<Asked[][]> {
  if (exercises.length === 0) return [];
  const rows = await database.db
    .selectFrom('prompts')
    .innerJoin('prompt_events as event', 'event.prompt_id', 'prompts.id')
    .select(['event.prompt_id', 'event.kind', 'event.at'])
    .where('prompts.facility', '=', facility.code)
    .where('prompts.exercise', '=', true)
    .where('event.kind', 'in', [...ASKS, ...ANSWERS])
    .orderBy('event.id')
    .execute();
  return [...grouped(rows.map(({ prompt_id: id, kind, at }) => [id, { kind, atMs: at.getTime() }])).values()];
}

/** Times of a plan and of the ledger have been read before. */
function instantOf(time: string): number {
  return parseInstant(time) ?? Number.NaN;
}
