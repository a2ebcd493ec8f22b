import type { VisitState } from '@zhida/hl7v2';
import { sql, type Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import type { GatewaySchema } from '../schema.js';
import { jsonBytes, textOf } from '../sealing.js';

const DAY_MS = 86_400_000;
const placeOf = (visitKey: string): string => `folded-visit ${visitKey}`;

/** The visits found under any of these hashed keys, locked, the one folded last at the end: what `applyMessage` asks for. */
export async function foldedVisits(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  keys: readonly string[],
): Promise<VisitState[]> {
  if (keys.length === 0) return [];
  const found = await trx
    .selectFrom('folded_visit_keys')
    .select('visit_key')
    .distinct()
    .where('facility', '=', context.facility.code)
    .where('key', 'in', keys)
    .execute();
  if (found.length === 0) return [];
  const rows = await trx
    .selectFrom('folded_visits')
    .select(['visit_key', 'wrapped_key', 'sealed_state', 'folded_order'])
    .where('facility', '=', context.facility.code)
    .where(
      'visit_key',
      'in',
      found.map(({ visit_key: key }) => key),
    )
    // In one order for all, so that no two messages wait for each other.
    .orderBy('visit_key')
    .forUpdate()
    .execute();
  return rows
    .toSorted((left, right) => left.folded_order - right.folded_order)
    .map((row) => JSON.parse(textOf(context.sealing.open(row.wrapped_key, row.sealed_state, placeOf(row.visit_key)))) as VisitState);
}

/** Keeps a visit in the place of what was known of it. `name` is the key it began under, which never changes. */
export async function keepFoldedVisit(trx: Transaction<GatewaySchema>, context: GatewayContext, state: VisitState): Promise<void> {
  const [name = state.id] = state.keys;
  const visitKey = foldedKey(context, name);
  const { wrapped, seal } = context.sealing.create();
  const row = {
    wrapped_key: wrapped,
    sealed_state: seal(jsonBytes(state), placeOf(visitKey)),
    purge_at: new Date(context.clock.now() + context.settings.keepSnapshotDays * DAY_MS),
  };
  const { code: facility } = context.facility;
  await trx
    .insertInto('folded_visits')
    .values({ facility, visit_key: visitKey, ...row })
    .onConflict((conflict) =>
      conflict.columns(['facility', 'visit_key']).doUpdateSet({ ...row, folded_order: sql`nextval('folded_visit_order')` }),
    )
    .execute();
  const keys = state.keys.map((key) => foldedKey(context, key));
  await trx
    .deleteFrom('folded_visit_keys')
    .where('facility', '=', facility)
    .where('visit_key', '=', visitKey)
    .where('key', 'not in', keys)
    .execute();
  await trx
    .insertInto('folded_visit_keys')
    .values(keys.map((key) => ({ facility, key, visit_key: visitKey })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** A key of a visit, which holds patient and visit numbers, as a row may hold it. */
export function foldedKey({ rowKeys }: GatewayContext, key: string): string {
  return rowKeys.of('folded', key);
}
