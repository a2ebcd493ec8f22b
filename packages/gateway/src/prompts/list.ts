import { ZhidaError } from '@zhida/core';
import type { Clinician } from '../access/clinician.js';
import type { GatewayContext } from '../context.js';
import { eachReadable } from '../each-readable.js';
import { openVisits } from '../encounters/store.js';
import { sentAs } from '../exercises.js';
import type { LocaleName } from '../locales/locale.js';
import { isAddressedTo } from './addressed.js';
import { answersOf } from './answers.js';
import type { PromptRow } from './change.js';
import { draftsOf } from './drafts.js';
import { grouped, pressesOf, reportedBy, reportsOf } from './reports.js';
import { UNANSWERED } from './states.js';
import { toldOf } from './told.js';
import { type PromptMaterial, type PromptView, viewPrompt } from './view.js';

const RECENT_MS = 72 * 3_600_000;
const LIMIT = 200;

/** Prompts for this clinician that nobody has answered, and those of the last 72 hours; red first, newest first. */
export async function listPrompts(context: GatewayContext, clinician: Clinician, locale: LocaleName): Promise<PromptView[]> {
  const rows = await recentPrompts(context, clinician).selectAll().execute();
  return viewPrompts(context, rows, clinician, locale);
}

/** @throws ZhidaError `ZD_ERR_NOT_FOUND` also for a prompt of other people, and for one whose visit is not kept any more. */
export async function readPrompt(context: GatewayContext, id: string, clinician: Clinician, locale: LocaleName): Promise<PromptView> {
  const rows = await context.database.db
    .selectFrom('prompts')
    .selectAll()
    .where('facility', '=', context.facility.code)
    .where('id', '=', id)
    .where(isAddressedTo(clinician))
    .execute();
  const [view] = await viewPrompts(context, rows, clinician, locale);
  if (view === undefined) throw new ZhidaError('ZD_ERR_NOT_FOUND', 'no such prompt', { at: 'id' });
  return view;
}

/** The prompts of the list by these ids, as they stand now. */
export async function readPrompts(
  context: GatewayContext,
  ids: readonly string[],
  clinician: Clinician,
  locale: LocaleName,
): Promise<PromptView[]> {
  if (ids.length === 0) return [];
  const rows = await recentPrompts(context, clinician).selectAll().where('id', 'in', ids).execute();
  return viewPrompts(context, rows, clinician, locale);
}

/** A prompt of the list as it stands, for comparing. */
export interface PromptMark {
  readonly id: string;
  /**
   * Its version; what the visit that speaks for it was last told as; and how often this person has answered its questions: a name or a
   * room put right, and an answer of another page, move no version.
   */
  readonly mark: string;
}

/** The prompts of the list: what an open stream compares with what it has sent. */
export async function promptMarks(context: GatewayContext, clinician: Clinician): Promise<PromptMark[]> {
  const rows = await recentPrompts(context, clinician)
    .select((row) => [
      'id',
      'version',
      row
        .selectFrom('encounters')
        .select('input_sha256')
        .whereRef('encounters.facility', '=', 'prompts.facility')
        .whereRef('encounters.encounter_key', '=', 'prompts.encounter_key')
        .as('input'),
      row
        .selectFrom('prompt_answers')
        .select('revision')
        .whereRef('prompt_answers.facility', '=', 'prompts.facility')
        .whereRef('prompt_answers.prompt_id', '=', 'prompts.id')
        .where('prompt_answers.account', '=', clinician.account)
        .as('answered'),
      // A report gets its number after its press, and the prompt does not move.
      row
        .selectFrom('presses')
        .select((press) => press.fn.countAll().as('numbered'))
        .whereRef('presses.facility', '=', 'prompts.facility')
        .whereRef('presses.prompt_id', '=', 'prompts.id')
        .where('presses.number', 'is not', null)
        .as('reports'),
    ])
    .execute();
  return rows.map(({ id, version, input, answered, reports }) => ({ id, mark: `${version} ${input ?? ''} ${answered ?? ''} ${reports}` }));
}

function recentPrompts(context: GatewayContext, clinician: Clinician) {
  const since = new Date(context.clock.now() - RECENT_MS);
  return context.database.db
    .selectFrom('prompts')
    .where('facility', '=', context.facility.code)
    .where(isAddressedTo(clinician))
    .where((where) => where.or([where('state', 'in', UNANSWERED), where('updated_at', '>=', since)]))
    .orderBy((order) => order('state', 'in', UNANSWERED), 'desc')
    .orderBy((order) => order('level', '=', 'red'), 'desc')
    .orderBy('created_at', 'desc')
    .limit(LIMIT);
}

async function viewPrompts(
  context: GatewayContext,
  rows: readonly PromptRow[],
  clinician: Clinician,
  locale: LocaleName,
): Promise<PromptView[]> {
  const ids = rows.map(({ id }) => id);
  const [materials, drafts, answers] = await Promise.all([
    materialsOf(context, rows, clinician.account),
    draftsOf(context, ids, clinician.account),
    answersOf(context, ids, clinician.account),
  ]);
  return eachReadable(context, 'prompts', materials, (material) => {
    const { id } = material.prompt;
    const own = { draft: drafts.get(id) ?? null, answers: answers.get(id) ?? null };
    return viewPrompt(context, { ...material, ...own }, clinician, locale);
  });
}

/** Opens what the prompts are rendered from, in six queries however many they are. */
async function materialsOf(
  context: GatewayContext,
  prompts: readonly PromptRow[],
  account: string,
): Promise<Omit<PromptMaterial, 'draft' | 'answers'>[]> {
  const ids = prompts.map(({ id }) => id);
  const [keys, reports, own, refused, told] = await Promise.all([
    encountersOf(context, ids),
    reportsOf(context, prompts, account),
    reportedBy(context, ids, account),
    refusalsOf(context, ids),
    toldOf(context.database.db, context, ids),
  ]);
  const opened = await openVisits(context.database.db, context, [
    ...new Set([...prompts.map(({ encounter_key: main }) => main), ...[...keys.values()].flat()]),
  ]);
  return prompts.flatMap((prompt) => {
    const others = (keys.get(prompt.id) ?? []).filter((key) => key !== prompt.encounter_key);
    const [main, ...rest] = [prompt.encounter_key, ...others].flatMap((key) => opened.get(key) ?? []);
    const known = {
      reports: reports.get(prompt.id) ?? [],
      reportedBySelf: own.has(prompt.id),
      refusedAt: refused.get(prompt.id) ?? null,
      told: told.get(prompt.id) ?? {},
    };
    // What was asked in an exercise is not shown of the child whose visit it turned out to be, who has a prompt of their own.
    const isOfChild = prompt.exercise && sentAs(context, main?.snapshot.patient).mode !== 'exercise';
    return main === undefined || isOfChild ? [] : [{ prompt, visits: [main, ...rest], ...known }];
  });
}

async function encountersOf(context: GatewayContext, promptIds: readonly string[]): Promise<Map<string, string[]>> {
  if (promptIds.length === 0) return new Map();
  const rows = await context.database.db
    .selectFrom('prompt_encounters')
    .select(['prompt_id', 'encounter_key'])
    .where('facility', '=', context.facility.code)
    .where('prompt_id', 'in', promptIds)
    .where('level', '<>', 'none')
    .orderBy('updated_at', 'desc')
    .execute();
  return grouped(rows.map((row) => [row.prompt_id, row.encounter_key]));
}

/** Since when the presses of each prompt are refused; the last of them. */
async function refusalsOf(context: GatewayContext, promptIds: readonly string[]): Promise<Map<string, Date>> {
  if (promptIds.length === 0) return new Map();
  const rows = await pressesOf(context, promptIds)
    .select(['prompt_id', 'refused_at'])
    .where('state', '=', 'held')
    .where('refused_at', 'is not', null)
    .orderBy('refused_at')
    .execute();
  return new Map(rows.flatMap(({ prompt_id: id, refused_at: at }) => (id === null || at === null ? [] : [[id, at]])));
}
