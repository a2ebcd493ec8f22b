import { ZhidaError } from '@zhida/core';
import type { GatewayContext } from '../context.js';
import { recordAudit } from '../audit.js';
import type { Feeds } from './feeds.js';
import { formatOf, HEAD, type MessageState } from './inbox.js';
import type { FeedMessageStatus } from './tables.js';

/** How a feed stands. It names nobody. */
export interface FeedState {
  readonly name: string;
  readonly kind: string;
  readonly waiting: number;
  readonly setAside: number;
  /** What was not taken, since ever. */
  readonly refused: number;
  readonly lastMessageAt: string | null;
  /** Why it does not get on, while it does not. */
  readonly problem: { readonly code: string; readonly since: string } | null;
}

/** A message as an operator sees it: where it came from and what is wrong, nothing of what is in it. */
export interface FeedMessageView {
  readonly id: string;
  readonly feed: string;
  readonly status: FeedMessageStatus;
  readonly format: string;
  readonly type: string | null;
  readonly controlId: string | null;
  /** Its number in its file, from 1, and the line it begins on. */
  readonly record: number | null;
  readonly line: number | null;
  readonly problem: { readonly code: string; readonly at: string | null } | null;
  readonly ackCode: string | null;
  readonly receivedAt: string;
  /** False once nothing is kept of it. */
  readonly replayable: boolean;
}

export async function feedStates({ database, facility }: GatewayContext, { names }: Feeds): Promise<FeedState[]> {
  const rows = await database.db
    .selectFrom('feeds')
    .select((row) => [
      'name',
      'refused',
      'problem_code',
      'problem_since',
      row
        .selectFrom('feed_messages')
        .select('received_at')
        .whereRef('feed_messages.facility', '=', 'feeds.facility')
        .whereRef('feed_messages.feed', '=', 'feeds.name')
        // The one that came last, by the index in which they came: a greatest time would read half a year of them.
        .orderBy('seq', 'desc')
        .limit(1)
        .as('last_at'),
      ...(['received', 'set-aside'] as const).map((status) =>
        row
          .selectFrom('feed_messages')
          .select(({ fn }) => fn.countAll<number>().as('count'))
          .whereRef('feed_messages.facility', '=', 'feeds.facility')
          .whereRef('feed_messages.feed', '=', 'feeds.name')
          .where('status', '=', status)
          .as(status === 'received' ? 'waiting' : 'aside'),
      ),
    ])
    .where('facility', '=', facility.code)
    .execute();
  return names.map(({ name, kind }) => {
    const row = rows.find((one) => one.name === name);
    return {
      name,
      kind,
      waiting: row?.waiting ?? 0,
      setAside: row?.aside ?? 0,
      refused: row?.refused ?? 0,
      lastMessageAt: row?.last_at?.toISOString() ?? null,
      problem: row?.problem_code && row.problem_since ? { code: row.problem_code, since: row.problem_since.toISOString() } : null,
    };
  });
}

const PAGE = 100;

/** Messages of a feed, newest first; `before` is the id the last page ended with. */
export async function feedMessages(
  { database, facility }: GatewayContext,
  feed: string,
  { status, before }: { readonly status?: FeedMessageStatus; readonly before?: string },
): Promise<FeedMessageView[]> {
  let query = database.db
    .selectFrom('feed_messages')
    .select(HEAD)
    .where('facility', '=', facility.code)
    .where('feed', '=', feed)
    .orderBy('seq', 'desc')
    .limit(PAGE);
  if (status !== undefined) query = query.where('status', '=', status);
  if (before !== undefined) {
    query = query.where('seq', '<', (row) => row.selectFrom('feed_messages').select('seq').where('id', '=', before));
  }
  return (await query.execute()).map((row) => ({
    id: row.id,
    feed: row.feed,
    status: row.status,
    format: formatOf(row),
    type: row.type,
    controlId: row.control_id,
    record: row.record_number,
    line: row.line_number,
    problem: row.problem_code === null ? null : { code: row.problem_code, at: row.problem_at },
    ackCode: row.ack_code,
    receivedAt: row.received_at.toISOString(),
    replayable: row.status === 'set-aside' && row.wrapped_key !== null,
  }));
}

/**
 * Works on a message that was set aside once more, and says how it stands then.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`; `ZD_ERR_CONFLICT` for one that is not set aside, or of which nothing is kept.
 */
export async function replayMessage(
  context: GatewayContext,
  feeds: Feeds,
  { feed, id, account }: { readonly feed: string; readonly id: string; readonly account: string },
): Promise<MessageState> {
  const line = feeds.line(feed);
  await context.database.db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom('feed_messages')
      .select(['status', 'wrapped_key'])
      .where('facility', '=', context.facility.code)
      .where('feed', '=', feed)
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such message', { at: 'id' });
    if (row.status !== 'set-aside' || row.wrapped_key === null) {
      throw new ZhidaError('ZD_ERR_CONFLICT', 'this message cannot be worked on again', { at: 'id' });
    }
    await trx
      .updateTable('feed_messages')
      .set({ status: 'received', settled_at: null, problem_code: null, problem_at: null, attempts: 0 })
      .where('id', '=', id)
      .execute();
    await recordAudit(trx, context, {
      actor: 'operator',
      action: 'feed-message.replayed',
      subject: { messageId: id, feed },
      detail: { account },
    });
  });
  return line.settle(id);
}
