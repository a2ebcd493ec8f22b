import type { Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import type { GatewaySchema } from '../schema.js';

const DAY_MS = 86_400_000;

/**
 * Erases messages past their time, with the key they were sealed under. One that waits stays. One that was set aside is kept as
 * long as the text of the visit it would add to, for a person to look at; that it went unread is in the audit log, and its row
 * stays among those set aside. Returns how many went.
 */
export async function purgeMessages(trx: Transaction<GatewaySchema>, context: GatewayContext, batch: number): Promise<number> {
  const now = context.clock.now();
  const due = await trx
    .selectFrom('feed_messages')
    .select(['id', 'feed', 'status'])
    .where('facility', '=', context.facility.code)
    .where('purge_at', '<=', new Date(now))
    .where('wrapped_key', 'is not', null)
    .where((row) =>
      row.or([
        row('status', '=', 'processed'),
        row.and([row('status', '=', 'set-aside'), row('received_at', '<=', new Date(now - context.settings.keepSnapshotDays * DAY_MS))]),
      ]),
    )
    .orderBy('purge_at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
  if (due.length === 0) return 0;
  await trx
    .updateTable('feed_messages')
    .set({ wrapped_key: null, sealed_message: null, sealed_accept: null, sealed_application: null })
    .where(
      'id',
      'in',
      due.map(({ id }) => id),
    )
    .execute();
  for (const { id: messageId, feed, status } of due) {
    if (status !== 'set-aside') continue;
    await recordAudit(trx, context, { actor: 'gateway', action: 'feed-message.purged', subject: { messageId, feed } });
  }
  return due.length;
}

/**
 * Deletes what is left of messages that were erased, once no repeat of them is to be expected any more. What was set aside unread stays in
 * the audit log. Returns how many went.
 */
export async function forgetMessages(trx: Transaction<GatewaySchema>, context: GatewayContext, batch: number): Promise<number> {
  const before = new Date(context.clock.now() - context.settings.knowRepeatDays * DAY_MS);
  const gone = await trx
    .deleteFrom('feed_messages')
    .where('id', 'in', (rows) =>
      rows
        .selectFrom('feed_messages')
        .select('id')
        .where('facility', '=', context.facility.code)
        .where('wrapped_key', 'is', null)
        .where((row) => row(row.fn.coalesce('told_at', 'received_at'), '<=', before))
        .orderBy((row) => row.fn.coalesce('told_at', 'received_at'))
        .limit(batch)
        .forUpdate()
        .skipLocked(),
    )
    .returning('id')
    .execute();
  return gone.length;
}

/** Erases visits, as messages told them, of which nothing was told for as long as their text is kept. Returns how many went. */
export async function purgeFoldedVisits(trx: Transaction<GatewaySchema>, context: GatewayContext, batch: number): Promise<number> {
  const { code: facility } = context.facility;
  const due = await trx
    .selectFrom('folded_visits')
    .select('visit_key')
    .where('facility', '=', facility)
    .where('purge_at', '<=', new Date(context.clock.now()))
    .orderBy('purge_at')
    .limit(batch)
    .forUpdate()
    .skipLocked()
    .execute();
  if (due.length === 0) return 0;
  await trx
    .deleteFrom('folded_visits')
    .where('facility', '=', facility)
    .where(
      'visit_key',
      'in',
      due.map(({ visit_key: key }) => key),
    )
    .execute();
  return due.length;
}
