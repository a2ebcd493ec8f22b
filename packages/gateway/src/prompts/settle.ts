import { isRecord, ZhidaError } from '@zhida/core';
import type { Whereabouts } from '@zhida/report';
import type { Transaction } from 'kysely';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import type { GatewaySchema } from '../schema.js';
import { lockAddressed } from './addressed.js';
import type { PromptAnswered } from './answer.js';
import { keptVisits } from './answers.js';
import { changePrompt, lockPrompt, type PromptRow } from './change.js';
import { toKeep } from './evidence-acts.js';
import { NOTHING_ASKED } from './moments.js';
import { refuseEnded } from './states.js';
import { saveTold, type Told } from './told.js';

const { left_as: NOT_ASKED, ...NOT_KEPT } = NOTHING_ASKED;

/** S7: what a person says of what is asked when a child leaves, or at an order after which evidence would be lost. */
export interface Settled {
  /** The patient who was on the screen. */
  readonly patientId: string;
  readonly said:
    | { readonly about: 'whereabouts'; readonly whereabouts: Whereabouts & { readonly status: SettledStatus } }
    | { readonly about: 'evidence'; readonly status: 'kept' | 'unavailable'; readonly place: string };
}

/** Where the child is; `in-facility` says that the child has not left. */
export const SETTLED_STATUSES = ['left', 'transferred', 'deceased', 'in-facility'] as const;
type SettledStatus = (typeof SETTLED_STATUSES)[number];

/**
 * Takes what is told where there is no report yet it could go into: it is kept sealed and stands in the next report of the prompt, and
 * nobody is asked again. After a report it is a follow-up, which ends the asking too ({@link settleByReport}).
 *
 * @throws ZhidaError `ZD_ERR_NOT_FOUND`; `ZD_ERR_CONFLICT` when it is not asked any more, the prompt has ended or was decided, or is
 * another patient's than the one on the screen.
 */
export async function settlePrompt(
  context: GatewayContext,
  id: string,
  clinician: Clinician,
  { patientId, said }: Settled,
): Promise<PromptAnswered> {
  return context.database.db.transaction().execute(async (trx) => {
    const prompt = await lockAddressed(trx, context, id, clinician);
    refuseEnded(prompt);
    const [main] = await keptVisits(trx, context, prompt);
    if (patientId !== (main?.snapshot.patient?.id ?? ''))
      throw new ZhidaError('ZD_ERR_CONFLICT', 'the prompt is another patient’s than the one who was on the screen', { at: 'patientId' });
    const { account } = clinician;
    await saveTold(trx, context, { promptId: id, account }, toldBy(prompt, said));
    const after = await changePrompt(trx, context, id, {
      kind: 'settled',
      account,
      code: said.about === 'evidence' ? said.status : said.whereabouts.status,
      set: said.about === 'evidence' ? NOT_KEPT : { left_as: NOT_ASKED },
    });
    return { id, version: after.version, state: after.state };
  });
}

/** @throws ZhidaError `ZD_ERR_CONFLICT` for what nobody is asked: a colleague was first. */
function toldBy(prompt: PromptRow, said: Settled['said']): Told {
  const { left_as: leftAs } = prompt;
  if (said.about === 'whereabouts') {
    if (leftAs === null) throw notAsked(said.about);
    return { whereabouts: { leftAs, said: said.whereabouts } };
  }
  const items = toKeep(prompt);
  if (items.length === 0) throw notAsked(said.about);
  const { status, place } = said;
  return {
    evidence: items.map(({ kind, volatileUntil }) => ({
      kind,
      status,
      ...(place === '' ? {} : { place }),
      ...(status === 'kept' ? { volatileUntil } : {}),
    })),
  };
}

function notAsked(at: string): ZhidaError {
  return new ZhidaError('ZD_ERR_CONFLICT', 'this is not asked any more', { at });
}

/** A later report of a case says where the child is, or what is kept: nobody is asked any more. A prompt that is gone holds up no report. */
export async function settleByReport(
  trx: Transaction<GatewaySchema>,
  context: GatewayContext,
  firstPressId: string,
  { account, body }: { readonly account: string; readonly body: Uint8Array },
): Promise<void> {
  const { whereabouts, evidence } = JSON.parse(new TextDecoder().decode(body)) as Readonly<Record<string, unknown>>;
  if (whereabouts === undefined && evidence === undefined) return;
  const first = await trx
    .selectFrom('presses')
    .select('prompt_id')
    .where('facility', '=', context.facility.code)
    .where('press_id', '=', firstPressId)
    .executeTakeFirst();
  const prompt = first?.prompt_id ? await lockPrompt(trx, context, first.prompt_id) : undefined;
  if (prompt === undefined) return;
  const set = {
    ...(whereabouts !== undefined && prompt.left_as !== null ? { left_as: NOT_ASKED } : {}),
    ...(evidence !== undefined && prompt.keep_at !== null ? NOT_KEPT : {}),
  };
  if (Object.keys(set).length > 0) await changePrompt(trx, context, prompt.id, { kind: 'settled', account, code: 'reported', set });
}

const TEXT_LENGTH_MAX = 200;

/** @throws ZhidaError `ZD_ERR_INPUT_UNREADABLE` for anything but a patient and one of the two. */
export function readSettled({ patientId, whereabouts, evidence }: Readonly<Record<string, unknown>>): Settled {
  if (typeof patientId !== 'string') throw unreadable('patientId');
  if (whereabouts === undefined) {
    const { status, place = '' } = objectAt(evidence, 'evidence');
    if (status !== 'kept' && status !== 'unavailable') throw unreadable('evidence.status');
    return { patientId, said: { about: 'evidence', status, place: textAt(place, 'evidence.place') } };
  }
  const { status, ...words } = objectAt(whereabouts, 'whereabouts');
  const known = SETTLED_STATUSES.find((one) => one === status);
  if (known === undefined) throw unreadable('whereabouts.status');
  const texts = (['withWhom', 'destination', 'since'] as const)
    .map((name) => [name, textAt(words[name] ?? '', `whereabouts.${name}`)] as const)
    .filter(([, text]) => text !== '');
  return { patientId, said: { about: 'whereabouts', whereabouts: { status: known, ...Object.fromEntries(texts) } } };
}

function objectAt(value: unknown, at: string): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw unreadable(at);
  return value;
}

function textAt(value: unknown, at: string): string {
  if (typeof value !== 'string' || value.length > TEXT_LENGTH_MAX) throw unreadable(at);
  return value.trim();
}

function unreadable(at: string): ZhidaError {
  return new ZhidaError('ZD_ERR_INPUT_UNREADABLE', 'this member is missing or wrong', { at });
}
