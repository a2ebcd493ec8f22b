import { ZhidaError } from '@zhida/core';
import type { GatewayContext } from '../context.js';
import { messageBy, type MessageState, stateOf } from './inbox.js';
import { type FeedReaders, workOnOldest } from './work.js';

/** The messages of one feed, worked on one after the other in the order they came. */
export interface FeedLine {
  /**
   * Works on what waits until this message has been worked on too, and says how it stands.
   *
   * @throws ZhidaError `ZD_ERR_DATABASE_UNAVAILABLE`: it waits on, and is worked on later.
   */
  settle(id: string): Promise<MessageState>;
  /** Works on all that waits. The signal ends it between two messages. */
  drain(signal?: AbortSignal): Promise<void>;
}

export function createFeedLine(context: GatewayContext, feed: string, readers: FeedReaders): FeedLine {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
  const stateNow = async (id: string): Promise<MessageState> => {
    const row = await messageBy(context.database.db, context, feed, 'id', id);
    if (row === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such message', { at: 'id' });
    return stateOf(row);
  };
  return {
    settle: (id) =>
      inTurn(async () => {
        let state = await stateNow(id);
        while (state.status === 'received') {
          const worked = await workOnOldest(context, feed, readers);
          state = worked?.id === id ? worked : await stateNow(id);
        }
        return state;
      }),
    drain: (signal) =>
      inTurn(async () => {
        while (signal?.aborted !== true && (await workOnOldest(context, feed, readers)) !== undefined);
      }),
  };
}
