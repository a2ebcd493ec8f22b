import { ZhidaError } from '@zhida/core';
import { sql } from 'kysely';
import type { Reader } from '../access/reader.js';
import type { GatewayContext } from '../context.js';

export interface OwnPress {
  readonly pressId: string;
  /** null while the relay has not taken it. */
  readonly reportId: string | null;
  /** What the relay answered (`status-401`) while it refuses the press. */
  readonly refused: string | null;
}

/** What the gateway says of a press the relay has not taken. */
export function heldStatus({ pressId, refused }: OwnPress): Readonly<Record<string, unknown>> {
  return { headline: 'held', pressId, ...(refused === null ? {} : { refused }), lines: [] };
}

/**
 * Finds a press by its own id, the report's, or the key its page gave it where it follows another. Only the account that pressed reads
 * the status, and a ticket that of its own press, of what follows it, and of what was added to a colleague's report of its prompt; to
 * everyone else the report does not exist. A key that was given in two cases of one account names neither: each is asked for by its press
 * or its report, or by the ticket of its case.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`; `ZD_ERR_CONFLICT` for such a key
 */
export async function ownPress(
  context: GatewayContext,
  { account, pressId, promptId }: Omit<Reader, 'expiresAt'>,
  id: string,
): Promise<OwnPress> {
  const [row, other] = await context.database.db
    .selectFrom('presses')
    .select(['press_id', 'report_id', 'refused_at', 'last_problem'])
    .where('facility', '=', context.facility.code)
    .where('account', '=', account)
    .where((where) => where.or([where('press_id', '=', id), where('report_id', '=', id), where('follow_key', '=', id)]))
    .$if(pressId !== undefined, (query) =>
      query.where((where) =>
        where.or([
          where('press_id', '=', pressId ?? ''),
          where('follows', '=', pressId ?? ''),
          // Their own words in a colleague's report of the same prompt.
          where(
            'follows',
            'in',
            where
              .selectFrom('presses as first')
              .select('first.press_id')
              .where('first.facility', '=', context.facility.code)
              .where('first.prompt_id', '=', promptId ?? ''),
          ),
        ]),
      ),
    )
    .orderBy(sql`press_id = ${id} or coalesce(report_id = ${id}, false)`, 'desc')
    .limit(2)
    .execute();
  if (row === undefined) {
    throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such report of this account', { at: 'id' });
  }
  // To tell how one stands for the other would be worse than nothing.
  const isNamed = row.press_id === id || row.report_id === id;
  if (other !== undefined && !isNamed)
    throw new ZhidaError('ZD_ERR_CONFLICT', 'several reports of this account have this key', { at: 'id' });
  const refused = row.refused_at === null ? null : (row.last_problem ?? '');
  return { pressId: row.press_id, reportId: row.report_id, refused };
}
