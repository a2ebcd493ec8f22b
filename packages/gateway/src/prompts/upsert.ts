import { createId } from '@zhida/core';
import type { Assessment } from '@zhida/detect';
import type { Transaction } from 'kysely';
import { recordAudit } from '../audit.js';
import type { GatewayContext } from '../options.js';
import type { GatewaySchema, PromptState, PromptTable } from '../schema.js';
import type { Selectable } from 'kysely';

const HOUR_MS = 3_600_000;
const CLOSED: readonly PromptState[] = ['closed', 'expired'];

export interface PromptInput {
  readonly encounterId: string;
  readonly patientKey: string;
  readonly assessment: Assessment;
  readonly startedAt: Date;
}

/**
 * One prompt per child and episode: opens it, raises it again when its level or reasons grow, closes it when the evidence
 * was corrected away before anyone decided. Returns the id of the prompt that changed, or null.
 */
export async function promptFor(trx: Transaction<GatewaySchema>, context: GatewayContext, input: PromptInput): Promise<string | null> {
  const current = await promptOfEpisode(trx, context, input);
  const prompting = input.assessment.level === 'red' || input.assessment.level === 'orange';
  if (current === undefined) return prompting ? openPrompt(trx, context, input) : null;
  if (!prompting) return current.encounter_id === input.encounterId ? closeCorrected(trx, context, current) : null;
  return raisePrompt(trx, context, current, input);
}

async function promptOfEpisode(trx: Transaction<GatewaySchema>, context: GatewayContext, input: PromptInput) {
  const gapMs = context.settings.episodeGapHours * HOUR_MS;
  return trx
    .selectFrom('prompts')
    .selectAll()
    .where('facility', '=', context.facility.code)
    .where('patient_key', '=', input.patientKey)
    .where('state', 'not in', CLOSED)
    .where('episode_last_at', '>=', new Date(input.startedAt.getTime() - gapMs))
    .where('episode_last_at', '<=', new Date(input.startedAt.getTime() + gapMs))
    .orderBy('episode_last_at', 'desc')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
}

function promptFacts(input: PromptInput) {
  const shown = input.assessment.indications.filter(
    (indication) => !indication.silent && indication.level !== 'yellow' && indication.level !== 'none',
  );
  return {
    level: input.assessment.level,
    rule_ids: [...new Set(shown.map((indication) => indication.ruleId))].sort(),
    statutory: shown.some((indication) => indication.statutory),
  };
}

async function openPrompt(trx: Transaction<GatewaySchema>, context: GatewayContext, input: PromptInput): Promise<string> {
  const id = createId('prm', context.clock);
  const now = new Date(context.clock.now());
  await trx
    .insertInto('prompts')
    .values({
      id,
      facility: context.facility.code,
      encounter_id: input.encounterId,
      patient_key: input.patientKey,
      version: 1,
      state: 'shown',
      ...promptFacts(input),
      occurrence: 1,
      deferrals: 0,
      due_at: null,
      episode_last_at: input.startedAt,
      created_at: now,
      updated_at: now,
    })
    .execute();
  await recordPromptEvent(trx, context, { promptId: id, version: 1, kind: 'shown', account: null });
  return id;
}

async function raisePrompt(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  current: Selectable<PromptTable>,
  input: PromptInput,
): Promise<string | null> {
  const facts = promptFacts(input);
  const ruleIds =
    current.encounter_id === input.encounterId ? facts.rule_ids : [...new Set([...current.rule_ids, ...facts.rule_ids])].sort();
  const risen = (current.level === 'orange' && facts.level === 'red') || ruleIds.some((ruleId) => !current.rule_ids.includes(ruleId));
  const changed = risen || facts.level !== current.level || ruleIds.length !== current.rule_ids.length;
  const answered = current.state === 'reported' || current.state === 'decided';
  await trx
    .updateTable('prompts')
    .set({ episode_last_at: new Date(Math.max(current.episode_last_at.getTime(), input.startedAt.getTime())) })
    .where('id', '=', current.id)
    .execute();
  // An answered prompt speaks again only when there is something new to say.
  if (!changed || (answered && !risen)) return null;
  await changePrompt(trx, context, current, {
    kind: 'raised',
    account: null,
    set: {
      encounter_id: input.encounterId,
      level: facts.level,
      rule_ids: ruleIds,
      statutory: current.statutory || facts.statutory,
      state: current.state === 'reported' ? 'reported' : 'shown',
      occurrence: current.occurrence + (risen ? 1 : 0),
      due_at: null,
    },
  });
  return current.id;
}

async function closeCorrected(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  current: Selectable<PromptTable>,
): Promise<string | null> {
  if (current.state === 'reported' || current.state === 'decided') return null;
  await changePrompt(trx, context, current, {
    kind: 'closed',
    account: null,
    code: 'result-corrected',
    set: { state: 'closed', due_at: null },
  });
  return current.id;
}

export interface PromptChange {
  readonly kind: string;
  readonly account: string | null;
  readonly code?: string;
  readonly text?: string;
  readonly set: Partial<Pick<PromptTable, 'encounter_id' | 'level' | 'rule_ids' | 'statutory' | 'state' | 'occurrence' | 'deferrals'>> & {
    due_at?: Date | null;
  };
}

/** Moves a prompt one version on and writes why, with its audit entry, in the caller's transaction. */
export async function changePrompt(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  current: Pick<Selectable<PromptTable>, 'id' | 'version'>,
  change: PromptChange,
): Promise<void> {
  const version = current.version + 1;
  await trx
    .updateTable('prompts')
    .set({ ...change.set, version, updated_at: new Date(context.clock.now()) })
    .where('id', '=', current.id)
    .execute();
  await recordPromptEvent(trx, context, {
    promptId: current.id,
    version,
    kind: change.kind,
    account: change.account,
    ...(change.code === undefined ? {} : { code: change.code }),
    ...(change.text === undefined ? {} : { text: change.text }),
  });
}

interface PromptEvent {
  readonly promptId: string;
  readonly version: number;
  readonly kind: string;
  readonly account: string | null;
  readonly code?: string;
  readonly text?: string;
}

async function recordPromptEvent(trx: Transaction<GatewaySchema>, context: GatewayContext, event: PromptEvent): Promise<void> {
  const at = new Date(context.clock.now());
  const sealing = event.text === undefined || event.text === '' ? undefined : context.sealing.create();
  await trx
    .insertInto('prompt_events')
    .values({
      prompt_id: event.promptId,
      version: event.version,
      kind: event.kind,
      account: event.account,
      code: event.code ?? null,
      wrapped_key: sealing?.wrapped ?? null,
      sealed_text: sealing === undefined ? null : sealing.seal(event.text ?? '', 'prompt-event'),
      at,
    })
    .execute();
  await recordAudit(trx, context, {
    actor: event.account === null ? 'gateway' : 'clinician',
    action: `prompt.${event.kind}`,
    subject: { promptId: event.promptId, version: String(event.version), ...(event.code === undefined ? {} : { code: event.code }) },
    detail: { account: event.account },
  });
}
