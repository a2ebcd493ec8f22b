import type { Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import { sentAs } from '../exercises.js';
import type { GatewaySchema } from '../schema.js';
import { keptVisits } from './answers.js';
import { changePrompt } from './change.js';
import { UNANSWERED } from './states.js';

const BATCH = 100;

/**
 * Ends prompts nobody has answered of whose visits nothing is kept any more: no screen can show them, and each would take
 * the place of one in a list. @returns how many
 */
export async function expirePrompts(trx: Transaction<GatewaySchema>, context: GatewayContext, batch: number): Promise<number> {
  const due = await trx
    .selectFrom('prompts')
    .select('id')
    .where('facility', '=', context.facility.code)
    .where('state', 'in', UNANSWERED)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('prompt_encounters')
            .innerJoin('encounters', (join) =>
              join
                .onRef('encounters.facility', '=', 'prompt_encounters.facility')
                .onRef('encounters.encounter_key', '=', 'prompt_encounters.encounter_key'),
            )
            .select('encounters.encounter_key')
            .whereRef('prompt_encounters.prompt_id', '=', 'prompts.id')
            .where('prompt_encounters.level', '<>', 'none')
            .where('encounters.purged_at', 'is', null),
        ),
      ),
    )
    .orderBy('created_at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
  for (const { id } of due)
    await changePrompt(trx, context, id, { kind: 'expired', account: null, set: { state: 'expired', due_at: null } });
  return due.length;
}

/**
 * Ends prompts of exercises whose window is over and which nobody has answered: nothing can be pressed in them any more, and they would
 * stand among children who wait. @returns how many
 */
export async function endExercised(context: GatewayContext): Promise<number> {
  const { database, facility } = context;
  const ended = await database.db.transaction().execute(async (trx) => {
    const due = await trx
      .selectFrom('prompts')
      .select(['id', 'encounter_key'])
      .where('facility', '=', facility.code)
      .where('exercise', '=', true)
      .where('state', 'in', UNANSWERED)
      .orderBy('created_at')
      .limit(BATCH)
      .forUpdate()
      .skipLocked()
      .execute();
    let over = 0;
    for (const prompt of due) {
      const [main] = await keptVisits(trx, context, prompt);
      if (main !== undefined && sentAs(context, main.snapshot.patient).open) continue;
      const set = { state: 'expired', due_at: null } as const;
      await changePrompt(trx, context, prompt.id, { kind: 'expired', account: null, code: 'exercise-over', set });
      over += 1;
    }
    return over;
  });
  if (ended > 0) context.changes.publish();
  return ended;
}
