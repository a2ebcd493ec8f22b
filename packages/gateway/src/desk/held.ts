import type { GatewayContext } from '../context.js';
import { UNANSWERED } from '../prompts/states.js';

/** Rows of the desk that the gateway itself knows of; nothing of a child is in them. */
const LIMIT = 200;

/** A press the relay has not taken. */
export interface HeldPress {
  readonly pressId: string;
  readonly departments: readonly string[];
  readonly pressedAtMs: number;
  readonly exercise: boolean;
  readonly refused: boolean;
}

/** Presses that are here and not yet in the ledger, oldest first; what an exercise has left takes no real one's place. */
export async function heldPresses({ database, facility }: GatewayContext): Promise<HeldPress[]> {
  const rows = await database.db
    .selectFrom('presses')
    .leftJoin('prompts', 'prompts.id', 'presses.prompt_id')
    .select(['press_id', 'pressed_at', 'refused_at', 'departments', 'presses.exercise'])
    .where('presses.facility', '=', facility.code)
    .where('presses.state', '=', 'held')
    .orderBy('presses.exercise')
    .orderBy('pressed_at')
    .limit(LIMIT)
    .execute();
  return rows.map((row) => ({
    pressId: row.press_id,
    departments: row.departments ?? [],
    pressedAtMs: row.pressed_at.getTime(),
    exercise: row.exercise,
    refused: row.refused_at !== null,
  }));
}

/** Where and when each of these reports was pressed; a report from paper or another door has no press here. */
export async function pressedWhere(
  { database, facility }: GatewayContext,
  reportIds: readonly string[],
): Promise<ReadonlyMap<string, { readonly departments: readonly string[]; readonly pressedAtMs: number }>> {
  if (reportIds.length === 0) return new Map();
  const rows = await database.db
    .selectFrom('presses')
    .leftJoin('prompts', 'prompts.id', 'presses.prompt_id')
    .select(['report_id', 'pressed_at', 'departments'])
    .where('presses.facility', '=', facility.code)
    .where('report_id', 'in', reportIds)
    .execute();
  return new Map(
    rows.flatMap(({ report_id: id, pressed_at: at, departments }) =>
      id === null ? [] : [[id, { departments: departments ?? [], pressedAtMs: at.getTime() }] as const],
    ),
  );
}

/** A prompt as the desk lists it. */
export interface DeskPrompt {
  readonly id: string;
  readonly departments: readonly string[];
  readonly level: string;
  readonly statutory: boolean;
  readonly sinceMs: number;
  readonly state: string;
  readonly exercise: boolean;
  /** Why no report was made, where somebody said so. */
  readonly code: string | null;
}

/** Prompts nobody has answered: red first, the longest asked first. */
export async function unansweredPrompts(context: GatewayContext): Promise<DeskPrompt[]> {
  const rows = await promptsOf(context)
    .select((of) => of.val<string | null>(null).as('code'))
    .where('prompts.state', 'in', UNANSWERED)
    .orderBy((order) => order('level', '=', 'red'), 'desc')
    .orderBy('created_at')
    .execute();
  return rows.map((row) => promptOf(row, row.created_at));
}

/** Reasons against a red prompt, newest first: what 保护专员 reviews. */
export async function decidedPrompts(context: GatewayContext): Promise<DeskPrompt[]> {
  const rows = await promptsOf(context)
    .select((of) =>
      of
        .selectFrom('prompt_events')
        .select('code')
        .whereRef('prompt_events.prompt_id', '=', 'prompts.id')
        .where('kind', '=', 'decided')
        .orderBy('prompt_events.id', 'desc')
        .limit(1)
        .as('code'),
    )
    .where('prompts.state', '=', 'decided')
    .where('level', '=', 'red')
    .orderBy('updated_at', 'desc')
    .execute();
  return rows.map((row) => promptOf(row, row.updated_at));
}

function promptsOf({ database, facility }: GatewayContext) {
  return database.db
    .selectFrom('prompts')
    .select(['prompts.id', 'departments', 'level', 'statutory', 'created_at', 'updated_at', 'prompts.state', 'prompts.exercise'])
    .where('prompts.facility', '=', facility.code)
    .limit(LIMIT);
}

interface PromptRow {
  readonly id: string;
  readonly departments: string[];
  readonly level: string;
  readonly statutory: boolean;
  readonly state: string;
  readonly exercise: boolean;
  readonly code: string | null;
}

function promptOf({ id, departments, level, statutory, state, exercise, code }: PromptRow, since: Date): DeskPrompt {
  return { id, departments, level, statutory, state, exercise, code, sinceMs: since.getTime() };
}
