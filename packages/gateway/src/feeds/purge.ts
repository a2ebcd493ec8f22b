import type { Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import type { GatewaySchema } from '../schema.js';

/**
 * Erases messages past their time, with the key they were sealed under, and visits nothing was told of for as long as their
 * text is kept. A message that waits or was set aside stays: somebody still has to look at it. Returns how many messages went.
 */
export async function purgeFeeds(trx: Transaction<GatewaySchema>, context: GatewayContext, batch: number): Promise<number> {
  const now = new Date(context.clock.now());
  const { code: facility } = context.facility;
  const due = await trx
    .selectFrom('feed_messages')
    .select('id')
    .where('facility', '=', facility)
    .where('purge_at', '<=', now)
    .where('wrapped_key', 'is not', null)
    .where('status', '=', 'processed')
    .orderBy('purge_at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
  if (due.length > 0) {
    await trx
      .updateTable('feed_messages')
      .set({ wrapped_key: null, sealed_message: null, sealed_accept: null, sealed_application: null })
      .where(
        'id',
        'in',
        due.map(({ id }) => id),
      )
      .execute();
  }
  await trx.deleteFrom('folded_visits').where('facility', '=', facility).where('purge_at', '<=', now).execute();
  return due.length;
}
