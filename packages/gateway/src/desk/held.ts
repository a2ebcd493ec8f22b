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
  readonly sinceMs: number;
  readonly state: string;
  readonly exercise: boolean;
}

/** Prompts nobody has answered: red first, the longest asked first. */
export async function unansweredPrompts({ database, facility }: GatewayContext): Promise<DeskPrompt[]> {
  const rows = await database.db
    .selectFrom('prompts')
    .select(['id', 'departments', 'level', 'created_at', 'state', 'exercise'])
    .where('facility', '=', facility.code)
    .where('state', 'in', UNANSWERED)
    .orderBy((order) => order('level', '=', 'red'), 'desc')
    .orderBy('created_at')
    .limit(LIMIT)
    .execute();
  return rows.map(({ created_at: since, ...prompt }) => ({ ...prompt, sinceMs: since.getTime() }));
}
