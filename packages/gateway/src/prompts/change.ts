import type { Selectable, Transaction, Updateable } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../context.js';
import type { GatewaySchema, PromptEventTable, PromptTable } from '../schema.js';
import { jsonBytes, textOf } from '../sealing.js';
import type { QuestionnaireResponse } from './questionnaire.js';

export type PromptRow = Selectable<PromptTable>;

export type PromptEventKind =
  | 'shown'
  | 'raised'
  | 'updated'
  | 'closed'
  | 'expired'
  | 'corrected'
  | 'opened'
  | 'seen'
  | 'deferred'
  | 'reminded'
  | 'decided'
  | 'reviewed'
  | 'pressed'
  | 'added'
  | 'asked'
  | 'settled'
  | 'refused'
  | 'submitted';

/** What happened to a prompt, and by whom: an account, a person of the duty desk who reviews, or the gateway itself. */
export interface PromptEvent {
  readonly kind: PromptEventKind;
  readonly account: string | null;
  readonly code?: string;
  readonly text?: string;
  /** What the person had answered of the prompt's questions. */
  readonly answers?: QuestionnaireResponse | undefined;
  /** Who the account is where it is no clinician's. */
  readonly actor?: 'operator' | undefined;
}

export interface PromptChange extends PromptEvent {
  readonly set: Omit<Updateable<PromptTable>, 'id' | 'facility' | 'version' | 'updated_at'>;
}

/** A prompt whose row its transaction holds from here on. */
export function lockPrompt(trx: Transaction<GatewaySchema>, context: GatewayContext, id: string): Promise<PromptRow | undefined> {
  return trx
    .selectFrom('prompts')
    .selectAll()
    .where('facility', '=', context.facility.code)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
}

/** Moves a prompt one version on and writes why, with its audit entry, in the caller's transaction, which holds the row's lock. */
export async function changePrompt(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  id: string,
  change: PromptChange,
): Promise<PromptRow> {
  const row = await trx
    .updateTable('prompts')
    .set((expression) => ({ ...change.set, version: expression('version', '+', 1), updated_at: new Date(context.clock.now()) }))
    .where('facility', '=', context.facility.code)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await recordPromptEvent(trx, context, row, change);
  return row;
}

/** Writes an event of a prompt as it stands. Returns false for a `seen` that this account has said before. */
export async function recordPromptEvent(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  prompt: PromptRow,
  { kind, account, code, text = '', answers, actor }: PromptEvent,
): Promise<boolean> {
  const sealing = text === '' && answers === undefined ? undefined : context.sealing.create();
  const sealed = (value: unknown, place: string): Uint8Array | null =>
    sealing?.seal(jsonBytes(value), `prompt-event ${prompt.id} ${prompt.version}${place}`) ?? null;
  const inserted = await trx
    .insertInto('prompt_events')
    .values({
      prompt_id: prompt.id,
      version: prompt.version,
      kind,
      account,
      code: code ?? null,
      rule_ids: prompt.rule_ids,
      pack_digest: prompt.pack_digest,
      evidence_sha256: prompt.evidence_sha256,
      wrapped_key: sealing?.wrapped ?? null,
      sealed_text: text === '' ? null : sealed(text, ''),
      sealed_answers: answers === undefined ? null : sealed(answers, ' answers'),
      at: new Date(context.clock.now()),
    })
    .onConflict((conflict) => conflict.columns(['prompt_id', 'account']).where('kind', '=', 'seen').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (inserted === undefined) return false;
  await recordAudit(trx, context, {
    actor: account === null ? 'gateway' : (actor ?? 'clinician'),
    action: `prompt.${kind}`,
    subject: {
      promptId: prompt.id,
      version: String(prompt.version),
      level: prompt.level,
      packDigest: prompt.pack_digest,
      ...(code === undefined ? {} : { code }),
    },
    detail: { account, ruleIds: prompt.rule_ids, evidenceSha256: prompt.evidence_sha256 },
  });
  return true;
}

/** What a person wrote with an event, and what they had answered by then. @throws ZhidaError `ZD_ERR_SEALED_UNREADABLE` */
export function openPromptEvent(
  { sealing }: Pick<GatewayContext, 'sealing'>,
  event: Pick<Selectable<PromptEventTable>, 'prompt_id' | 'version' | 'wrapped_key' | 'sealed_text' | 'sealed_answers'>,
): { readonly text: string; readonly answers: QuestionnaireResponse | undefined } {
  const { wrapped_key: wrapped, sealed_text: text, sealed_answers: answers } = event;
  const place = `prompt-event ${event.prompt_id} ${event.version}`;
  const open = (sealed: Uint8Array | null, at: string): unknown =>
    wrapped === null || sealed === null ? undefined : JSON.parse(textOf(sealing.open(wrapped, sealed, at)));
  return {
    text: (open(text, place) as string | undefined) ?? '',
    answers: open(answers, `${place} answers`) as QuestionnaireResponse | undefined,
  };
}
