import { aboutError } from '@zhida/core';
import type { GatewayContext } from './context.js';

/**
 * What every row says that can be read. Those that cannot (another key, a changed byte, a form nobody writes any more) are left out, and
 * told to operators in one line with how many and the code of the first: one of them must not hide the others.
 */
export async function eachReadable<Row, Value>(
  { logger }: Pick<GatewayContext, 'logger'>,
  what: 'visits' | 'drafts' | 'answers' | 'told' | 'prompts' | 'decisions',
  rows: readonly Row[],
  read: (row: Row) => Value | Promise<Value>,
): Promise<Value[]> {
  const all = await Promise.allSettled(rows.map(async (row) => read(row)));
  const unread = all.filter(({ status }) => status === 'rejected');
  const [first] = unread;
  if (first?.status === 'rejected')
    logger.error({ what, unread: unread.length, ...aboutError(first.reason) }, 'stored rows could not be read; the others are shown');
  return all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
