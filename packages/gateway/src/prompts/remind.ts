import type { GatewayContext } from '../context.js';
import { changePrompt } from './change.js';

const BATCH = 100;

/** Shows deferred prompts again whose time has come (先救治，15分钟后提醒). Returns how many. */
export async function remindDeferred(context: GatewayContext): Promise<number> {
  const reminded = await context.database.db.transaction().execute(async (trx) => {
    const due = await trx
      .selectFrom('prompts')
      .select(['id', 'occurrence'])
      .where('facility', '=', context.facility.code)
      .where('state', '=', 'deferred')
      .where('due_at', '<=', new Date(context.clock.now()))
      .orderBy('due_at')
      .limit(BATCH)
      .forUpdate()
      .skipLocked()
      .execute();
    for (const { id, occurrence } of due) {
      await changePrompt(trx, context, id, {
        kind: 'reminded',
        account: null,
        set: { state: 'shown', occurrence: occurrence + 1, due_at: null },
      });
    }
    return due.length;
  });
  if (reminded > 0) context.changes.publish();
  return reminded;
}
