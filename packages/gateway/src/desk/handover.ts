import { createId, ZhidaError } from '@zhida/core';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';

/** One report that was open. */
export interface OpenRow {
  /** `—` for a press the relay had not taken. */
  readonly number: string;
  readonly exercise: boolean;
}

/** 交班: what was open when one person left the desk, and who took it over. */
export interface Handover {
  readonly handoverId: string;
  readonly from: string;
  readonly at: Date;
  /** Real ones first. */
  readonly openRows: readonly OpenRow[];
  readonly confirmedBy: string | null;
  readonly confirmedAt: Date | null;
}

/** The last handover of this facility. */
export async function lastHandover({ database, facility }: GatewayContext): Promise<Handover | undefined> {
  const row = await database.db
    .selectFrom('desk_handovers')
    .selectAll()
    .where('facility', '=', facility.code)
    .orderBy('handed_over_at', 'desc')
    .orderBy('handover_id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    handoverId: row.handover_id,
    from: row.handed_over_by,
    at: row.handed_over_at,
    openRows: [...rowsOf(row.open_rows, false), ...rowsOf(row.exercise_rows, true)],
    confirmedBy: row.confirmed_by,
    confirmedAt: row.confirmed_at,
  };
}

function rowsOf(numbers: readonly string[], exercise: boolean): OpenRow[] {
  return numbers.map((number) => ({ number, exercise }));
}

function numbersOf(rows: readonly OpenRow[], exercise: boolean): string[] {
  return rows.filter((row) => row.exercise === exercise).map(({ number }) => number);
}

/** Writes down what is open as one person leaves. An earlier one that nobody has confirmed stays as it is, unconfirmed. */
export async function handOver(context: GatewayContext, by: string, openRows: readonly OpenRow[]): Promise<void> {
  const { database, facility, clock } = context;
  const handoverId = createId('hnd', clock);
  await database.db.transaction().execute(async (trx) => {
    await trx
      .insertInto('desk_handovers')
      .values({
        handover_id: handoverId,
        facility: facility.code,
        handed_over_by: by,
        handed_over_at: new Date(clock.now()),
        open_rows: numbersOf(openRows, false),
        exercise_rows: numbersOf(openRows, true),
        confirmed_by: null,
        confirmed_at: null,
      })
      .execute();
    const subject = { handoverId, open: String(openRows.length) };
    await recordAudit(trx, context, { actor: 'operator', action: 'desk.handed-over', subject, detail: { by } });
  });
}

/**
 * The next person takes the desk over.
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND` for an unknown handover; `ZD_ERR_CONFLICT` where it is confirmed already, or whoever left wants
 * to confirm it themselves.
 */
export async function confirmHandover(context: GatewayContext, handoverId: string, by: string): Promise<void> {
  const { database, facility, clock } = context;
  await database.db.transaction().execute(async (trx) => {
    const known = await trx
      .selectFrom('desk_handovers')
      .select(['handed_over_by', 'confirmed_by'])
      .where('facility', '=', facility.code)
      .where('handover_id', '=', handoverId)
      .forUpdate()
      .executeTakeFirst();
    if (known === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such handover', { at: 'handoverId' });
    if (known.confirmed_by === by) return;
    if (known.confirmed_by !== null || known.handed_over_by === by) {
      throw new ZhidaError('ZD_ERR_CONFLICT', 'the next person confirms a handover, once', { at: 'handoverId' });
    }
    await trx
      .updateTable('desk_handovers')
      .set({ confirmed_by: by, confirmed_at: new Date(clock.now()) })
      .where('facility', '=', facility.code)
      .where('handover_id', '=', handoverId)
      .execute();
    await recordAudit(trx, context, { actor: 'operator', action: 'desk.taken-over', subject: { handoverId }, detail: { by } });
  });
}
