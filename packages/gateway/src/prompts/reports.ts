import type { GatewayContext } from '../context.js';
import { patientChangedSince } from '../presses/patient-changed.js';
import type { PromptRow } from './change.js';

/** A report made from this prompt, by whomever. */
export interface PromptReport {
  readonly number: string;
  readonly at: string;
  /** The visit is still of the child it speaks of. */
  readonly sameChild: boolean;
  /** A colleague's, of this visit: this clinician may add to it (补充进去). */
  readonly addable: boolean;
}

/** As the gateway itself knows it. */
export interface KnownReport extends PromptReport {
  /** A separate report of the child names it: it is kept from nobody of the house. */
  readonly linkable: boolean;
}

/** The reports of each prompt that the relay has, oldest first, as this account may know them. */
export async function reportsOf(
  context: GatewayContext,
  prompts: readonly Pick<PromptRow, 'id' | 'encounter_key'>[],
  account: string,
): Promise<Map<string, KnownReport[]>> {
  if (prompts.length === 0) return new Map();
  const speaking = new Map(prompts.map(({ id, encounter_key: key }) => [id, key]));
  const rows = await pressesOf(context, [...speaking.keys()])
    .select(['prompt_id', 'number', 'pressed_at', 'account', 'encounter_key'])
    .select((press) => patientChangedSince(press).as('patientChanged'))
    .where('number', 'is not', null)
    .orderBy('pressed_at')
    .execute();
  return grouped(
    rows.flatMap(({ prompt_id: id, number, pressed_at: at, ...row }) => {
      if (id === null || number === null) return [];
      const sameChild = !row.patientChanged;
      const addable = sameChild && row.account !== account && row.encounter_key === speaking.get(id);
      // One that is kept from somebody has no visit to be found by.
      const linkable = sameChild && row.encounter_key !== null;
      return [[id, { number, at: at.toISOString(), sameChild, addable, linkable }] as const];
    }),
  );
}

/** The prompts whose report this account can add to because it made it; of one that is another patient's since, it cannot. */
export async function reportedBy(context: GatewayContext, promptIds: readonly string[], account: string): Promise<Set<string>> {
  if (promptIds.length === 0) return new Set();
  const rows = await pressesOf(context, promptIds)
    .select('prompt_id')
    .where('account', '=', account)
    .where((press) => press.not(patientChangedSince(press)))
    .execute();
  return new Set(rows.flatMap(({ prompt_id: id }) => id ?? []));
}

export function pressesOf({ database, facility }: GatewayContext, promptIds: readonly string[]) {
  return database.db.selectFrom('presses').where('facility', '=', facility.code).where('prompt_id', 'in', promptIds);
}

export function grouped<Value>(pairs: readonly (readonly [string, Value])[]): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const [key, value] of pairs) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}
