import type { EvidenceItem, Report, Whereabouts } from '@zhida/report';
import type { Kysely, Transaction } from 'kysely';
import type { GatewayContext } from '../context.js';
import { eachReadable } from '../each-readable.js';
import type { Gone, GatewaySchema } from '../schema.js';
import { jsonBytes, textOf } from '../sealing.js';
import type { PromptRow } from './change.js';

/** What people have told of a case to the prompt, so that whoever reports it, then or later, need not ask again. */
export interface Told {
  /** Where the child has gone, and as what the visit told the leaving then: once it tells something else, this is past. */
  readonly whereabouts?: { readonly leftAs: Gone; readonly said: Whereabouts };
  readonly evidence?: readonly EvidenceItem[];
}

const placeOf = (promptId: string): string => `prompt-told ${promptId}`;

/** Lays what a person tells over what the same person has told before, sealed. */
export async function saveTold(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  { promptId, account }: { readonly promptId: string; readonly account: string },
  told: Told,
): Promise<void> {
  const before = (await toldOf(trx, context, [promptId], account)).get(promptId) ?? {};
  const { wrapped, seal } = context.sealing.create();
  const row = {
    wrapped_key: Buffer.from(wrapped),
    sealed_told: Buffer.from(seal(jsonBytes(laidOver(before, told)), placeOf(promptId))),
    saved_at: new Date(context.clock.now()),
  };
  await trx
    .insertInto('prompt_told')
    .values({ facility: context.facility.code, prompt_id: promptId, account, ...row })
    .onConflict((conflict) => conflict.columns(['facility', 'prompt_id', 'account']).doUpdateSet(row))
    .execute();
}

/** What has been told of each prompt, by whomever or by one account alone; what was told last goes before. */
export async function toldOf(
  db: Kysely<GatewaySchema>,
  context: GatewayContext,
  promptIds: readonly string[],
  account?: string,
): Promise<Map<string, Told>> {
  if (promptIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('prompt_told')
    .select(['prompt_id', 'wrapped_key', 'sealed_told'])
    .where('facility', '=', context.facility.code)
    .where('prompt_id', 'in', promptIds)
    .$if(account !== undefined, (query) => query.where('account', '=', account ?? ''))
    .orderBy('saved_at')
    .execute();
  const all = new Map<string, Told>();
  const opened = await eachReadable(context, 'told', rows, ({ prompt_id: id, wrapped_key: wrapped, sealed_told: sealed }) => {
    return [id, JSON.parse(textOf(context.sealing.open(wrapped, sealed, placeOf(id)))) as Told] as const;
  });
  for (const [id, told] of opened) all.set(id, laidOver(all.get(id) ?? {}, told));
  return all;
}

function laidOver(before: Told, told: Told): Told {
  const evidence = [...(before.evidence ?? []), ...(told.evidence ?? [])];
  return { ...before, ...told, ...(evidence.length === 0 ? {} : { evidence }) };
}

/** The members of a report that hold what was told. */
export function toldInReport(
  { whereabouts: now }: Pick<PromptRow, 'whereabouts'>,
  { whereabouts, evidence }: Told,
): Pick<Report, 'whereabouts' | 'evidence'> {
  return {
    ...(whereabouts !== undefined && whereabouts.leftAs === now ? { whereabouts: whereabouts.said } : {}),
    ...(evidence === undefined ? {} : { evidence }),
  };
}
